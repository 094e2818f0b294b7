"""Statistics of many groups, computed at once, have the same bits as statistics of each group alone."""

import numpy as np
import pandas as pd
import pytest

from gan_bench.stats.estimate.grouped import by_size, counts, describe
from gan_bench.stats.estimate.intervals import mean_interval
from gan_bench.stats.estimate.location import interquartile_mean, interquartile_range

SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 13, 40, 200, 4, 4, 3, 1, 0, 9]


@pytest.fixture
def groups() -> tuple[np.ndarray, np.ndarray]:
    """Values of groups of SIZES, in mixed order."""
    rng = np.random.Generator(np.random.PCG64(3))
    group = rng.permutation(np.repeat(np.arange(len(SIZES)), SIZES))
    return group, np.exp(5 * rng.standard_normal(len(group)))


def test_each_group_is_described_as_alone(groups: tuple[np.ndarray, np.ndarray]) -> None:
    group, values = groups
    found = describe(group, values, len(SIZES))
    for i, n in enumerate(SIZES):
        own = pd.Series(values[group == i], dtype="float64")
        got = {name: column[i] for name, column in found.items()}
        expected = {name: own.agg(name) if n else np.nan for name in ("mean", "median", "min", "max")}
        expected["iqm"] = interquartile_mean(own.to_numpy()) if n else np.nan
        expected["sd"] = own.std(ddof=1) if n > 1 else np.nan
        expected["iqr"] = interquartile_range(own.to_numpy()) if n > 1 else np.nan
        expected["ci_low"], expected["ci_high"] = mean_interval(own.tolist()) or (np.nan, np.nan)
        for name, value in expected.items():
            np.testing.assert_array_equal(got[name], value, err_msg=f"{name} of {n}")


def test_values_stay_in_their_order(groups: tuple[np.ndarray, np.ndarray]) -> None:
    group, values = groups
    seen = {}
    for members, table in by_size(group, values, len(SIZES)):
        assert table.shape == (len(members), SIZES[members[0]])
        seen |= {int(member): row for member, row in zip(members, table, strict=True)}
    assert sorted(seen) == list(range(len(SIZES)))
    for i in seen:
        np.testing.assert_array_equal(seen[i], values[group == i])


def test_infinity_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        describe(np.zeros(2, dtype=int), np.array([1.0, np.inf]), 1)


def test_counts_are_of_every_group() -> None:
    group = np.array([0, 2, 2, 0, 3])
    assert counts(group, np.array([True, True, True, False, False]), 5).tolist() == [1, 0, 2, 0, 0]
