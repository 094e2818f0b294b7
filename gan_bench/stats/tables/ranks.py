"""Mean ranks of the variants over blocks, once with lost runs ranked last and once without lost runs.

Variants are ranked within blocks. Within one data set, a block is a seed. Over all data sets, a block is a data set,
because seeds of one data set are not independent blocks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench import seeds
from gan_bench.stats.estimate.resample import RESAMPLES, SEED
from gan_bench.stats.tables.score_matrix import KEY, ScoreMatrix
from gan_bench.stats.write.names import ALL_DATASETS

#: Treatments of lost runs: they share the last ranks of their block, or they are left out like unknown outcomes.
FAILURES = ("last", "left out")
#: Smallest number of blocks for a bootstrap interval. Fewer blocks have too few distinct resamples.
BLOCKS_FOR_INTERVAL = 6

COLUMNS = [
    *(*KEY, "failures", "variant", "position", "mean_rank", "rank_low", "rank_high"),
    *("n_blocks", "n_variants", "n_failures", "note"),
]


@dataclass(frozen=True)
class BlockRanking:
    """Ranks of variants within blocks by one metric.

    Attributes:
        key: value of each column KEY.
        failures: one of FAILURES.
        variants: names of the ranked variants.
        ranks: (blocks, variants); 1 is the best, ties have their average rank.
        failed: (variants,) number of blocks in which the variant shares the last rank because of a lost run.
        unranked: variants without any outcome.
        dropped: number of blocks left out because a variant has no outcome there.
    """

    key: dict[str, str]
    failures: str
    variants: list[str]
    ranks: np.ndarray
    failed: np.ndarray
    unranked: list[str]
    dropped: int


def rankings(matrices: Iterable[ScoreMatrix]) -> Iterator[BlockRanking]:
    """Rankings for each data set and metric. If the study has several data sets, rankings over all data sets follow.

    Each ranking is made twice, once for each treatment in FAILURES. Over all data sets, only variants that run on every
    data set are ranked. In each data set they are ranked by their means on the metric's scale.
    """
    by_metric: dict[str, list[ScoreMatrix]] = {}
    datasets = set()
    for matrix in matrices:
        by_metric.setdefault(matrix.key["metric"], []).append(matrix)
        datasets.add(matrix.key["dataset"])
        yield from (ranked(matrix.key, matrix.variants, matrix.badness.T, failures) for failures in FAILURES)
    for group in by_metric.values() if len(datasets) > 1 else ():
        shared = [name for name in group[0].variants if all(name in other.variants for other in group[1:])]
        labels = {matrix.key["label"] for matrix in group}
        label = labels.pop() if len(labels) == 1 else group[0].key["metric"]
        key = {**group[0].key, "dataset": ALL_DATASETS, "label": label}
        for failures in FAILURES:
            means = np.stack([_means(matrix, shared, failures) for matrix in group])
            yield ranked(key, shared, means, failures)


def _means(matrix: ScoreMatrix, variants: list[str], failures: str) -> np.ndarray:
    """Mean badness (variants,) over the scored seeds of a data set. With failures "last": inf if a run was lost."""
    rows = [matrix.variants.index(name) for name in variants]
    lost = np.isinf(matrix.badness[rows]).any(axis=1)
    return np.where(lost & (failures == "last"), np.inf, matrix.summary.mean[rows])


def ranked(key: dict[str, str], variants: list[str], badness: np.ndarray, failures: str) -> BlockRanking:
    """Rank badness (blocks, variants) within blocks.

    First, variants without any outcome are left out. Then blocks are left out in which one of the remaining variants
    has no outcome.
    """
    table = badness if failures == "last" else np.where(np.isinf(badness), np.nan, badness)
    known = ~np.isnan(table)
    has_outcome = known.any(axis=0) if len(table) else np.zeros(len(variants), dtype=bool)
    table = table[:, has_outcome]
    complete = ~np.isnan(table).any(axis=1)
    kept = table[complete & has_outcome.any()]
    return BlockRanking(
        key=key,
        failures=failures,
        variants=[name for name, has in zip(variants, has_outcome, strict=True) if has],
        ranks=np.asarray(stats.rankdata(kept, axis=1)) if kept.size else np.empty((0, int(has_outcome.sum()))),
        failed=np.isinf(kept).sum(axis=0),
        unranked=[name for name, has in zip(variants, has_outcome, strict=True) if not has],
        dropped=int((known.any(axis=1) & ~complete).sum()),
    )


def ranks_table(rankings: Iterable[BlockRanking]) -> pd.DataFrame:
    """The table ranks.csv: one row per ranking and variant, columns COLUMNS."""
    parts = [_columns(ranking) for ranking in rankings]
    columns = {name: [value for part in parts for value in part[name]] for name in COLUMNS}
    table = pd.DataFrame(columns, columns=COLUMNS)
    return table.astype(dict.fromkeys(["position", "n_blocks", "n_variants", "n_failures"], "Int64"))


def _columns(ranking: BlockRanking) -> dict[str, list[Any]]:
    """Columns of a ranking with one row per variant; variants without any outcome come last."""
    blocks, k = ranking.ranks.shape
    empty: list[Any] = [None] * k
    rows: dict[str, list[Any]] = dict.fromkeys(("position", "mean_rank", "n_failures", "rank_low", "rank_high"), empty)
    if blocks:
        mean = ranking.ranks.mean(axis=0)
        position = stats.rankdata(np.round(mean, 9), method="min").astype(int)
        low, high = _interval(ranking.ranks)
        columns = (position, mean, ranking.failed, low, high)
        rows = {name: column.tolist() for name, column in zip(rows, columns, strict=True)}
    unranked = len(ranking.unranked)
    shared = {**ranking.key, "failures": ranking.failures, "n_blocks": blocks, "n_variants": k}
    return {
        **{name: [value] * (k + unranked) for name, value in shared.items()},
        **{name: column + [None] * unranked for name, column in rows.items()},
        "variant": [*ranking.variants, *ranking.unranked],
        "note": [_note(ranking)] * k + ["no outcome to rank"] * unranked,
    }


def _note(ranking: BlockRanking) -> str | None:
    blocks, k = ranking.ranks.shape
    if k < 2:
        return "no other variant to rank against"
    if not blocks:
        return "no block has an outcome of every variant"
    if ranking.dropped:
        return f"{ranking.dropped} of {blocks + ranking.dropped} blocks left out: a variant has no outcome there"
    return None


def _interval(ranks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % percentile interval of each mean rank over resampled blocks; NaN for fewer than BLOCKS_FOR_INTERVAL."""
    blocks, k = ranks.shape
    if blocks < BLOCKS_FOR_INTERVAL:
        return np.full(k, np.nan), np.full(k, np.nan)
    weights = seeds.generator(SEED, "bootstrap").multinomial(blocks, np.full(blocks, 1 / blocks), RESAMPLES)
    low, high = np.quantile(weights @ ranks / blocks, [0.025, 0.975], axis=0)
    return low, high
