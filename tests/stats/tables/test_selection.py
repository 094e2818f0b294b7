"""Optimism (how much too good the score of a choice looks) is checked by hand and on noise."""

import numpy as np
import pandas as pd
import pytest
from synthetic import score_matrix

from gan_bench.stats.tables.selection import _over_halves, halves, selection_table

CURVE_COLUMNS = ["study", "dataset", "cell", "variant", "seed", "step", "metric", "value", "direction"]
NO_CURVES = pd.DataFrame(columns=CURVE_COLUMNS)


@pytest.fixture
def two_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allows two seeds, so that examples can be checked by hand."""
    monkeypatch.setattr("gan_bench.stats.tables.selection.LEAST_SEEDS", 2)


def _row(values, **columns) -> pd.Series:
    return selection_table([score_matrix(values, **columns)], NO_CURVES, {}).iloc[0]


def test_two_variants_of_two_seeds_by_hand() -> None:
    """On seed 0, variant a is best with 1. On seed 1, variant a has 4.

    On seed 1, variant b is best with 2. On seed 0, variant b has 3.
    """
    assert _over_halves(np.array([[1.0, 4.0], [3.0, 2.0]])) == (1.5, 3.5, {0, 1})


def test_optimism_is_positive_where_higher_is_better() -> None:
    noise = np.random.default_rng(2).standard_normal((9, 5))
    row = _row({str(i): row for i, row in enumerate(noise.tolist())}, metric="coverage", direction="higher")
    assert row["optimism"] == pytest.approx(row["selected_score"] - row["held_out_score"]) and row["optimism"] > 0


def test_a_sure_best_has_no_optimism_and_says_why() -> None:
    """If one variant is best on every half of the seeds, the computed optimism is 0 for any scores.

    So no optimism is stated.
    """
    rng = np.random.default_rng(0)
    row = _row({"a": rng.normal(0, 1, 8).tolist(), "b": rng.normal(99, 1, 8).tolist()})
    assert pd.isna(row["optimism"]) and row["note"].startswith("the same variant is best on every half")
    assert row["selected_score"] == pytest.approx(row["held_out_score"])


def test_the_interval_of_the_optimism_is_over_seeds_and_nothing_is_said_below_five() -> None:
    noise = np.random.default_rng(1).standard_normal((4, 6))
    row = _row({str(i): values for i, values in enumerate(noise.tolist())})
    assert row["optimism_low"] < row["optimism"] < row["optimism_high"]
    few = _row({str(i): values[:4] for i, values in enumerate(noise.tolist())})
    assert few["note"].startswith("fewer than 5 seeds") and few[["selected_score", "optimism"]].isna().all()
    steps = selection_table([], _curves(noise[:, :3].repeat(2, axis=0)), {}).iloc[0]
    assert steps["optimism_low"] < steps["optimism"] < steps["optimism_high"]


def test_the_optimism_of_noise_is_the_expected_smallest_of_the_means() -> None:
    """For fifty equal variants, the expected optimism is 2.249.

    This is the expected distance of the smallest of 50 normal numbers from the mean.
    """
    found = []
    for seed in range(40):
        noise = np.random.default_rng(seed).standard_normal((50, 2))
        selected, held_out, _ = _over_halves(noise)
        found.append(held_out - selected)
    assert np.mean(found) == pytest.approx(2.249, abs=0.25)


def test_halves_are_all_of_them_or_a_seeded_sample() -> None:
    assert halves(4).sum(axis=1).tolist() == [2] * 6 and len({tuple(row) for row in halves(4)}) == 6
    assert halves(5).sum(axis=1).tolist() == [2] * 10
    many = halves(20)
    assert many.shape == (200, 20) and (many.sum(axis=1) == 10).all()
    assert (halves(20) == many).all() and (halves(20, seed=1) != many).any()


def _curves(values: np.ndarray, direction: str = "lower") -> pd.DataFrame:
    """Rows of the curves table for `values` (seeds, steps) of one variant."""
    rows = [
        ("made", "digits", "a-cell", "a", seed, 100 * (step + 1), "frechet", value, direction)
        for seed, row in enumerate(values)
        for step, value in enumerate(row)
    ]
    return pd.DataFrame(rows, columns=CURVE_COLUMNS)


@pytest.mark.usefixtures("two_seeds")
def test_steps_by_hand() -> None:
    """At its own best step, seed 0 has 1 and seed 1 has 2. At the best step of the other seed, they have 4 and 8.

    At the last step, they have 9 and 5.
    """
    row = selection_table([], _curves(np.array([[1.0, 4.0, 9.0], [8.0, 2.0, 5.0]])), {}).iloc[0]
    assert (row["what"], row["variant"], row["n_choices"], row["n_seeds"]) == ("step", "a", 3, 2)
    assert (row["selected_score"], row["held_out_score"], row["final_score"]) == (1.5, (4 + 8) / 2, 7)
    assert row["optimism"] == 4.5
    turned = selection_table([], _curves(-np.array([[1.0, 4.0, 9.0], [8.0, 2.0, 5.0]]), "higher"), {}).iloc[0]
    assert turned["optimism"] == 4.5 and turned["final_score"] == -7


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({"a": [1.0, 2.0]}, "fewer than two variants have a score at every seed: nothing to choose"),
        (
            {"a": ["diverged"], "b": ["missing"]},
            "fewer than two variants have a score at every seed: nothing to choose",
        ),
        ({"a": [1.0], "b": [2.0]}, "fewer than 5 seeds: too few to estimate the optimism of a choice"),
        (
            {"a": [1.0, 2.0] * 3, "b": [2.0, 1.0] * 3, "c": [1.0, None] * 3},
            "1 variant without a score at every seed left out",
        ),
    ],
)
def test_edges_are_words(values, note: str) -> None:
    assert _row(values)["note"] == note


def test_edges_of_steps_are_words() -> None:
    one = selection_table([], _curves(np.array([[1.0, 2.0]])), {}).iloc[0]
    assert one["note"].startswith("fewer than 5 seeds") and one["final_score"] == 2
    none = selection_table([], _curves(np.full((2, 2), np.nan)), {}).iloc[0]
    assert none["note"].startswith("fewer than two kept generators")
    assert selection_table([], NO_CURVES, {}).empty
