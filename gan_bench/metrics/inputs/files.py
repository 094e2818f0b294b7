"""The work of `gan-bench evaluate`: two files in, rows of values out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench import registry
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.metrics.evaluate.sets import Ref, Row, evaluate_sets, null_rows
from gan_bench.metrics.inputs.load import Points, load_array, load_pair
from gan_bench.metrics.inputs.space import Space, default_ref, embed
from gan_bench.seeds import generator

DEFAULT_EXTRACTOR = "random_conv"


def evaluate_files(
    real: Path | str,
    fake: Path | str,
    *,
    real_labels: Path | str | None = None,
    fake_probs: Path | str | None = None,
    extractor: str | None = None,
    metrics: Sequence[str] | None = None,
    n: int | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Score generated against real data: {"metrics": rows, "floor": rows, "protocol": {...}} as in metrics.json.

    real, fake: .npy features (n, d) | .npy images (n, c, h, w) uint8 | folder of pictures, both of one kind.
    real_labels: .npy integers (n,). fake_probs: .npy class probabilities (m, k). extractor: for images (default
    random_conv), fitted to the real ones. metrics: families (default: all that the input allows). n: rows of each side,
    drawn by `seed` (default: as many as both have). The floor compares real rows that the scores do not use with real
    rows that they use, or two halves where too few are left. UserError for any mistake in files or arguments.
    """
    given = load_pair(real, fake)
    space = _space(*given, _labels(real_labels, given[0]), _log_probs(fake_probs, given[1]), extractor, seed)
    refs = _families(metrics, space.fake)
    count = _count(n, len(space.real), len(space.fake))
    order = generator(seed, "data").permutation(len(space.real))
    scored = space.real.take(np.sort(order[:count]))
    sampled = space.fake.take(np.sort(generator(seed, "evaluation").permutation(len(space.fake))[:count]))
    return {
        "metrics": evaluate_sets(scored, sampled, refs, seed=seed, extractor_label=space.label, split=None),
        "floor": _floor(space, order, count, refs, seed),
        "protocol": {
            "real": str(real),
            "fake": str(fake),
            "n_real": count,
            "n_fake": count,
            "n_real_available": len(space.real),
            "n_fake_available": len(space.fake),
            "real_scored": space.scored,
            "split": None,
            "seed": seed,
            "extractor": space.label,
            "extractor_settings": space.settings,
            "picture_rule": given[0].rule or given[1].rule,
            "metrics": refs,
        },
    }


def _space(
    real: Points,
    fake: Points,
    labels: np.ndarray | None,
    log_probs: np.ndarray | None,
    extractor: str | None,
    seed: int,
) -> Space:
    if real.images:
        name = extractor or DEFAULT_EXTRACTOR
        space = embed(real.array, fake.array, labels, name, seed)
        if log_probs is None:
            return space
        if space.fake.log_probs is not None:
            raise UserError(f"extractor {name!r} gives class probabilities itself; leave --fake-probs out.")
        return Space(space.real, Features(space.fake.features, log_probs), space.label, space.settings, space.scored)
    if extractor is not None:
        raise UserError(f"{real.path} holds features, which need no extractor; leave --extractor out.")
    if labels is not None and log_probs is None:
        raise UserError("--real-labels are read for images with an extractor that needs them, or beside --fake-probs.")
    certain = None if labels is None or log_probs is None else _certain(labels, log_probs.shape[1])
    dim = real.array.shape[1]
    return Space(
        Features(real.array, certain), Features(fake.array, log_probs), f"features as given ({dim}-d)", None, "all"
    )


def _labels(path: Path | str | None, real: Points) -> np.ndarray | None:
    if path is None:
        return None
    labels = load_array(path)
    if labels.shape != (len(real),) or not np.issubdtype(labels.dtype, np.integer) or labels.min() < 0:
        raise UserError(f"{path}: {labels.shape} {labels.dtype}; labels are ({len(real)},) integers from 0 on.")
    return labels.astype(np.int64)


def _log_probs(path: Path | str | None, fake: Points) -> np.ndarray | None:
    if path is None:
        return None
    probs = load_array(path)
    if probs.ndim != 2 or len(probs) != len(fake) or not np.issubdtype(probs.dtype, np.floating) or probs.shape[1] < 2:
        raise UserError(
            f"{path}: {probs.shape} {probs.dtype}; probabilities are ({len(fake)}, k) floats with k above 1."
        )
    wide = probs.astype(np.float64)
    if not ((wide >= 0).all() and (np.abs(wide.sum(axis=1) - 1) < 1e-3).all()):
        raise UserError(f"{path}: rows must be probabilities: none negative or NaN, each row with sum 1 (to 0.001).")
    with np.errstate(divide="ignore"):  # a probability of 0 has the logarithm -inf, which the metrics expect
        return np.log(wide / wide.sum(axis=1, keepdims=True))


def _certain(labels: np.ndarray, classes: int) -> np.ndarray:
    """Labels as log-probabilities: 0 for the label, -inf for the others."""
    if labels.max() >= classes:
        raise UserError(f"--real-labels go up to {labels.max()}, but --fake-probs has {classes} columns.")
    log_probs = np.full((len(labels), classes), -np.inf)
    log_probs[np.arange(len(labels)), labels] = 0.0
    return log_probs


def _families(names: Sequence[str] | None, fake: Features) -> list[Ref]:
    """References with default settings; by default every family whose needs are met."""
    if names is not None:
        return [default_ref("metrics", name.strip()) for name in names]
    usable = [
        c.name for c in registry.components("metrics") if c.facts["needs"] == "features" or fake.log_probs is not None
    ]
    return [default_ref("metrics", name) for name in usable]


def _count(n: int | None, n_real: int, n_fake: int) -> int:
    available = min(n_real, n_fake)
    if n is None:
        return available
    if not 2 <= n <= available:
        raise UserError(f"--n is {n}; valid: 2 to {available} ({n_real} real and {n_fake} generated rows to score).")
    return n


def _floor(space: Space, order: np.ndarray, count: int, refs: list[Ref], seed: int) -> list[Row]:
    """The same metrics between real rows `order[:k]` and `order[k:2k]`, k = count where the real rows suffice."""
    size = min(count, len(order) // 2)
    if size < 2:
        note = f"{len(order)} real rows do not make two sets"
        return null_rows(refs, note, n_real=size, n_fake=size, extractor_label=space.label, split=None)
    first, second = space.real.take(np.sort(order[:size])), space.real.take(np.sort(order[size : 2 * size]))
    rows = evaluate_sets(first, second, refs, seed=seed, extractor_label=space.label, split=None)
    if size == count:
        return rows
    why = f"two halves of the real rows: n is {size}, not {count}"
    return [{**row, "note": why if row["note"] is None else row["note"]} for row in rows]
