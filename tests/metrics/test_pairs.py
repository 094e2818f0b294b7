"""Quantities computed from pairs of rows equal their definitions, also with ties, equal rows and any block size."""

import numpy as np
import pytest
import torch
from golden_inputs import case, walk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gan_bench.metrics import MetricUndefined
from gan_bench.metrics.duplicates import NearPairs
from gan_bench.metrics.pairs import Pairs, Requests, read_pairs, real_state, sets
from gan_bench.metrics.pairs import rows as rows_module
from gan_bench.metrics.pairs.balls import Balls
from gan_bench.metrics.pairs.nearest import NearestNeighbours
from gan_bench.metrics.pairs.radii import Radii
from gan_bench.metrics.pairs.training import NearestAngle, NearestTraining


@pytest.fixture(params=["float64", "float32"], autouse=True)
def working(request, monkeypatch):
    """Small sets are normally compared in float64; here they are also compared in float32, like large sets."""
    if request.param == "float32":
        monkeypatch.setattr(sets, "FLOAT64_ROWS", 0)
    return request.param


def squares(a, b):
    """All squared distances, from float64 differences."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return np.square(a[:, None] - b[None]).sum(axis=2)


def kth(points, k):
    squared = squares(points, points)
    np.fill_diagonal(squared, np.inf)
    return np.sort(squared, axis=1)[:, k - 1]


def pairs_of(*sets, block=1024):
    return Pairs(*(None if points is None else torch.from_numpy(points.copy()) for points in sets), block=block)


def unscaled(squared, pairs):
    return (squared / pairs.frame.factor**2).numpy()


def grid(rng, n, d, levels):
    return rng.integers(0, levels, (n, d)).astype(float)


GRIDS = given(
    st.integers(7, 40),
    st.integers(7, 40),
    st.integers(1, 4),
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(0, 9999),
)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@MANY
@GRIDS
def test_radii_balls_and_near_pairs_on_grids_full_of_ties(n, m, d, levels, k, seed):
    rng = np.random.default_rng(seed)
    real, fake = grid(rng, n, d, levels), grid(rng, m, d, levels)
    request = Requests()
    radii = request(Radii)
    strict, edge = (request(Balls, radii=radii, k=k, inclusive=inc, both=True) for inc in (False, True))
    near = request(NearPairs, radii=radii, quantile=0.3)
    pairs = pairs_of(real, fake, block=9)
    read_pairs(pairs, request.parts)

    radius_real, radius_fake, between = kth(real, k), kth(fake, k), squares(real, fake)
    np.testing.assert_array_equal(unscaled(radii.radius("real", k), pairs)[pairs.real.inverse], radius_real)
    np.testing.assert_array_equal(unscaled(radii.radius("fake", k), pairs)[pairs.fake.inverse], radius_fake)
    for balls, inside in ((strict, np.less), (edge, np.less_equal)):
        in_real, in_fake = inside(between, radius_real[:, None]), inside(between, radius_fake[None, :])
        np.testing.assert_array_equal(balls.fake_inside, in_real.any(axis=0))
        np.testing.assert_array_equal(balls.real_holds, in_real.any(axis=1))
        np.testing.assert_array_equal(balls.real_inside, in_fake.any(axis=1))
        assert balls.fake_depth == in_real.sum()
    limit = np.quantile(kth(real, 1), 0.3, method="lower")
    close = squares(fake, fake) <= limit
    np.fill_diagonal(close, False)
    assert near.count == close.sum() / 2
    np.testing.assert_array_equal(near.repeated, close.any(axis=1))


@pytest.mark.parametrize("name", ["A_small", "E_relu_dead_units", "H_large_mean", "I_collapsed_fake"])
@pytest.mark.parametrize("block", [50, 333])
def test_radii_of_continuous_rows(name, block):
    for points in case(name):
        pairs, radii = pairs_of(points, block=block), Radii().want(5)
        real_state(pairs, [radii])
        for k in (1, 3, 5):
            result = unscaled(radii.radius("real", k), pairs)[pairs.real.inverse]
            np.testing.assert_allclose(result, kth(points, k), rtol=1e-13)


def test_rows_that_almost_coincide_are_still_ordered():
    """The set is nearly collapsed and far from the origin, so all distances are below the rounding error of float32."""
    rng = np.random.default_rng(0)
    real = walk(1, 300, 8)
    fake = 5.0 + 1e-5 * rng.standard_normal((300, 8))
    request = Requests()
    balls = request(Balls, radii=request(Radii), k=3, inclusive=False, both=True)
    radii, minima = request(Radii), request(NearestNeighbours)
    pairs = pairs_of(real, fake, block=64)
    read_pairs(pairs, request.parts)
    np.testing.assert_allclose(unscaled(radii.radius("fake", 3), pairs), kth(fake, 3), rtol=1e-9)
    np.testing.assert_array_equal(balls.fake_inside, (squares(real, fake) < kth(real, 3)[:, None]).any(axis=0))
    assert float(minima.same_set("fake", pairs).mean()) == 1.0


@MANY
@GRIDS
def test_nearest_training_rows(n, m, d, levels, k, seed):
    rng = np.random.default_rng(seed)
    real, fake, train = grid(rng, n, d, levels), grid(rng, m, d, levels), grid(rng, 3 * k, d, levels)
    pairs, nearest = pairs_of(real, fake, train, block=9), NearestTraining()
    read_pairs(pairs, [nearest])
    np.testing.assert_allclose(nearest.squared["fake"], squares(fake, train).min(axis=1), atol=1e-5)
    np.testing.assert_allclose(nearest.squared["real"], squares(real, train).min(axis=1), atol=1e-5)


def test_a_copy_is_at_distance_zero_and_at_no_angle():
    train = (1e3 + walk(1, 500, 12)).astype(np.float32)
    pairs = pairs_of(walk(2, 40, 12).astype(np.float32) + 1e3, train[::17].copy(), train, block=64)
    nearest, angle = NearestTraining(), NearestAngle()
    read_pairs(pairs, [nearest, angle])
    assert not nearest.squared["fake"].any()
    assert nearest.squared["real"].all()
    assert float(angle.distance.max()) < 1e-15


def test_the_nearest_angle():
    train, fake = walk(1, 200, 6), -2.0 * walk(2, 150, 6)
    fake[3], train[5] = 0.0, 0.0
    pairs, angle = pairs_of(train, fake, train, block=32), NearestAngle()
    read_pairs(pairs, [angle])

    def unit(points):
        return points / np.linalg.norm(points, axis=1, keepdims=True)

    others, kept = np.delete(fake, 3, axis=0), np.delete(train, 5, axis=0)
    expected = (1 - np.abs(unit(others) @ unit(kept).T)).min(axis=1)
    assert torch.isnan(angle.distance[3])
    np.testing.assert_allclose(np.delete(angle.distance.numpy(), 3), expected, atol=1e-6)


def test_states_of_the_real_rows_are_taken_back():
    real, fake, train = walk(1, 200, 6), walk(2, 200, 6), walk(3, 300, 6)

    def parts():
        request = Requests()
        radii = request(Radii)
        request(Balls, radii=radii, k=3, inclusive=False, both=True)
        return [*request.parts, NearestNeighbours(), NearestTraining()]

    states = real_state(pairs_of(real, None, train), parts())
    fresh, restored = parts(), parts()
    read_pairs(pairs_of(real, fake, train), fresh)
    read_before = pairs_of(real, fake, train)
    reads = []
    read_before.blocks = lambda which, blocks=read_before.blocks: reads.append(which) or blocks(which)
    read_pairs(read_before, restored, states)
    assert set(reads) == {"fake", "cross", "train"}, "nothing is read again of the real rows alone"
    torch.testing.assert_close(restored[0].squared["real"], fresh[0].squared["real"], rtol=0, atol=0)
    assert (restored[1].fake_depth, fresh[1].fake_inside.tolist()) == (
        fresh[1].fake_depth,
        restored[1].fake_inside.tolist(),
    )
    # Stored states of other rows, or of fewer neighbours, are not used.
    more = parts()
    more[0].want(5)
    read_pairs(pairs_of(real, fake, train), more, states)
    assert more[0].squared["real"].shape[1] == 5


def test_equal_rows_are_found_also_where_hashes_collide(monkeypatch):
    points = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [-0.0, 0.0], [0.0, 0.0], [3.0, 4.0], [1.0, 2.0]])
    for collide in (False, True):
        if collide:
            monkeypatch.setattr(rows_module, "_hash", lambda part: torch.zeros(len(part), dtype=torch.int64))
        result = pairs_of(points).real
        assert result.inverse.tolist() == [0, 1, 0, 2, 2, 1, 0]
        assert result.counts.tolist() == [3, 2, 2]
        assert result.points.tolist() == [[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]]


def test_rows_out_of_range_are_refused():
    with pytest.raises(MetricUndefined, match="squared distances exceed float64"):
        pairs_of(walk(1, 20, 3), 1e200 * walk(2, 20, 3))


def test_far_samples_are_compared_in_float64(working):
    pairs = pairs_of(walk(1, 20, 3), 1e30 * walk(2, 20, 3))
    assert pairs.fake.working == torch.float64
