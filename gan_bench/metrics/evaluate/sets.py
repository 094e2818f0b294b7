"""Rows of metric values for two sets of features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from gan_bench import registry
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined, Sets, values_of
from gan_bench.metrics.evaluate.families import Family, RealSide, Ref, lacking, load_family, read_all
from gan_bench.metrics.pairs import Requests
from gan_bench.seeds import generator
from gan_bench.train._torch import deterministic

if TYPE_CHECKING:
    from gan_bench.metrics.evaluate.access import RunAccess

Row = dict[str, Any]

#: The largest absolute value of a set's features must be 0 or in this range, so that powers and squared distances are
#: accurate.
SMALLEST, LARGEST = 1e-12, 1e12


def evaluate_sets(
    real: Features,
    fake: Features,
    metric_refs: Sequence[Ref],
    *,
    seed: int,
    extractor_label: str,
    split: str | None,
    train: Features | None = None,
    known: RealSide | None = None,
    run: RunAccess | None = None,
    device: str = "cpu",
    block: int | None = None,
) -> list[Row]:
    """Compute the metric families in `metric_refs` (names with all settings). Returns one row per metric value.

    Each family gets a new random generator with the same seed, so a value does not depend on the other families.

    Args:
        train: features of the training images.
        known: what `prepare_real` returned for the same real rows.
        run: access to the run that made `fake`, for families that need it.
        block: number of rows that are compared at a time.

    Raises:
        UserError: features are not finite, have different dimensions, or are too large or too small; or
            log-probabilities contain NaN or positive numbers; or a family returns other names than it declares.
    """
    for points, which in ((real, "real"), (fake, "generated"), (train, "training")):
        if points is not None:
            _check(points, which)
            if points.dim != real.dim:
                raise UserError(
                    f"real features have {real.dim} dimensions and {which} features have {points.dim}; both need the "
                    "same number."
                )
    labels = {"n_real": len(real), "n_fake": len(fake), "extractor": extractor_label, "split": split}
    known = known or RealSide()
    memo: dict[str, Any] = {}
    # One thread: sums depend on the number of threads, and values must not depend on the number of cores.
    with threadpool_limits(1, user_api="blas"), deterministic(1, torch.device(device)):
        requests, families, notes = Requests(), [], []
        for ref in metric_refs:
            facts = registry.component("metrics", ref["name"]).facts
            notes.append(lacking(facts, real, fake, train=train is not None, run=run is not None))
            families.append(None if notes[-1] else load_family(ref, requests))
        pairs = read_all(requests, real, fake, train, known, device, block)
        rows: list[Row] = []
        for ref, family, note in zip(metric_refs, families, notes, strict=True):
            if family is None:
                rows += _family_rows(ref, {}, note, labels)
                continue
            if family.parts and isinstance(pairs, MetricUndefined):
                rows += _family_rows(ref, {}, str(pairs), labels)
                continue
            side = _side(family, known, real)
            parts = {**family.parts, "pairs": pairs}
            sets = Sets(real, fake, train, side, parts, run, device, memo)
            rows += _family_rows(ref, *_compute(family, sets, seed), labels)
    return rows


def _side(family: Family, known: RealSide, real: Features) -> Mapping[str, np.ndarray]:
    """The result of the family's `real_side`, from `known` or computed now."""
    if family.side_key is None:
        return {}
    if family.side_key in known.sides:
        return known.sides[family.side_key]
    arrays: Mapping[str, np.ndarray] = family.module.real_side(real)
    return arrays


def null_rows(
    metric_refs: Sequence[Ref], note: str, *, n_real: int, n_fake: int, extractor_label: str, split: str | None
) -> list[Row]:
    """The rows that `evaluate_sets` returns, with null values and the reason `note`."""
    labels = {"n_real": n_real, "n_fake": n_fake, "extractor": extractor_label, "split": split}
    return [row for ref in metric_refs for row in _family_rows(ref, {}, note, labels)]


def seeded_rows(total: int, n: int, seed: int) -> np.ndarray:
    """`n` different row numbers below `total`, drawn by `seed`, ascending."""
    return np.sort(_rng(seed).permutation(total)[:n])


def _rng(seed: int) -> np.random.Generator:
    """Random generator of a metric. It is a child of the generator from which the latents of the samples are drawn."""
    return generator(seed, "evaluation").spawn(1)[0]


def _check(points: Features, which: str) -> None:
    bad = np.flatnonzero(~np.isfinite(points.features).all(axis=1))
    if len(bad):
        raise UserError(
            f"{len(bad)} of {len(points)} rows of {which} features are not finite (the first is row {bad[0]}); "
            "no metric can be computed from them."
        )
    largest = float(np.abs(points.features).max(initial=0.0))
    if largest > LARGEST or 0.0 < largest < SMALLEST:
        raise UserError(
            f"the largest absolute value of the {which} features is {largest:.3g}; it must be between {SMALLEST:g} and "
            f"{LARGEST:g}, else rounding makes metrics inaccurate: multiply all sets by the same factor."
        )
    log_probs = points.log_probs
    if log_probs is not None and not (log_probs <= 0).all():  # NaN compares false; -inf is a probability of 0
        raise UserError(f"log-probabilities of {which} images contain NaN or positive numbers.")


def _compute(family: Family, sets: Sets, seed: int) -> tuple[dict[str, Any], str | None]:
    """The values of one family and None; or no values and the reason."""
    try:
        values = family.module.compute(sets, family.settings, _rng(seed))
    except MetricUndefined as reason:
        return {}, str(reason)
    if set(values) != set(family.facts["values"]):
        raise UserError(
            f"metric {family.ref['name']!r} gives the values {', '.join(sorted(values))}; it declares "
            f"{', '.join(family.facts['values'])}."
        )
    return values, None


def _family_rows(ref: Ref, values: dict[str, Any], note: str | None, labels: dict[str, Any]) -> list[Row]:
    facts = registry.component("metrics", ref["name"]).facts
    if set(facts["needs"]) == {"run"}:
        # The family scores the run itself. It reads no features, and chooses the numbers of images itself.
        labels = {**labels, "extractor": None, "n_real": None, "n_fake": None}
    elif facts["needs"] == ["images"]:
        labels = {**labels, "extractor": None}
    rows = []
    for declared in values_of(facts):
        value, reason = values.get(declared.name), note
        if isinstance(value, MetricUndefined):
            value, reason = None, str(value)
        if value is not None and not np.isfinite(value):
            value, reason = None, f"the value is {value}"
        rows.append(
            {
                "name": declared.name,
                "value": None if value is None else float(value),
                "estimator": facts["estimator"],
                "note": reason,
                **labels,
            }
        )
    return rows
