"""What choosing by the numbers that are reported flatters, measured by choosing on other seeds than are reported."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import pandas as pd

from gan_bench import seeds
from gan_bench.stats.estimate.resample import SEED
from gan_bench.stats.tables.score_matrix import KEY, Scores, ranked_values
from gan_bench.stats.tables.validation import chosen_by_validation

#: Ways of halving the seeds that are tried: all of them up to this number, else so many at random.
MOST_SPLITS = 200

COLUMNS = [
    *(*KEY, "what", "variant", "n_choices", "n_seeds", "n_splits", "selected_score", "held_out_score", "optimism"),
    *("optimism_low", "optimism_high", "final_score", "note"),
]


def selection_table(
    scores: Sequence[Scores],
    curves: pd.DataFrame,
    labels: dict[tuple[Any, Any], str],
    validation: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per data set and metric for the choice of a variant, one per variant for that of a step; columns COLUMNS.

    "variant": the best mean of one half of the seeds, reported on that half and on the other. "step": the best kept
    generator of each run by its own number, against the step that is best for the other seeds of its variant.
    With images set aside (`validation`) both again, chosen by those: `held_out_score` is then the reported score of
    what they choose. `optimism` is how much better the number that was chosen by looks, in
    the metric's unit (+ always flatters).
    """
    rows = [{**score.key, "what": "variant", **_halved(score)} for score in scores]
    rows += list(_steps(curves, labels))
    if validation is not None:
        rows += list(chosen_by_validation(scores, curves, validation, labels))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(["n_choices", "n_seeds", "n_splits"], "Int64"))


def halves(n: int, seed: int = SEED) -> np.ndarray:
    """(splits, n) of True for the half to choose by (the smaller one of an odd number), every split or MOST_SPLITS."""
    size = n // 2
    if comb(n, size) <= MOST_SPLITS:
        chosen = np.array(list(combinations(range(n), size)), dtype=int).reshape(-1, size)
    else:
        rng = seeds.generator(seed, "bootstrap")
        chosen = np.argsort(rng.random((MOST_SPLITS, n)), axis=1)[:, :size]
    mask = np.zeros((len(chosen), n), dtype=bool)
    mask[np.arange(len(chosen))[:, None], chosen] = True
    return mask


def _halved(score: Scores) -> dict[str, Any]:
    """Choose the variant with the best mean on a half of the seeds; report it there and on the other half."""
    scored = score.scored
    whole = ~np.isnan(scored).any(axis=1)
    table = scored[whole]
    row: dict[str, Any] = {"n_choices": int(whole.sum()), "n_seeds": table.shape[1]}
    if len(table) < 2:
        return {**row, "note": "fewer than two variants have a score at every seed: nothing to choose"}
    if table.shape[1] < 2:
        return {**row, "note": "one seed: nothing is left to report on"}
    mask = halves(table.shape[1])
    size = mask.sum(axis=1)
    inside = table @ mask.T / size
    outside = table @ ~mask.T / (table.shape[1] - size)
    best, split = inside.argmin(axis=0), np.arange(len(mask))
    left_out = len(scored) - len(table)
    return {
        **row,
        **_optimism(score.in_metric, inside[best, split], outside[best, split]),
        "n_splits": len(mask),
        "note": f"{left_out} variants without a score at every seed left out" if left_out else None,
    }


def _optimism(in_metric: Any, selected: np.ndarray, held_out: np.ndarray) -> dict[str, float]:
    """Means over splits, and what 95 % of the splits lie between; no confidence interval, as splits share seeds."""
    gained = held_out - selected
    low, high = np.quantile(gained, [0.025, 0.975])
    return {
        "selected_score": float(in_metric(selected.mean())),
        "held_out_score": float(in_metric(held_out.mean())),
        "optimism": float(gained.mean()),
        "optimism_low": float(low),
        "optimism_high": float(high),
    }


def _steps(curves: pd.DataFrame, labels: dict[tuple[Any, Any], str]) -> Iterator[dict[str, Any]]:
    if curves.empty:
        return
    for (dataset, metric, _), part in ranked_values(curves).groupby(["dataset", "metric", "cell"], sort=False):
        direction = str(part["direction"].iloc[0])
        key = {"study": part["study"].iloc[0], "dataset": dataset, "metric": metric, "direction": direction}
        key |= {"label": labels.get((dataset, metric), metric), "what": "step", "variant": part["variant"].iloc[0]}
        table = part.pivot_table(index="seed", columns="step", values="badness").dropna()
        yield {**key, **_chosen_steps(table.to_numpy(), -1.0 if direction == "higher" else 1.0)}


def _chosen_steps(table: np.ndarray, sign: float) -> dict[str, Any]:
    """(seeds, steps): each run at its own best step, against the best step of the other seeds' mean."""
    n, steps = table.shape
    row: dict[str, Any] = {"n_choices": steps, "n_seeds": n}
    if n == 0 or steps < 2:
        return {**row, "note": "fewer than two kept generators with a score: nothing to choose"}
    row["final_score"] = float(sign * table[:, -1].mean())
    if n < 2:
        return {**row, "note": "one seed: no other to choose the step by"}
    others = (table.sum(axis=0) - table) / (n - 1)
    held_out = table[np.arange(n), others.argmin(axis=1)]
    return {**row, **_optimism(lambda value: sign * value, table.min(axis=1), held_out), "n_splits": n}
