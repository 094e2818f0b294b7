"""Friedman's test and Nemenyi's critical difference for every ranking, with a decision in words."""

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.stats.estimate.friedman import ALPHA, cliques, critical_difference, friedman, nemenyi_q
from gan_bench.stats.tables.ranks import BlockRanking
from gan_bench.stats.tables.score_matrix import KEY
from gan_bench.stats.write.names import ALL_DATASETS

#: Largest number of blocks for which the critical difference is only approximate (Demsar 2006, section 3.2.2: N > 10).
FEW_BLOCKS = 10

COLUMNS = [
    *(*KEY, "failures", "n_blocks", "n_variants", "chi2", "df", "p_chi2", "f", "df1", "df2", "p_f", "p_permutation"),
    *("kendall_w", "q", "cd", "cliques", "decision"),
]
WHOLE = ["n_blocks", "n_variants", "df", "df1", "df2"]


def friedman_table(rankings: Iterable[BlockRanking]) -> pd.DataFrame:
    """The table friedman.csv: one row per ranking, columns COLUMNS; no numbers for fewer than two variants or blocks.

    `cliques`: JSON list of groups of variants that are not separated, best first. It is one group of all variants where
    Friedman's test does not reject, as Nemenyi's comparisons are made only after a rejection.
    """
    table = pd.DataFrame([_row(ranking) for ranking in rankings], columns=COLUMNS)
    return table.astype(dict.fromkeys(WHOLE, "Int64"))


def _row(ranking: BlockRanking) -> dict[str, Any]:
    blocks, k = ranking.ranks.shape
    row: dict[str, Any] = {**ranking.key, "failures": ranking.failures, "n_blocks": blocks, "n_variants": k}
    if k < 2:
        return {**row, "decision": "cannot be decided: fewer than two variants have an outcome"}
    if blocks < 2:
        return {**row, "decision": f"cannot be decided: {blocks} block{'s' * (blocks != 1)} with every variant"}
    test = friedman(ranking.ranks)
    difference = critical_difference(blocks, k)
    row |= {"q": nemenyi_q(k), "cd": difference, "df": test.df, "df1": test.df, "df2": test.df2}
    names = ("chi2", "p_chi2", "f", "p_f", "p_permutation", "kendall_w")
    row |= {name: getattr(test, name) for name in names}
    if np.isnan(test.chi2):
        return {**row, "decision": "not separated: every block is one tie"}
    mean = ranking.ranks.mean(axis=0)
    rejected = test.p < ALPHA
    groups = cliques(mean, difference) if rejected else [[int(i) for i in np.argsort(mean, kind="stable")]]
    row["cliques"] = json.dumps([[ranking.variants[i] for i in group] for group in groups], ensure_ascii=False)
    return {**row, "decision": _decision(ranking, mean, difference, test.p, rejected)}


def _decision(ranking: BlockRanking, mean: np.ndarray, difference: float, p: float, rejected: bool) -> str:
    blocks, k = ranking.ranks.shape
    if ranking.key["dataset"] == ALL_DATASETS:
        of = f"{blocks} blocks (data set x seed)"
    else:
        of = f"{blocks} seeds of this data set"
    if not rejected:
        return f"not separated: Friedman p = {p:.2g} over {of}"
    best = int(np.argmin(mean))
    apart = int((mean - mean[best] >= difference).sum())
    if k == 2:
        return f"separated: Friedman p = {p:.2g} over {of}; {ranking.variants[best]} ranks first"
    cd = f"CD = {difference:.3g}" + (", approximate with few blocks" if blocks <= FEW_BLOCKS else "")
    if difference > k - 1:
        return f"separated, but no two variants: Friedman p = {p:.2g} over {of}; {k} variants cannot lie {cd} apart"
    if not apart:
        return f"separated, but the best from no other: Friedman p = {p:.2g} over {of} ({cd})"
    return (
        f"separated: Friedman p = {p:.2g} over {of}; {ranking.variants[best]} ranks first, apart from {apart} of "
        f"{k - 1} others ({cd})"
    )
