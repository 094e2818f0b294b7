"""Optimism of choosing by the reported numbers: by hand, where there is none, and where there is most."""

import numpy as np
import pandas as pd
import pytest
from synthetic import score_matrix

from gan_bench.stats.tables.selection import halves, selection_table

CURVE_COLUMNS = ["study", "dataset", "cell", "variant", "seed", "step", "metric", "value", "direction"]
NO_CURVES = pd.DataFrame(columns=CURVE_COLUMNS)


def _row(values, **columns) -> pd.Series:
    return selection_table([score_matrix(values, **columns)], NO_CURVES, {}).iloc[0]


def test_two_variants_of_two_seeds_by_hand() -> None:
    """Chosen by seed 0: a (1), which has 4 on seed 1. By seed 1: b (2), which has 3 on seed 0."""
    row = _row({"a": [1.0, 4.0], "b": [3.0, 2.0]})
    assert (row["selected_score"], row["held_out_score"], row["optimism"]) == (1.5, 3.5, 2.0)
    assert (row["n_choices"], row["n_seeds"], row["n_splits"]) == (2, 2, 2)


def test_optimism_is_positive_where_higher_is_better() -> None:
    row = _row({"a": [4.0, 1.0], "b": [2.0, 3.0]}, metric="coverage", direction="higher")
    assert (row["selected_score"], row["held_out_score"], row["optimism"]) == (3.5, 1.5, 2.0)


def test_a_sure_best_has_no_optimism_on_average() -> None:
    rng = np.random.default_rng(0)
    row = _row({"a": rng.normal(0, 1, 8).tolist(), "b": rng.normal(99, 1, 8).tolist()})
    assert row["optimism"] == pytest.approx(0, abs=1e-9)


def test_the_optimism_of_noise_is_the_expected_smallest_of_the_means() -> None:
    """Fifty variants that do not differ, two seeds each: the best of 50 normals lies 2.249 below their mean."""
    found = []
    for seed in range(40):
        noise = np.random.default_rng(seed).standard_normal((50, 2))
        found.append(_row({str(i): row for i, row in enumerate(noise.tolist())})["optimism"])
    assert np.mean(found) == pytest.approx(2.249, abs=0.25)


def test_halves_are_all_of_them_or_a_seeded_sample() -> None:
    assert halves(4).sum(axis=1).tolist() == [2] * 6 and len({tuple(row) for row in halves(4)}) == 6
    assert halves(5).sum(axis=1).tolist() == [2] * 10
    many = halves(20)
    assert many.shape == (200, 20) and (many.sum(axis=1) == 10).all()
    assert (halves(20) == many).all() and (halves(20, seed=1) != many).any()


def _curves(values: np.ndarray, direction: str = "lower") -> pd.DataFrame:
    """(seeds, steps) of one variant."""
    rows = [
        ("made", "digits", "a-cell", "a", seed, 100 * (step + 1), "fid", value, direction)
        for seed, row in enumerate(values)
        for step, value in enumerate(row)
    ]
    return pd.DataFrame(rows, columns=CURVE_COLUMNS)


def test_steps_by_hand() -> None:
    """Own best steps: 1 and 2. Chosen by the other seed: 4 and 5. At the end: 9 and 5."""
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
        ({"a": [1.0], "b": [2.0]}, "one seed: nothing is left to report on"),
        ({"a": [1.0, 1.0], "b": [2.0, 2.0], "c": [1.0, None]}, "1 variants without a score at every seed left out"),
    ],
)
def test_edges_are_words(values, note: str) -> None:
    assert _row(values)["note"] == note


def test_edges_of_steps_are_words() -> None:
    one = selection_table([], _curves(np.array([[1.0, 2.0]])), {}).iloc[0]
    assert one["note"] == "one seed: no other to choose the step by" and one["final_score"] == 2
    none = selection_table([], _curves(np.full((2, 2), np.nan)), {}).iloc[0]
    assert none["note"].startswith("fewer than two kept generators")
    assert selection_table([], NO_CURVES, {}).empty
