import numpy as np
import pytest
import torch
from golden_inputs import case, walk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from gan_bench.metrics.pairs import Pairs, read_pairs, sets
from gan_bench.metrics.pairs.nearest import NearestNeighbours
from gan_bench.metrics.pairs.rows import BLOCK


@pytest.fixture(params=["float64", "float32"], autouse=True)
def working(request, monkeypatch):
    """Small sets are normally compared in float64; here they are also compared in float32, like large sets."""
    if request.param == "float32":
        monkeypatch.setattr(sets, "FLOAT64_ROWS", 0)


def same_set_nearest(real, fake, block=BLOCK):
    pairs, nearest = (
        Pairs(torch.from_numpy(real.copy()), torch.from_numpy(fake.copy()), block=block),
        NearestNeighbours(),
    )
    read_pairs(pairs, [nearest])
    return np.concatenate([nearest.same_set(which, pairs).numpy() for which in ("real", "fake")])


def by_definition(real, fake):
    """(rows,) 1 if the nearest other row is of the same set, 0.5 for a tie, else 0.

    The distances come from all differences in float64.
    """
    rows = np.concatenate([real, fake]).astype(np.float64)
    squared = np.square(rows[:, None] - rows[None]).sum(axis=2)
    np.fill_diagonal(squared, np.inf)
    same = (np.arange(len(rows)) < len(real))[:, None] == (np.arange(len(rows)) < len(real))[None]
    inside, other = np.where(same, squared, np.inf).min(axis=1), np.where(same, np.inf, squared).min(axis=1)
    return np.where(inside < other, 1.0, np.where(inside == other, 0.5, 0.0))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(2, 30), st.integers(2, 30), st.integers(1, 5), st.integers(1, 6), st.integers(0, 10_000))
def test_grids_full_of_ties_and_duplicates(n, m, d, levels, seed):
    rng = np.random.default_rng(seed)
    real, fake = rng.integers(0, levels, (n, d)).astype(float), rng.integers(0, levels, (m, d)).astype(float)
    np.testing.assert_array_equal(same_set_nearest(real, fake, block=7), by_definition(real, fake))


@pytest.mark.parametrize("power", [-660, -100, 0, 100, 1000])
def test_any_scale_of_the_features(power):
    # Scaling by a power of two keeps ties exact. With the extreme powers, squares overflow or underflow in float64.
    scale = 2.0**power
    rng = np.random.default_rng(0)
    real, fake = rng.integers(0, 4, (60, 5)), rng.integers(0, 4, (60, 5))
    np.testing.assert_array_equal(same_set_nearest(real * scale, fake * scale), by_definition(real, fake))


def test_differences_below_float32_are_seen():
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((100, 6))
    # The two nearest neighbours of each centre have distances that differ by one part in 1e9.
    step = rng.standard_normal((100, 6))
    real = np.concatenate([centres, centres + step * (1 + 1e-9)])
    fake = np.concatenate([centres - step, centres + 50])
    shares = same_set_nearest(1000 + real, 1000 + fake)
    np.testing.assert_array_equal(shares, by_definition(1000 + real, 1000 + fake))


def test_an_outlier_does_not_blind_the_others():
    real, fake = walk(3, 80, 4), walk(4, 80, 4)
    real[0] = 1e30
    np.testing.assert_array_equal(same_set_nearest(real, fake), by_definition(real, fake))


@pytest.mark.parametrize("name", ["A_small", "E_relu_dead_units", "F_integer_ties", "I_collapsed_fake"])
def test_blocks_threads_and_row_order_change_nothing(name):
    real, fake = case(name)
    credit = same_set_nearest(real, fake)
    for block in (33, 128, 5000):
        np.testing.assert_array_equal(same_set_nearest(real, fake, block=block), credit)
    with threadpool_limits(2):
        np.testing.assert_array_equal(same_set_nearest(real, fake), credit)
    rng = np.random.default_rng(0)
    p, q = rng.permutation(len(real)), rng.permutation(len(fake))
    shuffled = np.concatenate([credit[: len(real)][p], credit[len(real) :][q]])
    np.testing.assert_array_equal(same_set_nearest(real[p], fake[q]), shuffled)


def test_float32_features_give_the_labels_of_float64():
    real, fake = (points.astype(np.float32) for points in case("B_medium"))
    wide = same_set_nearest(real.astype(np.float64), fake.astype(np.float64))
    np.testing.assert_array_equal(same_set_nearest(real, fake), wide)


def test_zero_and_minus_zero_are_one_point():
    real, fake = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[-0.0, 1.0], [9.0, 9.0]])
    np.testing.assert_array_equal(same_set_nearest(real, fake), [0.5, 0.5, 0.0, 0.5])
    np.testing.assert_array_equal(by_definition(real, fake), [0.5, 0.5, 0.0, 0.5])
