"""Pairs of variants are compared; a failed run counts as a loss. The table says which pairs it cannot decide."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from synthetic import normal_runs, run_rows, score_matrix

from gan_bench.stats.estimate.scales import Scale
from gan_bench.stats.tables.pairwise import COLUMNS, pairwise_table
from gan_bench.stats.tables.score_matrix import score_matrices
from gan_bench.stats.write.pairwise_markdown import pairwise_markdown


def _pairs(rows: pd.DataFrame) -> pd.DataFrame:
    return pairwise_table(score_matrices(rows, {}))


def test_three_seeds_can_have_a_winner() -> None:
    row = _pairs(run_rows({"a": [1.0, 2.0, 3.0], "b": [101.0, 102.0, 103.0]})).iloc[0]
    assert row["decision"] == "a better: 3 and 3 seeds, Games-Howell over 2 variants"
    half = 2.77645 * np.sqrt(2 / 3)
    ends = row["difference_low"], row["difference"], row["difference_high"]
    assert ends == pytest.approx((-100 - half, -100, -100 + half), abs=1e-3)
    assert (row["seeds_needed"], row["seeds_low"], row["spread"], row["scale"]) == (3, 3, 1, "identity")
    assert (row["p_improvement"], row["cliffs_delta"], row["shift"], row["p"]) == (1, 1, -100, 0.25)
    assert row["p_low"] == pytest.approx(0.5, abs=0.05) and row["p_high"] == 1


def test_holm_counts_the_pairs_of_one_data_set_and_metric() -> None:
    """With seven seeds, the smallest possible p is 2 / 2^7 = .016."""
    table = _pairs(normal_runs({"a": 0.0, "b": 90.0, "c": 180.0}, 7))
    assert table["p"].tolist() == [2 / 128] * 3 and table["p_holm"].tolist() == pytest.approx([6 / 128] * 3)


def test_seeds_that_would_decide() -> None:
    """Two variants that differ by one standard deviation need 17 seeds each.

    With four degrees of freedom, the interval of this number goes from 7 to 131.
    """
    row = _pairs(run_rows({"a": [-1.0, 0.0, 1.0], "b": [0.0, 1.0, 2.0]})).iloc[0]
    assert row["decision"] == "not separated: 3 and 3 seeds"
    assert row["seeds_needed"] == 17 and row["seeds_low"] < 10 and row["seeds_high"] > 100


def test_differences_are_on_the_scale_of_the_metric() -> None:
    rows = run_rows({"a": [1.0, 1.1, 0.9], "b": [100.0, 110.0, 90.0]})
    row = pairwise_table(score_matrices(rows, {}, {("digits", "frechet"): Scale("log", 0.0)})).iloc[0]
    assert row["difference"] == pytest.approx(-np.log(100)) and row["scale"] == "log"


def test_numbers_are_those_of_scipy() -> None:
    rows = normal_runs({"a": 0.0, "b": 0.8}, 12, metric="coverage", direction="higher")
    row = _pairs(rows).iloc[0]
    a, b = (rows.loc[rows["variant"] == name, "value"].to_numpy() for name in "ab")
    assert row["p"] == pytest.approx(stats.wilcoxon(a, b).pvalue)
    assert row["p_improvement"] == pytest.approx((a[:, None] > b[None]).mean())
    assert row["p_smallest"] == 2 / 2**12
    assert row["shift_low"] < row["shift"] < row["shift_high"] and row["shift"] < 0
    walsh = [(x + y) / 2 for i, x in enumerate(a - b) for y in (a - b)[i:]]
    assert row["shift"] == pytest.approx(np.median(walsh))


def test_other_seeds_are_not_paired() -> None:
    values = {"a": [1.0, 2.0, 3.0, 4.0, 5.0], "b": [11.0, 12.0, 13.0, 14.0]}
    row = _pairs(run_rows(values)).iloc[0]
    assert not row["paired"] and row["test"] == "mann-whitney" and row["n_pairs"] == 0
    assert row["p"] == pytest.approx(stats.mannwhitneyu(values["a"], values["b"], method="exact").pvalue)
    assert row["decision"].startswith("a better: 5 and 4 seeds") and row["shift"] == pytest.approx(-9.5)


def test_a_lost_run_is_a_loss_in_the_test_and_in_no_shift() -> None:
    """b is slightly better than a whenever b finishes, but only three of its eight runs finish.

    So the tests with and without failures differ.
    """
    b = [0.9, 0.9, 0.9, "diverged", "diverged", "diverged", "diverged", "diverged"]
    row = _pairs(run_rows({"a": [1.0] * 8, "b": b})).iloc[0]
    assert (row["n_failures_a"], row["n_failures_b"]) == (0, 5)
    assert row["p_improvement"] == 5 / 8 and row["p_improvement_scored"] == 0
    assert row["shift"] == pytest.approx(0.1) and row["p_scored"] == 0.25 and row["p"] != row["p_scored"]


def test_missing_seeds_leave_their_pair_out() -> None:
    row = _pairs(run_rows({"a": [1.0, 2.0, "missing"], "b": [2.0, 3.0, 4.0]})).iloc[0]
    assert row["paired"] and (row["n_a"], row["n_b"], row["n_pairs"]) == (2, 3, 2)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"a": [1.0], "b": [2.0]}, "cannot be decided: 1 and 1 seeds, and a winner needs at least 3"),
        ({"a": [1.0, 1.5], "b": [2.0, 9.0]}, "cannot be decided: 2 and 2 seeds, and a winner needs at least 3"),
        ({"a": [1.0], "b": [2.0, 3.0, 4.0]}, "cannot be decided: the spread of one seed is unknown"),
        ({"a": ["missing"] * 3, "b": [1.0] * 3}, "cannot be decided: a has no score"),
        ({"a": ["diverged"] * 9, "b": ["diverged"] * 9}, "cannot be decided: a has no score"),
        (
            {"a": [1.0] * 9, "b": [2.0] * 9},
            "cannot be decided: all scores of each variant are equal, so no spread is known",
        ),
        ({"a": [1.0] * 9, "b": ["diverged"] * 9}, "a better: all runs of b were lost"),
        ({"a": ["diverged"] * 9, "b": [1.0] * 9}, "b better: all runs of a were lost"),
        (
            {"a": [1.0, 1.1, 0.9, "diverged"], "b": [9.0, 9.1, 8.9, 9.0]},
            "not separated: a has the better mean but has lost or missing runs",
        ),
        (
            {"a": [1.0, 1.1], "b": [99.0, 99.2, 98.8]},
            "not separated: a has the better mean but has fewer than 3 seeds",
        ),
    ],
)
def test_edges_are_words(values, words: str) -> None:
    table = _pairs(run_rows(values))
    assert table["decision"].tolist() == [words]


def test_one_variant_is_no_pair() -> None:
    table = _pairs(run_rows({"a": [1.0, 2.0]}))
    assert table.empty and list(table.columns) == COLUMNS
    assert "No two variants" in pairwise_markdown(table, "made")


def test_blocks_of_pairs_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = normal_runs({name: float(i) for i, name in enumerate("abcdef")}, 8)
    whole = _pairs(rows)
    monkeypatch.setattr("gan_bench.stats.tables.pairwise.BLOCK", 2)
    pd.testing.assert_frame_equal(_pairs(rows), whole)


def test_the_page_lists_what_is_separated_and_counts_the_rest() -> None:
    up = [float(i) for i in range(9)]
    text = pairwise_markdown(_pairs(run_rows({"a": up, "b|c": [4.5, *up[1:]], "d": [99.0] * 9})), "made")
    assert "| a | d | -95.0 [" in text and r"| b\|c | d |" in text
    assert "3 pairs: 2 separated, 1 not separated. If the observed differences" in text
    few = pairwise_markdown(_pairs(normal_runs({"a": 0.0, "b": 9.0}, 2)), "made")
    assert "1 pair: 1 cannot be decided. 2 and 2 seeds, and a winner needs at least 3." in few


def test_the_page_lists_so_many_pairs_and_counts_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gan_bench.stats.write.pairwise_markdown.MOST_ROWS", 2)
    text = pairwise_markdown(_pairs(normal_runs({"a": 0.0, "b": 90.0, "c": 180.0}, 9)), "made")
    assert text.count("1.00 [") == 2 and "And 1 more separated pair in pairwise.csv." in text


def test_the_matrix_is_what_the_pairs_are_of() -> None:
    score = score_matrix({"a": [1.0, 2.0], "b": [3.0, 4.0], "c": [5.0, 6.0]})
    table = pairwise_table([score])
    assert list(zip(table["a"], table["b"], strict=True)) == [("a", "b"), ("a", "c"), ("b", "c")]


def test_of_very_many_variants_each_meets_the_best_alone(monkeypatch) -> None:
    """If there are too many variants, only pairs with the best variant are in the table.

    Their numbers equal those in the table of all pairs, except p_holm, which is Bonferroni's 6 p for all six pairs.
    """
    rows = normal_runs({name: float(i) for i, name in enumerate("dacb")}, 7)
    every = _pairs(rows)
    monkeypatch.setattr("gan_bench.stats.tables.pairwise.MOST_VARIANTS", 3)
    few = _pairs(rows)
    assert few["a"].tolist() == ["d"] * 3 and few["b"].tolist() == ["a", "c", "b"]
    same = every[every["a"] == "d"].reset_index(drop=True)
    skipped = ["p_holm"]
    pd.testing.assert_frame_equal(few.drop(columns=skipped), same.drop(columns=skipped))
    assert few["p_holm"].tolist() == pytest.approx(np.minimum(1, 6 * few["p"]).tolist())
    lost = _pairs(run_rows({"a": [1.0, None], "b": [5.0, 5.0], "c": [3.0, 3.0], "d": [None, None]}))
    assert set(lost["a"]) <= {"a", "c"}
