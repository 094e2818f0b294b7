"""In the matrix of scores, smaller is better for every metric, and a failed run is worse than any score."""

import numpy as np
import pandas as pd
import pytest
from synthetic import run_rows, score_matrix

from gan_bench.stats.tables.score_matrix import score_matrices


def test_failures_are_worse_than_anything_and_gaps_are_unknown() -> None:
    found = score_matrix({"a": [1.0, "diverged", "failed", "timeout", "missing", None]})
    assert found.badness[0].tolist()[:4] == [1.0, np.inf, np.inf, np.inf]
    assert np.isnan(found.badness[0, 4:]).all() and np.isnan(found.scored[0, 1:]).all()


@pytest.mark.parametrize(
    ("direction", "badness"), [("lower", [0.2, 0.9]), ("higher", [-0.2, -0.9]), ("half", [0.3, 0.4])]
)
def test_smaller_is_better_whatever_the_metric(direction: str, badness: list[float]) -> None:
    found = score_matrix({"a": [0.2, 0.9]}, direction=direction)
    assert found.badness[0] == pytest.approx(badness)


def test_a_number_of_a_run_that_diverged_is_not_taken() -> None:
    rows = run_rows({"a": [1.0, 2.0]})
    rows.loc[1, "status"] = "diverged"
    (found,) = score_matrices(rows, {})
    assert found.badness[0].tolist() == [1.0, np.inf]


def test_metrics_without_a_better_side_and_rows_that_deal_the_split_are_not_compared() -> None:
    dealt = run_rows({"real": [0.0]}, method="real_test")
    kept = run_rows({"a": [1.0]})
    assert not list(score_matrices(run_rows({"a": [1.0]}, direction="none"), {}))
    (found,) = score_matrices(pd.concat([dealt, kept]), {})
    assert found.variants == ["a"]


def test_seeds_that_were_not_asked_are_told_from_those_that_left_nothing() -> None:
    found = score_matrix({"a": [1.0, 2.0, 3.0], "b": [1.0, "missing"]})
    assert found.planned.tolist() == [[True, True, True], [True, True, False]]
