"""Optimism: how much too good the reported score of a variant or a step is if the choice was made by this score.

The score that was used for the choice is compared with a held-out score, for which the choice and the score come from
different seeds. If the study sets validation images aside, choices by validation images are also compared
(`validation_choice`).
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench import seeds
from gan_bench.stats.estimate.intervals import LEVEL
from gan_bench.stats.estimate.resample import SEED
from gan_bench.stats.tables.score_matrix import KEY, Labels, ScoreMatrix, badness_by_step, key_of, ranked_values
from gan_bench.stats.tables.validation_choice import LEAST_SEEDS, TOO_FEW, mean_with_interval, validation_choices
from gan_bench.words import plural

#: Number of random splits of the seeds into halves. If at most this many splits exist, all are used.
MOST_SPLITS = 200
STABLE = "the same variant is best on every half of the seeds, so the optimism of the choice is exactly 0"

COLUMNS = [
    *(*KEY, "what", "variant", "n_choices", "n_seeds", "n_splits", "selected_score", "held_out_score", "optimism"),
    *("optimism_low", "optimism_high", "final_score", "note"),
]


def selection_table(
    matrices: Sequence[ScoreMatrix], curves: pd.DataFrame, labels: Labels, validation: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The table selection.csv, columns COLUMNS: one row per choice.

    Column `what` is the kind of choice. For "variant" (one row per data set and metric), the variant with the best mean
    on one half of the seeds is chosen. Its mean on this half is compared with its mean on the other half. For "step"
    (one row per data set, metric and variant), the step with the best score of a run is chosen. This score is compared
    with the score of the same run at the step that is best for the other seeds. With validation images there are also
    the rows of `validation_choices`.

    `optimism` is the difference between the score used for the choice and the held-out score, in the metric's unit. It
    is positive if the score used for the choice is better. `optimism_low` and `optimism_high` are its 95 % interval
    over seeds. These three columns are empty for fewer than LEAST_SEEDS seeds, and for fewer than two variants or
    steps. They are also empty if the same variant is chosen on every half. A choice of the kind "variant, by
    validation" has no interval.

    Args:
        matrices: score matrices of the study.
        curves: the table curves.csv.
        labels: printed name by (data set, metric).
        validation: the table validation.csv; None if the study sets no images aside.
    """
    rows = [{**matrix.key, "what": "variant", **_variant_by_halves(matrix)} for matrix in matrices]
    rows += list(_steps(curves, labels))
    if validation is not None:
        rows += list(validation_choices(matrices, curves, validation, labels))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(["n_choices", "n_seeds", "n_splits"], "Int64"))


def halves(n: int, seed: int = SEED) -> np.ndarray:
    """Mask (splits, n) of the floor(n / 2) seeds used for the choice, for all or for MOST_SPLITS random splits."""
    size = n // 2
    if comb(n, size) <= MOST_SPLITS:
        chosen = np.array(list(combinations(range(n), size)), dtype=int).reshape(-1, size)
    else:
        rng = seeds.generator(seed, "bootstrap")
        chosen = np.argsort(rng.random((MOST_SPLITS, n)), axis=1)[:, :size]
    mask = np.zeros((len(chosen), n), dtype=bool)
    mask[np.arange(len(chosen))[:, None], chosen] = True
    return mask


def _variant_by_halves(matrix: ScoreMatrix) -> dict[str, Any]:
    """Columns of the choice of the variant with the best mean on one half of the seeds."""
    scored = matrix.scored
    table = scored[~np.isnan(scored).any(axis=1)]
    row: dict[str, Any] = {"n_choices": len(table), "n_seeds": table.shape[1]}
    if len(table) < 2:
        return {**row, "note": "fewer than two variants have a score at every seed: nothing to choose"}
    if table.shape[1] < LEAST_SEEDS:
        return {**row, "note": TOO_FEW}
    selected, held_out, choices = _over_halves(table)
    row |= {
        name: float(matrix.in_metric(np.array(x)))
        for name, x in (("selected_score", selected), ("held_out_score", held_out))
    }
    row["n_splits"] = len(halves(table.shape[1]))
    if len(choices) == 1:
        return {**row, "note": STABLE}
    left_out = len(scored) - len(table)
    note = f"{plural(left_out, 'variant')} without a score at every seed left out" if left_out else None
    return {**row, **_jackknife(table, held_out - selected), "note": note}


def _over_halves(table: np.ndarray) -> tuple[float, float, set[int]]:
    """(mean badness on the half used for the choice, mean badness on the other half, chosen variants).

    In each split, the variant with the best mean on the half used for the choice is chosen. Both means are averages
    over all splits.

    Args:
        table: badness (variants, seeds).
    """
    mask = halves(table.shape[1])
    size = mask.sum(axis=1)
    inside = table @ mask.T / size
    outside = table @ ~mask.T / (table.shape[1] - size)
    best, split = inside.argmin(axis=0), np.arange(len(mask))
    return float(inside[best, split].mean()), float(outside[best, split].mean()), set(best.tolist())


def _jackknife(table: np.ndarray, optimism: float) -> dict[str, float]:
    """Columns of the optimism with its 95 % jackknife interval over seeds (Efron and Tibshirani 1993, chapter 11)."""
    n = table.shape[1]
    others = []
    for seed in range(n):
        selected, held_out, _ = _over_halves(np.delete(table, seed, axis=1))
        others.append(held_out - selected)
    error = np.sqrt((n - 1) * np.var(others))
    half = float(stats.t.ppf((1 + LEVEL) / 2, n - 1) * error)
    return {"optimism": optimism, "optimism_low": optimism - half, "optimism_high": optimism + half}


def _steps(curves: pd.DataFrame, labels: Labels) -> Iterator[dict[str, Any]]:
    if curves.empty:
        return
    for _, part in ranked_values(curves).groupby(["dataset", "metric", "cell"], sort=False):
        key = {**key_of(part, labels), "what": "step", "variant": part["variant"].iloc[0]}
        table = badness_by_step(part).to_numpy()
        yield {**key, **_step_choice(table, -1.0 if key["direction"] == "higher" else 1.0)}


def _step_choice(table: np.ndarray, sign: float) -> dict[str, Any]:
    """Columns of the choice of each run's own best step, from badness (seeds, steps)."""
    n, steps = table.shape
    row: dict[str, Any] = {"n_choices": steps, "n_seeds": n}
    if n == 0 or steps < 2:
        return {**row, "note": "fewer than two kept generators with a score: nothing to choose"}
    row["final_score"] = float(sign * table[:, -1].mean())
    if n < LEAST_SEEDS:
        return {**row, "note": TOO_FEW}
    others = (table.sum(axis=0) - table) / (n - 1)
    held_out = table[np.arange(n), others.argmin(axis=1)]
    return {**row, **mean_with_interval(table.min(axis=1), held_out, sign), "n_splits": n}
