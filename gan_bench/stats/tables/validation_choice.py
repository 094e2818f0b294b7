"""Choices of a variant or a step by scores against validation images, and the reported scores of the chosen ones."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.stats.estimate.intervals import mean_interval
from gan_bench.stats.tables.score_matrix import Labels, ScoreMatrix, badness_by_step, key_of, ranked_values

#: Values of the column `what` of selection.csv for choices by validation images.
VARIANT, STEP = "variant, by validation", "step, by validation"

#: Smallest number of seeds for which an optimism is computed.
LEAST_SEEDS = 5
TOO_FEW = f"fewer than {LEAST_SEEDS} seeds: too few to estimate the optimism of a choice"


def validation_choices(
    matrices: Iterable[ScoreMatrix], curves: pd.DataFrame, validation: pd.DataFrame, labels: Labels
) -> Iterator[dict[str, Any]]:
    """Rows of selection.csv that compare the choice by validation images with the choice by the reported scores.

    `selected_score` is the best reported score. `held_out_score` is the reported score of the variant or step that
    validation images choose.

    Args:
        matrices: reported scores of the study.
        curves: the table curves.csv.
        validation: the table validation.csv.
        labels: printed name by (data set, metric).
    """
    rows = ranked_values(validation)
    final, kept = rows[rows["step"].isna()], rows[rows["step"].notna()]
    for matrix in matrices:
        part = final[(final["dataset"] == matrix.key["dataset"]) & (final["metric"] == matrix.key["metric"])]
        if len(part):
            yield {**matrix.key, "what": VARIANT, **_variant_choice(matrix, part)}
    yield from _steps(curves, kept, labels)


def _variant_choice(matrix: ScoreMatrix, part: pd.DataFrame) -> dict[str, Any]:
    """Columns of the choice of the variant with the best mean validation score. `part`: validation rows."""
    validation = np.full(matrix.badness.shape, np.nan)
    row = pd.Index(matrix.variants).get_indexer(pd.Index(part["variant"]))
    column = pd.Index(matrix.seeds).get_indexer(pd.Index(part["seed"].astype(int)))
    known = (row >= 0) & (column >= 0)
    validation[row[known], column[known]] = part["badness"].to_numpy(dtype=np.float64)[known]
    complete = ~np.isnan(matrix.scored).any(axis=1) & ~np.isnan(validation).any(axis=1)
    columns: dict[str, Any] = {"n_choices": int(complete.sum()), "n_seeds": len(matrix.seeds)}
    if complete.sum() < 2:
        return {**columns, "note": "fewer than two variants have both scores at every seed: nothing to choose"}
    if len(matrix.seeds) < LEAST_SEEDS:
        return {**columns, "note": TOO_FEW}
    reported_mean, validation_mean = matrix.scored[complete].mean(axis=1), validation[complete].mean(axis=1)
    chosen = int(validation_mean.argmin())
    return {
        **columns,
        **_optimism(matrix.in_metric, float(reported_mean.min()), float(reported_mean[chosen])),
        "variant": matrix.variants[np.flatnonzero(complete)[chosen]],
        "n_splits": 1,
    }


def _steps(curves: pd.DataFrame, kept: pd.DataFrame, labels: Labels) -> Iterator[dict[str, Any]]:
    """Rows of the choice of a step, one per cell and metric. `kept`: validation rows of generators kept in training."""
    if curves.empty or kept.empty:
        return
    keys = ["dataset", "metric", "cell"]
    validation_parts = dict(iter(kept.groupby(keys, sort=False)))
    for key, part in ranked_values(curves).groupby(keys, sort=False):
        if key not in validation_parts:
            continue
        reported, validation = badness_by_step(part), badness_by_step(validation_parts[key])
        # Only seeds and steps with both scores are used.
        both = reported.index.intersection(validation.index), reported.columns.intersection(validation.columns)
        reported, validation = reported.loc[both], validation.loc[both]
        row = {**key_of(part, labels), "what": STEP, "variant": part["variant"].iloc[0]}
        sign = -1.0 if row["direction"] == "higher" else 1.0
        yield {**row, **_step_choice(reported.to_numpy(), validation.to_numpy(), sign)}


def _step_choice(reported: np.ndarray, validation: np.ndarray, sign: float) -> dict[str, Any]:
    """Columns of the choice of a step for each run by its validation score, from badness (seeds, steps)."""
    n, steps = reported.shape
    row: dict[str, Any] = {"n_choices": steps, "n_seeds": n}
    if n == 0 or steps < 2:
        return {**row, "note": "fewer than two kept generators with both scores: nothing to choose"}
    if n < LEAST_SEEDS:
        return {**row, "note": TOO_FEW}
    chosen = reported[np.arange(n), validation.argmin(axis=1)]
    scores = mean_with_interval(reported.min(axis=1), chosen, sign)
    return {**row, **scores, "final_score": float(sign * reported[:, -1].mean()), "n_splits": n}


def _optimism(in_metric: Callable[[Any], Any], selected: float, held_out: float) -> dict[str, float]:
    """Columns with the two scores (with the sign of the metric) and their difference in badness."""
    return {
        "selected_score": float(in_metric(selected)),
        "held_out_score": float(in_metric(held_out)),
        "optimism": held_out - selected,
    }


def mean_with_interval(selected: np.ndarray, held_out: np.ndarray, sign: float) -> dict[str, float]:
    """Columns with the means of two scores of each run, and their mean difference with its interval.

    `selected`: badness (seeds,) at the best step of each run. `held_out`: badness (seeds,) at a step of each run that
    was chosen without this badness.
    """
    scores = _optimism(lambda value: sign * value, float(selected.mean()), float(held_out.mean()))
    low, high = mean_interval((held_out - selected).tolist()) or (np.nan, np.nan)
    return {**scores, "optimism_low": low, "optimism_high": high}
