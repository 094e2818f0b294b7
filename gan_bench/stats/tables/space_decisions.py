"""Whether the order of two variants depends on the feature space of the scores."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.stats.tables.pairwise import pairwise_table
from gan_bench.stats.tables.score_matrix import KEY, fitted_scales, score_matrices

#: Columns that identify a pair of variants on a metric, and columns that identify a score of a run.
PAIR, SCORE = ["dataset", "metric", "a", "b"], ["cell", "seed", "metric"]

COLUMNS = [*KEY, "a", "b", "n_spaces", "n_a_better", "n_b_better", "order_changes", "decision", "spaces"]


def space_decisions(
    runs: pd.DataFrame, spaces: pd.DataFrame, metrics: pd.DataFrame, pairwise: pd.DataFrame
) -> pd.DataFrame:
    """The table space_decisions.csv: one row per data set, metric and pair of variants, columns COLUMNS.

    In each feature space, a pair of variants is decided by the rule of pairwise.csv. `order_changes`: whether the order
    of the means differs between spaces, even if no space decides the pair. `spaces`: each space with its decision.

    Args:
        runs: the table runs.csv, with the scores in the main space.
        spaces: the table spaces.csv, with the scores in the other spaces.
        metrics: the table metrics.csv.
        pairwise: the table pairwise.csv, for the main space.
    """
    tables = [_named(pairwise, _main_spaces(runs)), *_others(runs, spaces, metrics)]
    known = set(map(tuple, spaces[["dataset", "metric"]].drop_duplicates().to_numpy()))
    table = pd.concat(tables, ignore_index=True)
    labels = dict(zip(metrics["metric"], metrics["label"], strict=True))
    rows = []
    for key, part in table.groupby(PAIR, sort=False):
        if key[:2] in known:
            first = {name: part.iloc[0][name] for name in (*KEY, "a", "b")}
            rows.append({**first, "label": labels.get(key[1], key[1]), **_decision(part)})
    counts = dict.fromkeys(("n_spaces", "n_a_better", "n_b_better"), "Int64")
    return pd.DataFrame(rows, columns=COLUMNS).astype({**counts, "order_changes": "boolean"})


def _main_spaces(runs: pd.DataFrame) -> dict[Any, Any]:
    """(data set, metric) -> extractor of the main space."""
    scored = runs.dropna(subset=["extractor"]).drop_duplicates(["dataset", "metric"])
    return dict(zip(zip(scored["dataset"], scored["metric"], strict=True), scored["extractor"], strict=True))


def _others(runs: pd.DataFrame, spaces: pd.DataFrame, metrics: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """For each additional space of each data set, the table of pairs computed from the scores in that space."""
    for (dataset, extractor), scores in spaces.groupby(["dataset", "extractor"], sort=False):
        part = runs[(runs["dataset"] == dataset) & runs["metric"].isin(scores["metric"].unique())]
        values = part[SCORE].merge(scores[[*SCORE, "value"]], on=SCORE, how="left")["value"]
        part = part.assign(value=values.to_numpy(), extractor=str(extractor))
        matrices = score_matrices(part, {}, fitted_scales(part, metrics))
        pairs = pairwise_table(matrices)
        yield _named(pairs, {(dataset, metric): extractor for metric in part["metric"].unique()})


def _named(pairs: pd.DataFrame, extractors: dict[Any, Any]) -> pd.DataFrame:
    """`pairs` with a column `space`: the name of the extractor without its part in brackets."""
    labels = [str(extractors.get(key, "?")) for key in zip(pairs["dataset"], pairs["metric"], strict=True)]
    return pairs.assign(space=[label.split(" (")[0] for label in labels])


def _decision(part: pd.DataFrame) -> dict[str, Any]:
    """Columns with the counts and the decision of one pair, from its rows in all spaces."""
    words, k = part["decision"].astype(str), len(part)
    a, b = (int(words.str.startswith(f"{side} better").sum()) for side in "ab")
    lower = part["difference"].to_numpy(dtype=float) * np.where(part["direction"] == "higher", -1.0, 1.0)
    changes = bool((lower < 0).any() and (lower > 0).any())
    if a and b:
        text = f"order changes with the space: a better in {a} and b better in {b} of {k} spaces"
    elif a or b:
        text = f"{'a' if a else 'b'} better: decided in {a + b} of {k} spaces"
    else:
        text = f"decided in 0 of {k} spaces"
    if changes and not (a and b):
        text += "; in some spaces the means have the opposite order"
    named = "; ".join(f"{space}: {word}" for space, word in zip(part["space"], words, strict=True))
    counts = {"n_spaces": k, "n_a_better": a, "n_b_better": b}
    return {**counts, "order_changes": changes, "decision": text, "spaces": named}
