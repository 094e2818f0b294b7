"""Rows of metric values for two sets of features."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from gan_bench import registry
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined, values_of
from gan_bench.seeds import generator

Ref = dict[str, Any]
Row = dict[str, Any]


def evaluate_sets(
    real: Features,
    fake: Features,
    metric_refs: Sequence[Ref],
    *,
    seed: int,
    extractor_label: str,
    split: str | None,
) -> list[Row]:
    """One row for each value of each family in `metric_refs` (resolved references), in their order.

    Each family draws from a generator of its own, so the list of families changes no value. UserError for features
    that are not finite or of different dimensions.
    """
    _check(real, "real")
    _check(fake, "generated")
    if real.dim != fake.dim:
        raise UserError(f"real features have {real.dim} dimensions and generated ones {fake.dim}; they must agree.")
    counts = {"n_real": len(real), "n_fake": len(fake)}
    rows: list[Row] = []
    for ref in metric_refs:
        values, note = _compute(real, fake, ref, seed)
        rows += _family_rows(ref, values, note, {**counts, "extractor": extractor_label, "split": split})
    return rows


def null_rows(
    metric_refs: Sequence[Ref], note: str, *, n_real: int, n_fake: int, extractor_label: str, split: str | None
) -> list[Row]:
    """The rows of `evaluate_sets`, all without a value for the reason `note`."""
    place = {"n_real": n_real, "n_fake": n_fake, "extractor": extractor_label, "split": split}
    return [row for ref in metric_refs for row in _family_rows(ref, {}, note, place)]


def seeded_rows(total: int, n: int, seed: int) -> np.ndarray:
    """`n` of `total` row numbers without repetition, ascending; all of them for n = total."""
    return np.sort(_rng(seed).permutation(total)[:n])


def _rng(seed: int) -> np.random.Generator:
    """A stream of its own: samples of the same seed draw their latents from the parent of this one."""
    return generator(seed, "evaluation").spawn(1)[0]


def _check(points: Features, which: str) -> None:
    bad = np.flatnonzero(~np.isfinite(points.features).all(axis=1))
    if len(bad):
        raise UserError(
            f"{len(bad)} of {len(points)} rows of {which} features are not finite (the first is row {bad[0]}); "
            "no metric can be computed from them."
        )
    log_probs = points.log_probs
    if log_probs is not None and not (log_probs <= 0).all():  # NaN compares false; -inf is a probability of 0
        raise UserError(f"log-probabilities of {which} images hold NaN or positive numbers.")


def _compute(real: Features, fake: Features, ref: Ref, seed: int) -> tuple[dict[str, float], str | None]:
    """Values of one family, or none and the reason."""
    facts = registry.component("metrics", ref["name"]).facts
    few = min(len(real), len(fake))
    if few < facts["min_n"]:
        return {}, f"needs {facts['min_n']} rows of each set; the smaller has {few}"
    if facts["needs"] == "log_probs" and fake.log_probs is None:
        return {}, "needs class probabilities and this extractor gives none"
    if facts["needs"] == "modes" and (fake.modes is None or real.modes is None):
        return {}, "needs the modes of the data and this extractor knows none"
    settings = {key: value for key, value in ref.items() if key not in ("name", "digest")}
    try:
        # Sums of BLAS depend on its threads: one, so that no value depends on the cores of a machine.
        with threadpool_limits(1, user_api="blas"):
            values = registry.load("metrics", ref["name"]).compute(real, fake, settings, _rng(seed))
    except MetricUndefined as reason:
        return {}, str(reason)
    if set(values) != set(facts["values"]):
        raise UserError(
            f"metric {ref['name']!r} gives the values {', '.join(sorted(values))}; it declares "
            f"{', '.join(facts['values'])}."
        )
    return values, None


def _family_rows(ref: Ref, values: dict[str, float], note: str | None, place: dict[str, Any]) -> list[Row]:
    facts = registry.component("metrics", ref["name"]).facts
    rows = []
    for declared in values_of(facts):
        value, why = values.get(declared.name), note
        if value is not None and not np.isfinite(value):
            value, why = None, f"the value is {value}"
        rows.append(
            {
                "name": declared.name,
                "value": None if value is None else float(value),
                "estimator": facts["estimator"],
                "note": why,
                **place,
            }
        )
    return rows
