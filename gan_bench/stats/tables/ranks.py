"""Variants ranked within blocks (one seed of one data set): with failures ranked last, and without them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from gan_bench import seeds
from gan_bench.stats.estimate.resample import RESAMPLES, SEED
from gan_bench.stats.tables.score_matrix import KEY, Scores
from gan_bench.stats.write.names import ALL_DATASETS

#: How failures are treated: they share the last ranks of their block, or blocks with one are left out.
FAILURES = ("last", "left out")
#: Blocks from which a bootstrap over them is printed: fewer have too few different resamples.
BLOCKS_FOR_INTERVAL = 6

COLUMNS = [
    *(*KEY, "failures", "variant", "position", "mean_rank", "rank_low", "rank_high"),
    *("n_blocks", "n_variants", "n_failures", "note"),
]


@dataclass(frozen=True)
class Ranking:
    """Ranks (blocks, variants) of one metric, 1 the best, ties averaged; `failed` counts failures by variant.

    `unranked`: variants without any outcome to rank. `dropped`: blocks left out because a variant has none there.
    """

    key: dict[str, str]
    failures: str
    variants: list[str]
    ranks: np.ndarray
    failed: np.ndarray
    unranked: list[str]
    dropped: int


def rankings(scores: Iterable[Scores]) -> Iterator[Ranking]:
    """Of each data set and metric, then of each metric over all data sets where there are several; both FAILURES.

    Over all data sets only the variants that every data set has are ranked.
    """
    by_metric: dict[str, list[Scores]] = {}
    several = set()
    for score in scores:
        by_metric.setdefault(score.key["metric"], []).append(score)
        several.add(score.key["dataset"])
        yield from _both(score.key, score.variants, score.badness.T)
    for group in by_metric.values() if len(several) > 1 else ():
        shared = [name for name in group[0].variants if all(name in other.variants for other in group[1:])]
        rows = [score.badness[[score.variants.index(name) for name in shared]].T for score in group]
        label = {score.key["label"] for score in group}
        name = label.pop() if len(label) == 1 else group[0].key["metric"]
        yield from _both({**group[0].key, "dataset": ALL_DATASETS, "label": name}, shared, np.concatenate(rows))


def _both(key: dict[str, str], variants: list[str], badness: np.ndarray) -> Iterator[Ranking]:
    for failures in FAILURES:
        yield ranked(key, variants, badness, failures)


def ranked(key: dict[str, str], variants: list[str], badness: np.ndarray, failures: str) -> Ranking:
    """Rank (blocks, variants) badness in each block where every variant with an outcome anywhere has one."""
    table = badness if failures == "last" else np.where(np.isinf(badness), np.nan, badness)
    known = ~np.isnan(table)
    there = known.any(axis=0) if len(table) else np.zeros(len(variants), dtype=bool)
    table = table[:, there]
    whole = ~np.isnan(table).any(axis=1)
    kept = table[whole & there.any()]
    return Ranking(
        key=key,
        failures=failures,
        variants=[name for name, has in zip(variants, there, strict=True) if has],
        ranks=np.asarray(stats.rankdata(kept, axis=1)) if kept.size else np.empty((0, int(there.sum()))),
        failed=np.isinf(kept).sum(axis=0),
        unranked=[name for name, has in zip(variants, there, strict=True) if not has],
        dropped=int((known.any(axis=1) & ~whole).sum()),
    )


def ranks_table(found: Iterable[Ranking]) -> pd.DataFrame:
    """One row per metric, treatment of failures and variant, columns COLUMNS."""
    parts = [_columns(ranking) for ranking in found]
    columns = {name: [value for part in parts for value in part[name]] for name in COLUMNS}
    table = pd.DataFrame(columns, columns=COLUMNS)
    return table.astype(dict.fromkeys(["position", "n_blocks", "n_variants", "n_failures"], "Int64"))


def _columns(ranking: Ranking) -> dict[str, list[Any]]:
    """Columns of the table with a row for each variant, those without any outcome last."""
    blocks, k = ranking.ranks.shape
    nothing: list[Any] = [None] * k
    rows: dict[str, list[Any]] = dict.fromkeys(
        ("position", "mean_rank", "n_failures", "rank_low", "rank_high"), nothing
    )
    if blocks:
        mean = ranking.ranks.mean(axis=0)
        position = stats.rankdata(np.round(mean, 9), method="min").astype(int)
        low, high = _interval(ranking.ranks)
        columns = (position, mean, ranking.failed, low, high)
        rows = {name: column.tolist() for name, column in zip(rows, columns, strict=True)}
    left = len(ranking.unranked)
    shared = {**ranking.key, "failures": ranking.failures, "n_blocks": blocks, "n_variants": k}
    return {
        **{name: [value] * (k + left) for name, value in shared.items()},
        **{name: column + [None] * left for name, column in rows.items()},
        "variant": [*ranking.variants, *ranking.unranked],
        "note": [_note(ranking)] * k + ["no outcome to rank"] * left,
    }


def _note(ranking: Ranking) -> str | None:
    blocks, k = ranking.ranks.shape
    if k < 2:
        return "nothing to rank against"
    if not blocks:
        return "no seed has an outcome of every variant"
    if ranking.dropped:
        return f"{ranking.dropped} of {blocks + ranking.dropped} blocks left out: a variant has no outcome there"
    return None


def _interval(ranks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % percentile interval of each mean rank over resampled blocks; NaN below BLOCKS_FOR_INTERVAL."""
    blocks, k = ranks.shape
    if blocks < BLOCKS_FOR_INTERVAL:
        return np.full(k, np.nan), np.full(k, np.nan)
    weights = seeds.generator(SEED, "bootstrap").multinomial(blocks, np.full(blocks, 1 / blocks), RESAMPLES)
    low, high = np.quantile(weights @ ranks / blocks, [0.025, 0.975], axis=0)
    return low, high
