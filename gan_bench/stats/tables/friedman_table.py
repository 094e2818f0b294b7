"""Friedman's test for every ranking, Nemenyi's critical difference over data sets, and a decision in words.

The test ranks the variants within blocks. For one data set, blocks are seeds. A seed counts only if every ranked
variant has an outcome at this seed. The scores at one seed need not be similar. The permutation test requires only that
equal variants are exchangeable within a seed, and this is always true.

The test decides whether the variants differ on the data set. The intervals in pairwise.csv decide which variants
differ. A critical difference is given only for tests over data sets, where blocks are data sets.
"""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.stats.estimate.friedman import ALPHA, DRAWS, Friedman, cliques, critical_difference, friedman, nemenyi_q
from gan_bench.stats.tables.ranks import BlockRanking
from gan_bench.stats.tables.score_matrix import KEY
from gan_bench.stats.write.names import ALL_DATASETS

#: Smallest number of data sets for a test over data sets. With fewer, hardly any difference can be shown.
LEAST_DATASETS = 5
#: Up to this many blocks, the critical difference is only approximate (Demsar 2006, section 3.2.2, asks for N > 10).
FEW_BLOCKS = 10

COLUMNS = [
    *(*KEY, "failures", "n_blocks", "n_variants", "p", "p_is_bound", "p_method", "chi2", "df", "p_chi2", "f", "df1"),
    *("df2", "p_f", "kendall_w", "q", "cd", "cliques", "decision"),
]
WHOLE = ["n_blocks", "n_variants", "df", "df1", "df2"]


def friedman_table(rankings: Iterable[BlockRanking]) -> pd.DataFrame:
    """The table friedman.csv: one row per ranking, columns COLUMNS.

    If there are too few variants or blocks for a test, a row has only `n_blocks`, `n_variants` and the reason.

    `p_is_bound`: the true p is at most about `p`. Three columns are filled only for tests over data sets. `q` and `cd`:
    Nemenyi's quantile and critical difference, for more than two variants. `cliques`: JSON list of groups of variants
    that are not separated, best first. If Friedman's test does not reject, all variants are one group, because
    Nemenyi's comparisons are made only after a rejection. For two variants, Friedman's test alone decides.
    """
    table = pd.DataFrame([_row(ranking) for ranking in rankings], columns=COLUMNS)
    return table.astype(dict.fromkeys(WHOLE, "Int64") | {"p_is_bound": "boolean"})


def _row(ranking: BlockRanking) -> dict[str, Any]:
    blocks, k = ranking.ranks.shape
    over_datasets = ranking.key["dataset"] == ALL_DATASETS
    row: dict[str, Any] = {**ranking.key, "failures": ranking.failures, "n_blocks": blocks, "n_variants": k}
    if k < 2:
        return {**row, "decision": "cannot be decided: fewer than two variants have an outcome"}
    least = LEAST_DATASETS if over_datasets else 2
    if blocks < least:
        unit = "data set" if over_datasets else "seed"
        counted = f"{blocks} {unit}{'s' * (blocks != 1)} with every variant"
        return {**row, "decision": f"cannot be decided: {counted}, and a test needs {least}"}
    test = friedman(ranking.ranks)
    row |= {"df": test.df, "df1": test.df, "df2": test.df2}
    row |= {name: getattr(test, name) for name in ("chi2", "p_chi2", "f", "p_f", "kendall_w")}
    if np.isnan(test.chi2):
        return {**row, "decision": "not separated: all variants tie in every block"}
    row |= {"p": test.p, "p_is_bound": test.p_is_bound, "p_method": test.p_method}
    if not over_datasets:
        verdict = "the variants differ" if test.p < ALPHA else "not separated"
        return {**row, "decision": f"{verdict}: {_p_in_words(test)} over {blocks} seeds of this data set"}
    return {**row, **_comparisons(ranking, test)}


def _p_in_words(test: Friedman) -> str:
    """The p value with its method; "<=" if it is only a bound from random permutations."""
    method = f"{DRAWS:,} random permutations" if test.p_method == "Monte Carlo" else test.p_method
    return f"Friedman p {'<=' if test.p_is_bound else '='} {test.p:.2g} ({method})"


def _comparisons(ranking: BlockRanking, test: Friedman) -> dict[str, Any]:
    """The columns `q`, `cd`, `cliques` and `decision` for a test over data sets."""
    blocks, k = ranking.ranks.shape
    mean = ranking.ranks.mean(axis=0)
    difference = critical_difference(blocks, k)
    groups = [[int(i) for i in np.argsort(mean, kind="stable")]]
    if test.p < ALPHA:
        groups = cliques(mean, difference) if k > 2 else []
    row: dict[str, Any] = {"q": nemenyi_q(k), "cd": difference} if k > 2 else {}
    row["cliques"] = json.dumps([[ranking.variants[i] for i in group] for group in groups], ensure_ascii=False)
    return {**row, "decision": _decision(ranking, mean, difference, test)}


def _decision(ranking: BlockRanking, mean: np.ndarray, difference: float, test: Friedman) -> str:
    blocks, k = ranking.ranks.shape
    tested = f"{_p_in_words(test)} over {blocks} data sets"
    if test.p >= ALPHA:
        return f"not separated: {tested}"
    best = int(np.argmin(mean))
    apart = int((mean - mean[best] >= difference).sum())
    if k == 2:
        return f"separated: {tested}; {ranking.variants[best]} ranks first"
    cd = f"CD = {difference:.3g}" + (", approximate with few blocks" if blocks <= FEW_BLOCKS else "")
    if not apart:
        return f"the variants differ, but the best is not separated from any other: {tested} ({cd})"
    return f"separated: {tested}; {ranking.variants[best]} ranks first, better than {apart} of {k - 1} others ({cd})"
