"""Expected best score of a random search by its number of runs (Lucic et al. 2018, arXiv:1711.10337, section 5)."""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.stats.estimate.expected_best import order_weights, order_weights_dodge, weighted_quantile
from gan_bench.stats.tables.score_matrix import KEY, Labels, comparable, key_of

#: A budget is a number of runs. The table has a row for each budget up to EVERY_UP_TO. Beyond it, there are
#: PER_DOUBLING rows each time the budget doubles.
EVERY_UP_TO = 20
PER_DOUBLING = 4
#: Weights are cached if there are at most this many runs, because very many variants have the same small number of
#: runs.
CACHED_UP_TO = 100

#: Kind of search -> column of runs.csv. The runs with the same value in this column are one search. None: all runs are
#: one search.
SEARCHES = {"all": None, "loss": "loss", "model": "model", "optimizer": "g_optimizer", "variant": "variant"}

COLUMNS = [
    *(*KEY, "searched", "group", "budget", "expected_best", "best_q05", "best_q95", "p_none", "expected_best_dodge"),
    *("mean_images", "n_runs", "n_failed", "note"),
]


def budgets_up_to(n: int) -> np.ndarray:
    """Budgets of a search over n runs: 1 ... EVERY_UP_TO, then PER_DOUBLING per doubling, and n itself."""
    steps = int(np.ceil(PER_DOUBLING * np.log2(max(n, 1) / EVERY_UP_TO))) if n > EVERY_UP_TO else 0
    wide = [round(EVERY_UP_TO * 2 ** (i / PER_DOUBLING)) for i in range(1, steps)]
    return np.unique([*range(1, min(n, EVERY_UP_TO) + 1), *wide, n])


def budget_table(runs: pd.DataFrame, labels: Labels) -> pd.DataFrame:
    """The table budget.csv: one row per data set, metric, searched group of runs and budget, columns COLUMNS.

    A budget is a number of runs that are drawn from the group; each run has settings and a seed. The best run is chosen
    by the reported score, as in the cited paper. A lost run is drawn like any other run, but it is never the best one.
    The expectation is over draws with at least one score; `p_none` is the probability of a draw without a score.

    Args:
        runs: the table runs.csv.
        labels: printed name by (data set, metric).
    """
    rows = comparable(runs)
    rows = rows[rows["badness"].notna()]
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for _, part in rows.groupby(["dataset", "metric"], sort=False):
        key = key_of(part, labels)
        for searched, column in SEARCHES.items():
            for group, badness, images in _groups(part, column):
                for row in _curve(badness, images, key["direction"]):
                    row |= {**key, "searched": searched, "group": group}
                    for name, values in columns.items():
                        values.append(row.get(name))
    table = pd.DataFrame(columns, columns=COLUMNS)
    return table.astype(dict.fromkeys(["budget", "n_runs", "n_failed"], "Int64"))


def _groups(part: pd.DataFrame, column: str | None) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield (group, badness, images) for each value of a column, in order of first appearance.

    Runs without a value are left out. If `column` is None, all runs are one group.
    """
    badness = part["badness"].to_numpy()
    images = part["images"].to_numpy(dtype=np.float64, na_value=np.nan)
    if column is None:
        yield "all", badness, images
        return
    group, names = pd.factorize(part[column])
    order = np.argsort(group, kind="stable")
    places = np.split(order, np.searchsorted(group[order], np.arange(len(names))))[1:]
    for name, place in zip(names, places, strict=True):
        yield str(name), badness[place], images[place]


def _curve(badness: np.ndarray, images: np.ndarray, direction: str) -> Iterator[dict[str, Any]]:
    """Rows of one search, one per budget. If all runs are lost, there is one row without a budget.

    `badness`, `images`: (runs,) of the group; inf is a lost run.
    """
    badness, images = np.sort(badness), images[~np.isnan(images)]
    n, scored = len(badness), int(np.isfinite(badness).sum())
    counts = {"n_runs": n, "n_failed": n - scored}
    if not scored:
        yield {**counts, "note": "all runs are lost"}
        return
    budgets, weights, dodge = _cached_weights(n) if n <= CACHED_UP_TO else _weights(n)
    ordered, sign = badness[:scored], -1.0 if direction == "higher" else 1.0
    weights, dodge = weights[:, :scored], dodge[:, :scored]
    p_some = weights.sum(axis=1)
    low, high = (weighted_quantile(ordered, weights / p_some[:, None], at) for at in (0.05, 0.95))
    ends = (low, high) if sign > 0 else (-high, -low)
    for i, budget in enumerate(budgets):
        yield {
            **counts,
            "budget": int(budget),
            "expected_best": sign * float(weights[i] @ ordered / p_some[i]),
            "best_q05": float(ends[0][i]),
            "best_q95": float(ends[1][i]),
            "p_none": max(0.0, 1.0 - float(p_some[i])),
            "expected_best_dodge": sign * float(dodge[i] @ ordered / dodge[i].sum()),
            "mean_images": float(images.mean()) * int(budget) if len(images) else None,
            "note": "distance from 1/2" if direction == "half" else None,
        }


def _weights(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Budgets for n runs, and the weights of draws without and with replacement."""
    budgets = budgets_up_to(n)
    return budgets, order_weights(n, budgets), order_weights_dodge(n, budgets)


_cached_weights = functools.lru_cache(maxsize=CACHED_UP_TO)(_weights)
