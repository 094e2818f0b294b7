"""Every two variants of a data set against each other, on every metric with a better side."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.stats.estimate.holm import holm
from gan_bench.stats.estimate.improvement import improvement_interval, probability_of_improvement
from gan_bench.stats.estimate.intervals import LEVEL
from gan_bench.stats.estimate.rank_tests import rank_sum, signed_rank, smallest_p
from gan_bench.stats.estimate.shift import paired_shift, unpaired_shift
from gan_bench.stats.tables.score_matrix import KEY, Scores

ALPHA = 0.05
#: Runs of one variant above which P(improvement) is taken over the first so many seeds alone: all n m pairs are formed.
MOST_RUNS = 1000

#: Variants above which each is compared with the best alone: all pairs of 2,000 variants are two million rows a metric.
MOST_VARIANTS = 400

#: Pairs that are tested at once.
BLOCK = 2000

SIGNED_RANK = "wilcoxon signed-rank"
RANK_SUM = "mann-whitney"

COLUMNS = [
    *(*KEY, "a", "b", "paired", "test", "n_a", "n_b", "n_pairs", "n_failures_a", "n_failures_b"),
    *("p_improvement", "p_low", "p_high", "p_improvement_scored", "cliffs_delta", "shift", "shift_low", "shift_high"),
    *("p", "p_scored", "p_holm", "p_smallest", "decision"),
]
#: Columns that the decision is made of.
DECIDING = ("a", "b", "paired", "n_a", "n_b", "n_pairs", "p", "p_smallest", "p_holm", "lean")
COUNTS = ["n_a", "n_b", "n_pairs", "n_failures_a", "n_failures_b"]


@dataclass(frozen=True)
class Pairs:
    """Positions (pairs,) of the variants a and b, and which of them stand at the same seeds."""

    a: np.ndarray
    b: np.ndarray
    paired: np.ndarray


def pairwise_table(found: Iterable[Scores]) -> pd.DataFrame:
    """One row per data set, metric and two variants, columns COLUMNS; a before b in the study's order.

    Of more than MOST_VARIANTS only the pairs with the best mean (lost runs last) are made, which is then a; their p are
    corrected for all pairs, as the best was found among all of them.

    Paired by seed where both were asked for at the same seeds: a seed fixes the order of the data and the noise of
    both. `p_improvement`, `p` and what is decided take a lost run for worse than any score; `p_improvement_scored`,
    `p_scored` and the shift leave lost runs out. Holm's correction is over the pairs of one data set and metric.
    """
    parts = [_compared(scores) for scores in found if len(scores.variants) > 1]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return table.astype(dict.fromkeys(COUNTS, "Int64") | {"paired": "boolean"})


def _compared(scores: Scores) -> pd.DataFrame:
    first, second = _sides(scores.badness)
    paired = (scores.asked[first] == scores.asked[second]).all(axis=1)
    pairs = Pairs(first, second, paired)
    columns = {**_counts(scores, pairs), **_improvement(scores, pairs), **_tests(scores, pairs)}
    rows = pd.DataFrame({"paired": paired, **columns})
    rows["test"] = np.where(paired, SIGNED_RANK, RANK_SUM)
    n = len(scores.variants)
    chosen = n > MOST_VARIANTS
    # The best was found by looking at all pairs: each test counts as one of all of them (Bonferroni).
    rows["p_holm"] = np.minimum(1.0, rows["p"] * n * (n - 1) / 2) if chosen else holm(rows["p"].to_numpy())
    names = np.array(scores.variants, dtype=object)
    rows["a"], rows["b"] = names[first], names[second]
    compared = n * (n - 1) // 2 if chosen else int(rows["p"].notna().sum())
    rows["decision"] = [decide(row, compared) for row in rows[list(DECIDING)].to_dict("records")]
    return rows.assign(**scores.key)[COLUMNS]


def _sides(badness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions (pairs,) of both variants of each pair, of badness (variants, seeds)."""
    n = len(badness)
    if n <= MOST_VARIANTS:
        first, second = (np.array(side) for side in zip(*combinations(range(n), 2), strict=True))
        return first, second
    known = ~np.isnan(badness)
    total = np.where(known, badness, 0.0).sum(axis=1)
    mean = np.divide(total, known.sum(axis=1), out=np.full(n, np.inf), where=known.any(axis=1))
    best = int(mean.argmin())
    return np.full(n - 1, best), np.delete(np.arange(n), best)


def _counts(scores: Scores, pairs: Pairs) -> dict[str, np.ndarray]:
    known, failed = ~np.isnan(scores.badness), np.isinf(scores.badness)
    both = known[pairs.a] & known[pairs.b]
    n, m = known.sum(axis=1)[pairs.a], known.sum(axis=1)[pairs.b]
    return {
        "n_a": n,
        "n_b": m,
        "n_pairs": np.where(pairs.paired, both.sum(axis=1), 0),
        "n_failures_a": failed.sum(axis=1)[pairs.a],
        "n_failures_b": failed.sum(axis=1)[pairs.b],
    }


def _improvement(scores: Scores, pairs: Pairs) -> dict[str, np.ndarray]:
    """P(improvement) over all outcomes and over scored runs; NaN where a side has none."""
    with_lost = _shares(scores.badness, pairs)
    n = np.minimum((~np.isnan(scores.badness)).sum(axis=1), MOST_RUNS)
    ends = np.full((len(pairs.a), 2), np.nan)
    there = ~np.isnan(with_lost)
    ends[there] = improvement_interval(with_lost[there], n[pairs.a][there], n[pairs.b][there], LEVEL)
    return {
        "p_improvement": with_lost,
        "p_low": ends[:, 0],
        "p_high": ends[:, 1],
        "p_improvement_scored": _shares(scores.scored, pairs),
        "cliffs_delta": 2 * with_lost - 1,
    }


def _shares(badness: np.ndarray, pairs: Pairs) -> np.ndarray:
    """(variants, seeds) -> (pairs,) of P(a is better than b); NaN where one of them has no outcome."""
    outcomes = [row[~np.isnan(row)][:MOST_RUNS] for row in badness]
    sizes = np.array([len(values) for values in outcomes])
    found = np.full(len(pairs.a), np.nan)
    order = np.argsort(pairs.a, kind="stable")
    first, start = np.unique(pairs.a[order], return_index=True)
    for i, own in zip(first, np.split(order, start[1:]), strict=True):
        values = outcomes[i]
        for size in np.unique(sizes[pairs.b[own]]) if len(values) else ():
            rows = own[sizes[pairs.b[own]] == size]
            if size:
                others = np.stack([outcomes[j] for j in pairs.b[rows]])
                found[rows] = probability_of_improvement(np.broadcast_to(values, (len(rows), len(values))), others)
    return found


def _tests(scores: Scores, pairs: Pairs) -> dict[str, np.ndarray]:
    """p of both treatments of failures, the smallest p there could be, and the shift of scored runs.

    `lean` is the sign of a's badness less b's, failures included: -1 where a is better.
    """
    names = ("p", "p_scored", "p_smallest", "lean", "shift", "shift_low", "shift_high")
    found = {name: np.full(len(pairs.a), np.nan) for name in names}
    sign = -1.0 if scores.direction == "higher" else 1.0
    for rows, d in _same_seeds(scores.badness, pairs):
        _, found["p"][rows], found["lean"][rows] = signed_rank(d)
        found["p_smallest"][rows] = smallest_p(d.shape[1])
    for row in np.flatnonzero(~pairs.paired):
        a, b = (table[~np.isnan(table)] for table in (scores.badness[pairs.a[row]], scores.badness[pairs.b[row]]))
        if len(a) and len(b):
            found["p"][row], found["p_smallest"][row] = rank_sum(a, b), smallest_p(len(a), len(b))
            found["lean"][row] = np.sign(0.5 - probability_of_improvement(a, b))
        a, b = a[np.isfinite(a)], b[np.isfinite(b)]
        if len(a) and len(b):
            found["p_scored"][row] = rank_sum(a, b)
            _put(found, np.array([row]), unpaired_shift(a, b, LEVEL), sign)
    for rows, d in _same_seeds(scores.scored, pairs):
        found["p_scored"][rows] = signed_rank(d)[1]
        _put(found, rows, paired_shift(d, LEVEL), sign)
    return found


def _same_seeds(badness: np.ndarray, pairs: Pairs) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Paired rows that have outcomes at the same seeds, with their differences (rows, seeds), block by block."""
    known = ~np.isnan(badness)
    together = known[pairs.a] & known[pairs.b]
    paired = np.flatnonzero(pairs.paired & together.any(axis=1))
    if not len(paired):
        return
    patterns, which = np.unique(together[paired], axis=0, return_inverse=True)
    for i, seeds in enumerate(patterns):
        rows = paired[which.ravel() == i]
        # The Walsh averages of 2,000 pairs of 100 seeds are 80 MB.
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            yield block, _differences(badness[pairs.a[block]][:, seeds], badness[pairs.b[block]][:, seeds])


def _differences(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a - b of badness, where two failures differ by 0 and one failure by more than any two numbers."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(a) & np.isinf(b), 0.0, a - b)


def _put(
    found: dict[str, np.ndarray], rows: np.ndarray, shift: tuple[np.ndarray, np.ndarray, np.ndarray], sign: float
) -> None:
    """Shift and ends in the metric's own sign."""
    middle, low, high = shift
    found["shift"][rows] = sign * middle
    found["shift_low"][rows], found["shift_high"][rows] = (low, high) if sign > 0 else (-high, -low)


def decide(row: Mapping[Any, Any], compared: int) -> str:
    """What the pair's row supports, in words; `compared` is the number of pairs that Holm's correction is over."""
    if np.isnan(row["p"]):
        side = row["a"] if row["n_a"] == 0 else row["b"]
        return (
            "cannot be decided: no seed with an outcome of both"
            if row["n_a"] and row["n_b"]
            else (f"cannot be decided: no outcome of {side}")
        )
    n = f"{row['n_pairs']} pairs" if row["paired"] else f"{row['n_a']} and {row['n_b']} runs"
    least = min(1.0, row["p_smallest"] * compared)
    if least >= ALPHA:
        over = f", {least:.2g} after Holm over {compared} pairs" if compared > 1 else ""
        return f"cannot be decided: with {n} the smallest p possible is {row['p_smallest']:.2g}{over}"
    over = f" after Holm over {compared} pairs" if compared > 1 else ""
    if row["p_holm"] >= ALPHA:
        return f"not separated: p = {row['p_holm']:.2g}{over}, {n}"
    return f"{'a' if row['lean'] < 0 else 'b'} better: p = {row['p_holm']:.2g}{over}, {n}"
