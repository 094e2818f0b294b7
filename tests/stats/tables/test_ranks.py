"""Variants are ranked within seeds or data sets. A failure is ranked last, or its seed is left out."""

import json

import numpy as np
import pandas as pd
import pytest
from published_examples import DEMSAR
from synthetic import normal_runs, run_rows, score_matrix

from gan_bench.stats.tables.friedman_table import friedman_table
from gan_bench.stats.tables.ranks import ranked, rankings, ranks_table
from gan_bench.stats.tables.score_matrix import score_matrices


def _tables(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    ranking_list = list(rankings(score_matrices(rows, {})))
    return ranks_table(ranking_list), friedman_table(ranking_list)


def _over_datasets(values: dict[str, list[float]], seeds: int = 1) -> pd.Series:
    """Row of friedman.csv over all data sets. Each variant has one value per data set, the same for every seed."""
    count = len(next(iter(values.values())))
    parts = [
        run_rows({name: [row[i]] * seeds for name, row in values.items()}, dataset=f"data{i}") for i in range(count)
    ]
    table = _tables(pd.concat(parts))[1]
    return table[table["dataset"] == "all data sets"].iloc[0]


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
    assert together["n_blocks"].tolist() == [2, 2]
    row = friedman[friedman["dataset"] == "all data sets"].iloc[0]
    assert row["decision"] == "cannot be decided: 2 data sets with every variant, and a test needs 5"
    assert pd.isna(row["p"])


def test_seeds_of_one_data_set_are_no_blocks_over_data_sets() -> None:
    """If five data sets order three variants alike, p = 1 / 6^4 for any number of seeds."""
    values = {"a": [1.0] * 5, "b": [2.0] * 5, "c": [3.0] * 5}
    for seeds in (1, 3):
        row = _over_datasets(values, seeds)
        assert (row["n_blocks"], row["p"]) == (5, pytest.approx(1 / 6**4))


def test_a_data_set_ranks_a_variant_that_lost_a_run_last_or_by_its_other_runs() -> None:
    parts = [run_rows({"a": [1.0, "diverged"], "b": [2.0, 2.0]}), run_rows({"a": [1.0], "b": [2.0]}, dataset="ring")]
    ranks, _ = _tables(pd.concat(parts))
    together = ranks[ranks["dataset"] == "all data sets"].set_index(["failures", "variant"])
    assert together.loc[("last", "a"), ["mean_rank", "n_failures"]].tolist() == [1.5, 1]
    assert together.loc[("left out", "a"), ["mean_rank", "n_failures"]].tolist() == [1.0, 0]


def test_seeds_of_one_data_set_have_a_test_but_no_critical_difference() -> None:
    _, friedman = _tables(run_rows({name: [i + 0.1, i + 0.2, i + 0.3] for i, name in enumerate("abc")}))
    row = friedman.iloc[0]
    assert row["decision"] == "the variants differ: Friedman p = 0.028 (exact) over 3 seeds of this data set"
    assert row[["cd", "cliques", "q"]].isna().all()
    _, friedman = _tables(run_rows({"a": [1.0, 1.0, 1.0], "b": [2.0, 2.0, 1.0], "c": [3.0, 3.0, 3.0]}))
    assert friedman["decision"].iloc[0] == "not separated: Friedman p = 0.056 (exact) over 3 seeds of this data set"


def test_a_p_at_the_resolution_of_random_permutations_is_a_bound() -> None:
    _, friedman = _tables(run_rows({name: [float(i)] * 3 for i, name in enumerate("abcdefghi")}))
    row = friedman.iloc[0]
    assert row["p_is_bound"] and row["p"] == 1e-4 and row["p_method"] == "Monte Carlo"
    assert "Friedman p <= 0.0001 (9,999 random permutations)" in row["decision"]


def test_intervals_of_mean_ranks_from_six_blocks_on() -> None:
    five, _ = _tables(normal_runs({"a": 0.0, "b": 1.0, "c": 2.0}, 5))
    assert five["rank_low"].isna().all()
    twelve, _ = _tables(normal_runs({"a": 0.0, "b": 1.0, "c": 2.0}, 12))
    rows = twelve[twelve["failures"] == "last"]
    assert ((rows["rank_low"] <= rows["mean_rank"]) & (rows["mean_rank"] <= rows["rank_high"])).all()
    assert (rows["rank_low"] < rows["rank_high"]).any()


def test_well_apart_variants_are_separated_and_near_ones_are_a_clique() -> None:
    rows = normal_runs({"best": 0.0, "x": 5.0, "y": 5.0, "worst": 30.0}, 20)
    row = _over_datasets({name: part["value"].tolist() for name, part in rows.groupby("variant", sort=False)})
    assert row["decision"].startswith("separated: Friedman p <= 0.0001") or row["p_method"] == "exact"
    assert "best ranks first" in row["decision"]
    assert ["x", "y"] in [sorted(group) for group in json.loads(row["cliques"])]
    assert row["n_blocks"] == 20 and row["cd"] == pytest.approx(2.569 * np.sqrt(20 / 120), abs=1e-3)


def test_few_data_sets_make_the_critical_difference_approximate() -> None:
    for datasets, stated in ((5, True), (20, False)):
        row = _over_datasets({name: [float(i)] * datasets for i, name in enumerate("abc")})
        assert ("approximate" in row["decision"]) == stated


def test_variants_that_differ_while_the_best_is_apart_from_none_are_said() -> None:
    """In Demsar's example, the test finds a difference between the variants.

    But all differences of mean ranks are below the critical difference.
    """
    row = _over_datasets({name: DEMSAR[:, i].tolist() for i, name in enumerate("abcd")})
    assert row["p"] < 0.05 and row["decision"].startswith(
        "the variants differ, but the best is not separated from any other: Friedman p"
    )
    assert json.loads(row["cliques"]) == [["d", "b", "c", "a"]]


def test_two_variants_are_decided_by_the_test_alone() -> None:
    """If one variant is better on six of six data sets, p = 2 / 64 is below .05.

    On five of five data sets, p = 2 / 32 is not, so both variants are in one clique.
    """
    row = _over_datasets({"a": [1.0] * 6, "b": [2.0] * 6})
    assert row["p"] == pytest.approx(2 / 64) and json.loads(row["cliques"]) == []
    assert row["decision"] == "separated: Friedman p = 0.031 (exact) over 6 data sets; a ranks first"
    row = _over_datasets({"a": [1.0] * 5, "b": [2.0] * 5})
    assert json.loads(row["cliques"]) == [["a", "b"]] and row["decision"].startswith(
        "not separated: Friedman p = 0.062"
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"a": [1.0, 2.0]}, "cannot be decided: fewer than two variants have an outcome"),
        ({"a": [1.0], "b": [2.0]}, "cannot be decided: 1 seed with every variant, and a test needs 2"),
        (
            {"a": [1.0, "missing"], "b": ["missing", 2.0]},
            "cannot be decided: 0 seeds with every variant, and a test needs 2",
        ),
        ({"a": ["missing"], "b": ["missing"]}, "cannot be decided: fewer than two variants have an outcome"),
        ({"a": [1.0, 1.0], "b": [1.0, 1.0]}, "not separated: all variants tie in every block"),
        ({"a": ["diverged"] * 3, "b": ["failed"] * 3}, "not separated: all variants tie in every block"),
    ],
)
def test_what_cannot_be_decided_is_said(values, words: str) -> None:
    ranks, friedman = _tables(run_rows(values))
    assert friedman["decision"].iloc[0] == words and friedman["p_f"].isna().all()
    assert len(ranks) == 2 * len(values)
