"""Ranks within blocks, with failures last and without them, and what is said of them."""

import json

import numpy as np
import pandas as pd
import pytest
from synthetic import normal_runs, run_rows, score_matrix

from gan_bench.stats.tables.friedman_table import friedman_table
from gan_bench.stats.tables.ranks import ranked, rankings, ranks_table
from gan_bench.stats.tables.score_matrix import score_matrices


def _tables(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = list(rankings(score_matrices(rows, {})))
    return ranks_table(found), friedman_table(found)


def test_failures_share_the_last_ranks_or_take_their_block_away() -> None:
    score = score_matrix({"a": [1.0, 5.0], "b": [2.0, "diverged"], "c": [3.0, "failed"]})
    last = ranked(score.key, score.variants, score.badness.T, "last")
    assert last.ranks.tolist() == [[1, 2, 3], [1, 2.5, 2.5]] and last.failed.tolist() == [0, 1, 1]
    without = ranked(score.key, score.variants, score.badness.T, "left out")
    assert without.ranks.tolist() == [[1, 2, 3]] and without.dropped == 1


def test_the_table_says_both() -> None:
    ranks, _ = _tables(run_rows({"a": [1.0, "diverged", "diverged"], "b": [2.0, 2.0, 2.0]}))
    mean = ranks.set_index(["failures", "variant"])["mean_rank"]
    assert mean["last", "a"] == pytest.approx(5 / 3) and mean["last", "b"] == pytest.approx(4 / 3)
    assert mean["left out", "a"] == 1
    assert ranks["note"].iloc[-1] == "2 of 3 blocks left out: a variant has no outcome there"
    position = ranks.set_index(["failures", "variant"])["position"]
    assert position["last", "b"] == 1 and position["left out", "a"] == 1


def test_a_variant_without_any_outcome_is_named_and_hinders_no_other() -> None:
    ranks, _ = _tables(run_rows({"a": [1.0, 2.0], "b": [2.0, 1.0], "c": ["missing", None]}))
    row = ranks[(ranks["variant"] == "c") & (ranks["failures"] == "last")].iloc[0]
    assert row["note"] == "no outcome to rank" and pd.isna(row["mean_rank"])
    assert ranks["n_blocks"].tolist() == [2] * 6


def test_all_data_sets_rank_the_variants_that_all_of_them_have() -> None:
    first = run_rows({"a": [1.0, 1.0], "b": [2.0, 2.0], "only here": [0.0, 0.0]})
    ranks, friedman = _tables(pd.concat([first, run_rows({"a": [9.0, 9.0], "b": [3.0, 8.0]}, dataset="ring")]))
    together = ranks[(ranks["dataset"] == "all data sets") & (ranks["failures"] == "last")]
    assert together["variant"].tolist() == ["a", "b"] and together["mean_rank"].tolist() == [1.5, 1.5]
    assert together["n_blocks"].tolist() == [4, 4]
    words = friedman[friedman["dataset"] == "all data sets"]["decision"].iloc[0]
    assert words.startswith("not separated: Friedman p = ") and words.endswith("4 blocks (data set x seed)")


def test_intervals_of_mean_ranks_from_six_blocks_on() -> None:
    five, _ = _tables(normal_runs({"a": 0.0, "b": 1.0, "c": 2.0}, 5))
    assert five["rank_low"].isna().all()
    twelve, _ = _tables(normal_runs({"a": 0.0, "b": 1.0, "c": 2.0}, 12))
    rows = twelve[twelve["failures"] == "last"]
    assert ((rows["rank_low"] <= rows["mean_rank"]) & (rows["mean_rank"] <= rows["rank_high"])).all()
    assert (rows["rank_low"] < rows["rank_high"]).any()


def test_well_apart_variants_are_separated_and_near_ones_are_a_clique() -> None:
    _, friedman = _tables(normal_runs({"best": 0.0, "x": 5.0, "y": 5.0, "worst": 30.0}, 20))
    row = friedman.iloc[0]
    assert row["decision"].startswith("separated: Friedman p = ") and "best ranks first" in row["decision"]
    assert ["x", "y"] in [sorted(group) for group in json.loads(row["cliques"])]
    assert row["n_blocks"] == 20 and row["cd"] == pytest.approx(2.569 * np.sqrt(20 / 120), abs=1e-3)


def test_a_critical_difference_that_nobody_can_reach_is_said() -> None:
    """Two blocks of nine in the same order: the test rejects, CD = 3.102 sqrt(90 / 12) = 8.5 is more than 9 - 1."""
    _, friedman = _tables(run_rows({name: [float(i), float(i)] for i, name in enumerate("abcdefghi")}))
    row = friedman.iloc[0]
    assert row["cd"] == pytest.approx(3.102 * np.sqrt(90 / 12), abs=0.01) and row["p_permutation"] < 0.001
    assert row["decision"].startswith("separated, but no two variants")
    assert json.loads(row["cliques"]) == [list("abcdefghi")]


def test_few_blocks_make_the_critical_difference_approximate() -> None:
    for seeds, said in ((5, True), (20, False)):
        _, friedman = _tables(normal_runs({"a": 0.0, "b": 50.0, "c": 99.0}, seeds))
        assert ("approximate" in friedman["decision"].iloc[0]) == said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"a": [1.0, 2.0]}, "cannot be decided: fewer than two variants have an outcome"),
        ({"a": [1.0], "b": [2.0]}, "cannot be decided: 1 block with every variant"),
        ({"a": [1.0, "missing"], "b": ["missing", 2.0]}, "cannot be decided: 0 blocks with every variant"),
        ({"a": ["missing"], "b": ["missing"]}, "cannot be decided: fewer than two variants have an outcome"),
        ({"a": [1.0, 1.0], "b": [1.0, 1.0]}, "not separated: every block is one tie"),
        ({"a": ["diverged"] * 3, "b": ["failed"] * 3}, "not separated: every block is one tie"),
    ],
)
def test_what_cannot_be_decided_is_said(values, words: str) -> None:
    ranks, friedman = _tables(run_rows(values))
    assert friedman["decision"].iloc[0] == words and friedman["p_f"].isna().all()
    assert len(ranks) == 2 * len(values)
