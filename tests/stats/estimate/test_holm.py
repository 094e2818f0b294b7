"""Holm's correction agrees with Demsar's example, and comparisons without a p-value do not count."""

import numpy as np
import pytest

from gan_bench.stats.estimate.rank_tests import holm


def test_demsars_example() -> None:
    """In section 3.2.2 of Demsar 2006, the comparisons with C4.5 have p = .016, .019 and .607.

    At .05, the first two hypotheses are rejected and the third is not.
    """
    assert holm(np.array([0.019, 0.607, 0.016])) == pytest.approx([0.048, 0.607, 0.048])


def test_never_below_the_ones_before_and_at_most_one() -> None:
    assert holm(np.array([0.01, 0.011, 0.6, 0.7])) == pytest.approx([0.04, 0.04, 1.0, 1.0])


def test_what_was_not_compared_does_not_count() -> None:
    found = holm(np.array([0.01, np.nan, 0.02]))
    assert found[[0, 2]] == pytest.approx([0.02, 0.02]) and np.isnan(found[1])
    assert holm(np.array([])).size == 0
