"""Splits and subsets keep the proportions of the classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.data._split import apportion, fixed_order, hold_out, subset


def test_apportion_worked_examples() -> None:
    # The quotas are 179.2, 56.32 and 20.48. The remaining image goes to the part with the largest remainder.
    assert apportion([0.70, 0.22, 0.08], 256) == [179, 56, 21]
    # A textbook example of Hamilton's method (largest remainders). The quotas are 15.0, 2.4 and 2.6.
    assert apportion([1500, 240, 260], 20) == [15, 2, 3]
    assert apportion([1, 1, 1], 4) == [2, 1, 1]


@given(st.lists(st.integers(1, 500), min_size=1, max_size=12), st.integers(0, 3000))
def test_apportion_gives_all_and_stays_within_one(weights: list[int], total: int) -> None:
    counts = apportion(weights, total)
    assert sum(counts) == total
    exact = np.array(weights) / sum(weights) * total
    assert np.abs(np.array(counts) - exact).max() < 1 + 1e-9


@given(st.lists(st.integers(0, 4), min_size=2, max_size=200), st.floats(0.05, 0.95))
def test_hold_out_keeps_proportions_and_trains_every_class(labels: list[int], fraction: float) -> None:
    classes = np.array(labels, dtype=np.int64)
    split = hold_out(classes, fraction)
    for label in np.unique(classes):
        size, held = (classes == label).sum(), split[classes == label].sum()
        assert held <= size - 1
        assert abs(held - fraction * size) < 1.5 or held == size - 1
    assert np.array_equal(split, hold_out(classes, fraction))


def test_training_rows_that_come_first_are_a_fair_sample() -> None:
    # Two permutations are needed: one chooses the test rows, another orders all rows. If both were the same
    # permutation, the first training rows would be of few classes.
    labels = np.repeat(np.arange(10), 180).astype(np.int64)
    split, order = hold_out(labels, 0.3), fixed_order(len(labels))
    first = labels[order[split[order] == 0]][:200]
    counts = np.bincount(first, minlength=10)
    assert ((counts - 20.0) ** 2 / 20).sum() < 27.9  # chi-squared, 9 degrees of freedom, p = 0.001


def test_subset_is_ascending_and_in_proportion() -> None:
    labels = np.array([0] * 60 + [1] * 30 + [2] * 10, dtype=np.int64)
    rows = subset(labels, 10)
    assert np.array_equal(rows, np.unique(rows))
    assert np.bincount(labels[rows]).tolist() == [6, 3, 1]
    assert np.array_equal(subset(labels, 100), np.arange(100))
    with pytest.raises(ValueError, match="101 rows"):
        subset(labels, 101)


def test_order_is_a_permutation_and_never_changes() -> None:
    assert sorted(fixed_order(50).tolist()) == list(range(50))
    assert fixed_order(6).tolist() == fixed_order(6).tolist()
    assert fixed_order(50).tolist() != list(range(50))
