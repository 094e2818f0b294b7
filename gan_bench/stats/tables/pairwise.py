"""Decisions, tests and effect sizes of every pair of variants of a data set, on every metric that can rank them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.stats.estimate.best import Summary
from gan_bench.stats.estimate.games_howell import LEAST, seeds_needed, spread_interval
from gan_bench.stats.estimate.improvement import (
    Shift,
    improvement_interval,
    paired_shift,
    probability_of_improvement,
    unpaired_shift,
)
from gan_bench.stats.estimate.intervals import LEVEL
from gan_bench.stats.estimate.rank_tests import holm, rank_sum, signed_rank, smallest_p
from gan_bench.stats.tables.score_matrix import KEY, ScoreMatrix

#: The probability of improvement uses at most this many runs per variant (the first seeds), because it compares all n m
#: pairs of runs of two variants.
MOST_RUNS = 1000

#: Up to this many variants, all pairs are compared. With more, each variant is compared only with the best one, because
#: 2,000 variants have two million pairs.
MOST_VARIANTS = 400

#: Number of pairs that are tested at a time.
BLOCK = 2000

SIGNED_RANK = "wilcoxon signed-rank"
RANK_SUM = "mann-whitney"

COLUMNS = [
    *(*KEY, "a", "b", "paired", "test", "n_a", "n_b", "n_pairs", "n_failures_a", "n_failures_b"),
    *("p_improvement", "p_low", "p_high", "p_improvement_scored", "cliffs_delta", "shift", "shift_low", "shift_high"),
    *("p", "p_scored", "p_holm", "p_smallest", "decision"),
    *("scale", "difference", "difference_low", "difference_high", "spread", "seeds_needed", "seeds_low", "seeds_high"),
]
COUNTS = ["n_a", "n_b", "n_pairs", "n_failures_a", "n_failures_b", "seeds_needed", "seeds_low", "seeds_high"]


@dataclass(frozen=True)
class VariantPairs:
    """Pairs of variants: positions of a and b, and whether both are planned at the same seeds. Each is (pairs,)."""

    a: np.ndarray
    b: np.ndarray
    paired: np.ndarray


def pairwise_table(matrices: Iterable[ScoreMatrix]) -> pd.DataFrame:
    """The table pairwise.csv: one row per data set, metric and pair of variants, columns COLUMNS.

    Variant a comes before b in the study. With more than MOST_VARIANTS variants, only pairs with the best variant are
    compared, and the best variant is a. The best variant is the one with the best mean over all its runs, where a lost
    run counts as infinitely bad. `p_holm` is then corrected for the number of all pairs (Bonferroni), because the best
    variant was chosen among all variants.

    Runs are paired by seed if both variants are planned at the same seeds, because a seed fixes the data order and the
    noise of both. `p_improvement` and `p` treat a lost run as worse than any score; `p_improvement_scored`, `p_scored`
    and the shift leave lost runs out. With at most MOST_VARIANTS variants, `p_holm` is `p` with Holm's correction over
    the pairs of one data set and metric.

    `decision` follows only the rule of `gan_bench.stats.estimate.best`, from the `difference` of the means on the
    metric's `scale` and its simultaneous interval. `seeds_needed`: number of seeds per variant with which 80 % of
    studies would separate a pair with this `difference` and this `spread`. `seeds_low` and `seeds_high`: the same
    number for the two ends of the 95 % chi-square interval of the spread.
    """
    parts = [_compare(matrix) for matrix in matrices if len(matrix.variants) > 1]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return table.astype(dict.fromkeys(COUNTS, "Int64") | {"paired": "boolean"})


def _compare(matrix: ScoreMatrix) -> pd.DataFrame:
    first, second = _sides(matrix.badness)
    paired = (matrix.planned[first] == matrix.planned[second]).all(axis=1)
    pairs = VariantPairs(first, second, paired)
    columns = {**_counts(matrix, pairs), **_improvement(matrix, pairs), **_tests(matrix, pairs)}
    columns |= _decisions(matrix, pairs)
    rows = pd.DataFrame({"paired": paired, **columns})
    rows["test"] = np.where(paired, SIGNED_RANK, RANK_SUM)
    n = len(matrix.variants)
    best_only = n > MOST_VARIANTS
    # The best was chosen among all variants, so p is corrected for the number of all pairs (Bonferroni).
    rows["p_holm"] = np.minimum(1.0, rows["p"] * n * (n - 1) / 2) if best_only else holm(rows["p"].to_numpy())
    names = np.array(matrix.variants, dtype=object)
    rows["a"], rows["b"] = names[first], names[second]
    return rows.assign(**matrix.key)[COLUMNS]


def _sides(badness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the variants a and b of each pair, each (pairs,), from badness (variants, seeds)."""
    n = len(badness)
    if n <= MOST_VARIANTS:
        first, second = (np.array(side) for side in zip(*combinations(range(n), 2), strict=True))
        return first, second
    known = ~np.isnan(badness)
    total = np.where(known, badness, 0.0).sum(axis=1)
    mean = np.divide(total, known.sum(axis=1), out=np.full(n, np.inf), where=known.any(axis=1))
    best = int(mean.argmin())
    return np.full(n - 1, best), np.delete(np.arange(n), best)


def _counts(matrix: ScoreMatrix, pairs: VariantPairs) -> dict[str, np.ndarray]:
    known, failed = ~np.isnan(matrix.badness), np.isinf(matrix.badness)
    both = known[pairs.a] & known[pairs.b]
    n, m = known.sum(axis=1)[pairs.a], known.sum(axis=1)[pairs.b]
    return {
        "n_a": n,
        "n_b": m,
        "n_pairs": np.where(pairs.paired, both.sum(axis=1), 0),
        "n_failures_a": failed.sum(axis=1)[pairs.a],
        "n_failures_b": failed.sum(axis=1)[pairs.b],
    }


def _improvement(matrix: ScoreMatrix, pairs: VariantPairs) -> dict[str, np.ndarray]:
    """Columns of P(improvement), over all outcomes and over scored runs only; NaN if a variant has no such run."""
    share = _shares(matrix.badness, pairs)
    n = np.minimum((~np.isnan(matrix.badness)).sum(axis=1), MOST_RUNS)
    ends = np.full((len(pairs.a), 2), np.nan)
    defined = ~np.isnan(share)
    ends[defined] = improvement_interval(share[defined], n[pairs.a][defined], n[pairs.b][defined], LEVEL)
    return {
        "p_improvement": share,
        "p_low": ends[:, 0],
        "p_high": ends[:, 1],
        "p_improvement_scored": _shares(matrix.scored, pairs),
        "cliffs_delta": 2 * share - 1,
    }


def _shares(badness: np.ndarray, pairs: VariantPairs) -> np.ndarray:
    """P(a is better than b) of each pair (pairs,), from badness (variants, seeds); NaN if a or b has no outcome."""
    outcomes = [row[~np.isnan(row)][:MOST_RUNS] for row in badness]
    sizes = np.array([len(values) for values in outcomes])
    shares = np.full(len(pairs.a), np.nan)
    order = np.argsort(pairs.a, kind="stable")
    first, start = np.unique(pairs.a[order], return_index=True)
    for i, pairs_of_i in zip(first, np.split(order, start[1:]), strict=True):
        values = outcomes[i]
        for size in np.unique(sizes[pairs.b[pairs_of_i]]) if len(values) else ():
            rows = pairs_of_i[sizes[pairs.b[pairs_of_i]] == size]
            if size:
                others = np.stack([outcomes[j] for j in pairs.b[rows]])
                shares[rows] = probability_of_improvement(np.broadcast_to(values, (len(rows), len(values))), others)
    return shares


def _tests(matrix: ScoreMatrix, pairs: VariantPairs) -> dict[str, np.ndarray]:
    """Columns (pairs,) of the tests: p with lost runs, p of scored runs, smallest possible p, and the shift."""
    names = ("p", "p_scored", "p_smallest", "shift", "shift_low", "shift_high")
    columns = {name: np.full(len(pairs.a), np.nan) for name in names}
    sign = -1.0 if matrix.direction == "higher" else 1.0
    for rows, d in _paired_differences(matrix.badness, pairs):
        columns["p"][rows] = signed_rank(d)[1]
        columns["p_smallest"][rows] = smallest_p(d.shape[1])
    for row in np.flatnonzero(~pairs.paired):
        a, b = (values[~np.isnan(values)] for values in (matrix.badness[pairs.a[row]], matrix.badness[pairs.b[row]]))
        if len(a) and len(b):
            columns["p"][row], columns["p_smallest"][row] = rank_sum(a, b), smallest_p(len(a), len(b))
        a, b = a[np.isfinite(a)], b[np.isfinite(b)]
        if len(a) and len(b):
            columns["p_scored"][row] = rank_sum(a, b)
            _set_shift(columns, np.array([row]), unpaired_shift(a, b, LEVEL), sign)
    for rows, d in _paired_differences(matrix.scored, pairs):
        columns["p_scored"][rows] = signed_rank(d)[1]
        _set_shift(columns, rows, paired_shift(d, LEVEL), sign)
    return columns


def _paired_differences(badness: np.ndarray, pairs: VariantPairs) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (positions of pairs (rows,), differences (rows, seeds)) in blocks.

    In each pair of a block the runs are paired by seed. All pairs of a block have outcomes at the same set of seeds.
    """
    known = ~np.isnan(badness)
    both = known[pairs.a] & known[pairs.b]
    paired = np.flatnonzero(pairs.paired & both.any(axis=1))
    if not len(paired):
        return
    patterns, pattern = np.unique(both[paired], axis=0, return_inverse=True)
    for i, seeds in enumerate(patterns):
        rows = paired[pattern.ravel() == i]
        # The Walsh averages of 2,000 pairs of 100 seeds take 80 MB.
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            yield block, _differences(badness[pairs.a[block]][:, seeds], badness[pairs.b[block]][:, seeds])


def _differences(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a - b of badness. Two lost runs differ by 0; a lost run and a scored run differ by infinity."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(a) & np.isinf(b), 0.0, a - b)


def _set_shift(columns: dict[str, np.ndarray], rows: np.ndarray, shift: Shift, sign: float) -> None:
    """Write the shift and its ends with the sign of the metric."""
    middle, low, high = shift
    columns["shift"][rows] = sign * middle
    columns["shift_low"][rows], columns["shift_high"][rows] = (low, high) if sign > 0 else (-high, -low)


def _decisions(matrix: ScoreMatrix, pairs: VariantPairs) -> dict[str, Any]:
    """Columns (pairs,): text of the decision, difference of means, simultaneous interval, spread, seeds needed."""
    summary = matrix.summary
    result = summary.compare(pairs.a, pairs.b)
    variances = summary.variance[pairs.a], summary.variance[pairs.b]
    spread = np.sqrt((variances[0] + variances[1]) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        spreads = (spread, *spread_interval(spread, result.df))
        needed = [seeds_needed(result.difference / at, summary.groups) for at in spreads]
    low, high = result.difference - result.half, result.difference + result.half
    sign = -1.0 if matrix.direction == "higher" else 1.0
    texts = []
    for row, (a, b) in enumerate(zip(pairs.a, pairs.b, strict=True)):
        texts.append(_decision(summary, int(a), int(b), float(low[row]), float(high[row])))
    return {
        "decision": texts,
        "scale": matrix.scale.name,
        "difference": sign * result.difference,
        "difference_low": low if sign > 0 else -high,
        "difference_high": high if sign > 0 else -low,
        "spread": spread,
        **dict(zip(("seeds_needed", "seeds_low", "seeds_high"), needed, strict=True)),
    }


def _decision(summary: Summary, a: int, b: int, low: float, high: float) -> str:
    """The decision on a pair, in words. `low`, `high`: interval of a's mean badness minus b's, on the scale."""
    n, m = int(summary.n[a]), int(summary.n[b])
    if not (n and m):
        winner, loser = (a, b) if n else (b, a)
        if summary.able[winner] and summary.lost[loser]:
            return "a better: all runs of b were lost" if n else "b better: all runs of a were lost"
        return f"cannot be decided: {'b' if n else 'a'} has no score"
    if max(n, m) < LEAST or np.isnan(low):
        return f"cannot be decided: {_undecidable(n, m)}"
    if low <= 0 <= high:
        return f"not separated: {n} and {m} seeds"
    better, name = (a, "a") if high < 0 else (b, "b")
    if summary.able[better]:
        return f"{name} better: {n} and {m} seeds, Games-Howell over {summary.groups} variants"
    reason = f"has fewer than {LEAST} seeds" if summary.complete[better] else "has lost or missing runs"
    return f"not separated: {name} has the better mean but {reason}"


def _undecidable(n: int, m: int) -> str:
    if max(n, m) < LEAST:
        return f"{n} and {m} seeds, and a winner needs at least {LEAST}"
    if min(n, m) < 2:
        return "the spread of one seed is unknown"
    return "all scores of each variant are equal, so no spread is known"
