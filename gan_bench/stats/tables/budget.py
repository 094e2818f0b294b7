"""The best score to expect from a search over so many runs (Lucic et al. 2018, arXiv:1711.10337, section 5)."""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from gan_bench.stats.tables.score_matrix import KEY, badness_of, comparable

#: Budgets that a row is written for: all up to the first number, then so many a doubling.
EVERY_UP_TO = 20
PER_DOUBLING = 4
#: Runs of a group up to which its weights are kept for the next one of as many.
FEW = 100

#: What a search goes over -> the column whose values are searched apart; None: one search over all runs.
SEARCHES = {"all": None, "loss": "loss", "model": "model", "optimizer": "g_optimizer", "variant": "variant"}

COLUMNS = [
    *(*KEY, "searched", "group", "budget", "expected_best", "best_q05", "best_q95", "p_none", "expected_best_dodge"),
    *("mean_images", "n_runs", "n_failed", "note"),
]


def order_weights(n: int, budgets: np.ndarray) -> np.ndarray:
    """(budgets, n): probability that the i-th best of n runs is the best of `budget` drawn without replacement.

    C(n - i, b - 1) / C(n, b), which makes the expected best an unbiased estimate from n runs (Tang et al. 2020,
    arXiv:2004.13705).
    """
    i, b = np.arange(1, n + 1)[None, :], budgets[:, None]
    with np.errstate(invalid="ignore"):
        log = _log_choose(n - i, b - 1) - _log_choose(np.array(n), b)
    return np.where(n - i >= b - 1, np.exp(log), 0.0)


def order_weights_dodge(n: int, budgets: np.ndarray) -> np.ndarray:
    """The same for draws with replacement: ((n - i + 1) / n)^b - ((n - i) / n)^b (Dodge et al. 2019, arXiv:1909.03004).

    As an estimate of the best of b new runs it is biased towards the worse.
    """
    i, b = np.arange(1, n + 1)[None, :], budgets[:, None]
    return np.asarray(((n - i + 1) / n) ** b - ((n - i) / n) ** b)


def _log_choose(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(np.maximum(n - k, 0) + 1))


def budgets_up_to(n: int) -> np.ndarray:
    """1, 2, ... EVERY_UP_TO, then ever wider steps, and n itself."""
    steps = int(np.ceil(PER_DOUBLING * np.log2(max(n, 1) / EVERY_UP_TO))) if n > EVERY_UP_TO else 0
    wide = [round(EVERY_UP_TO * 2 ** (i / PER_DOUBLING)) for i in range(1, steps)]
    return np.unique([*range(1, min(n, EVERY_UP_TO) + 1), *wide, n])


def budget_table(runs: pd.DataFrame, labels: dict[tuple[Any, Any], str]) -> pd.DataFrame:
    """One row per data set, metric, group of runs that are searched and budget, columns COLUMNS.

    A budget is a number of runs (a setting with a seed) drawn from those of the group; the best is by the number that
    is reported, as in the paper. A lost run is drawn like any other and never the best: the expectation is over draws
    with a score in them, and `p_none` says how probable a draw without any is.
    """
    rows = comparable(runs)
    rows = rows.assign(badness=badness_of(rows))
    rows = rows[rows["badness"].notna()]
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for (dataset, metric), part in rows.groupby(["dataset", "metric"], sort=False):
        key = {"study": part["study"].iloc[0], "dataset": dataset, "metric": metric}
        key |= {"label": labels.get((dataset, metric), metric), "direction": part["direction"].iloc[0]}
        for searched, column in SEARCHES.items():
            for group, badness, images in _groups(part, column):
                for row in _curve(badness, images, str(key["direction"])):
                    row |= {**key, "searched": searched, "group": group}
                    for name, values in columns.items():
                        values.append(row.get(name))
    table = pd.DataFrame(columns, columns=COLUMNS)
    return table.astype(dict.fromkeys(["budget", "n_runs", "n_failed"], "Int64"))


def _groups(part: pd.DataFrame, column: str | None) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(group, badness of its runs, their images) by a column, in the order of first sight; all runs for None."""
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
    badness, images = np.sort(badness), images[~np.isnan(images)]
    n, scored = len(badness), int(np.isfinite(badness).sum())
    counts = {"n_runs": n, "n_failed": n - scored}
    if not scored:
        yield {**counts, "note": "all runs are lost"}
        return
    budgets, weights, dodge = _few(n) if n <= FEW else _weights(n)
    best, sign = badness[:scored], -1.0 if direction == "higher" else 1.0
    weights, dodge = weights[:, :scored], dodge[:, :scored]
    some = weights.sum(axis=1)
    low, high = (_quantile(best, weights / some[:, None], at) for at in (0.05, 0.95))
    ends = (low, high) if sign > 0 else (-high, -low)
    for i, budget in enumerate(budgets):
        yield {
            **counts,
            "budget": int(budget),
            "expected_best": sign * float(weights[i] @ best / some[i]),
            "best_q05": float(ends[0][i]),
            "best_q95": float(ends[1][i]),
            "p_none": max(0.0, 1.0 - float(some[i])),
            "expected_best_dodge": sign * float(dodge[i] @ best / dodge[i].sum()),
            "mean_images": float(images.mean()) * int(budget) if len(images) else None,
            "note": "distance from 1/2" if direction == "half" else None,
        }


def _weights(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Budgets of n runs, and both kinds of weights for them."""
    budgets = budgets_up_to(n)
    return budgets, order_weights(n, budgets), order_weights_dodge(n, budgets)


#: Of the few runs of a variant there are very many groups, all with the same weights.
_few = functools.lru_cache(maxsize=FEW)(_weights)


def _quantile(best: np.ndarray, weights: np.ndarray, at: float) -> np.ndarray:
    """The smallest of the sorted values up to which `at` of each row of weights lies."""
    place = (np.cumsum(weights, axis=1) < at - 1e-12).sum(axis=1)
    return np.asarray(best[np.minimum(place, len(best) - 1)])
