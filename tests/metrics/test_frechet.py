from decimal import Decimal

import numpy as np
import pytest
from golden_inputs import GOLDEN, case, walk
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from threadpoolctl import threadpool_limits

from gan_bench.features import Features
from gan_bench.metrics import Sets
from gan_bench.metrics.frechet import FACTS, compute, frechet_distance, real_side


def white(n, d, seed=0):
    """(n, d) rows with mean 0 and sample covariance 1, up to rounding."""
    rows = np.random.default_rng(seed).standard_normal((n, d))
    rows -= rows.mean(axis=0)
    return rows @ np.linalg.inv(np.linalg.cholesky(rows.T @ rows / (n - 1))).T


@pytest.mark.parametrize("name", [name for name in GOLDEN["cases"] if name != "G_identical"])
def test_golden_values_of_any_rank(name):
    real, fake = case(name)
    # The distance is symmetric: exchanging the real and the generated set does not change it.
    for pair in ((real, fake), (fake, real)):
        assert frechet_distance(*pair) == pytest.approx(GOLDEN["cases"][name]["fid"], rel=1e-10)


@pytest.mark.parametrize(("name", "relative"), [("A_small", 1e-13), ("H_large_mean", 1e-11)])
def test_against_sixty_digits(name, relative):
    exact = float(Decimal(GOLDEN["cases"][name]["fid_60_digits"]))
    assert frechet_distance(*case(name)) == pytest.approx(exact, rel=relative)


def test_agrees_with_the_square_root_of_the_product():
    real, fake = case("A_small")
    s_r, s_f = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    shift = real.mean(axis=0) - fake.mean(axis=0)
    expected = shift @ shift + np.trace(s_r + s_f - 2 * np.real(sqrtm(s_r @ s_f)))
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("n", "m", "d"), [(200, 300, 5), (40, 300, 64), (300, 20, 64), (30, 20, 64)])
def test_equal_sets_and_shifted_sets(n, m, d):
    real = walk(1, n, d)
    assert frechet_distance(real, real.copy()) == pytest.approx(0.0, abs=1e-10)
    shift = np.linspace(-1, 1, d)
    assert frechet_distance(real, real + shift) == pytest.approx(shift @ shift, rel=1e-10)
    # The order of the rows and the order of the sets do not matter.
    fake = walk(2, m, d)
    assert frechet_distance(real[::-1], fake) == pytest.approx(frechet_distance(fake, real), rel=1e-10)


def test_gaussians_of_known_mean_and_covariance():
    sd = np.array([0.1, 0.5, 1.0, 2.0, 3.0, 0.0])  # the last unit is constant in the generated set
    mean = np.array([1.0, 0.0, -1.0, 0.5, 0.0, 2.0])
    expected = mean @ mean + np.sum((1 - sd) ** 2)
    rotation = np.linalg.qr(np.random.default_rng(3).standard_normal((6, 6)))[0]
    real, fake = white(500, 6), white(400, 6, seed=1) * sd + mean
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-12)
    assert frechet_distance(real @ rotation, fake @ rotation) == pytest.approx(expected, rel=1e-10)
    assert frechet_distance(7 * real, 7 * fake) == pytest.approx(49 * expected, rel=1e-12)


def test_commuting_rotations_have_a_closed_form_where_the_product_is_not_symmetric():
    # In two dimensions tr (AB)^(1/2) = sqrt(tr AB + 2 sqrt(det AB)).
    a, b = np.array([[2.0, 0.3], [0.3, 0.5]]), np.array([[1.0, -0.6], [-0.6, 1.5]])
    root = np.sqrt(np.trace(a @ b) + 2 * np.sqrt(np.linalg.det(a @ b)))
    real, fake = white(300, 2) @ np.linalg.cholesky(a).T, white(300, 2, 1) @ np.linalg.cholesky(b).T
    assert frechet_distance(real, fake) == pytest.approx(np.trace(a + b) - 2 * root, rel=1e-10)


def test_constant_sets():
    points = walk(1, 100, 4)
    constant = np.tile([1.0, 2.0, 3.0, 4.0], (50, 1))
    assert frechet_distance(constant, constant + 2.0) == pytest.approx(16.0)
    spread = np.var(points, axis=0, ddof=1).sum()
    gap = points.mean(axis=0) - constant[0]
    assert frechet_distance(points, constant) == pytest.approx(gap @ gap + spread, rel=1e-12)


def test_a_rare_direction_counts_although_its_variance_is_tiny():
    # The second direction has a variance of only 1e-6. A constant added to the diagonal, or a large threshold for
    # eigenvalues, would hide its contribution to the distance.
    sd = np.array([1.0, 1e-3])
    real, fake = white(300, 2) * sd, white(300, 2, 1) * (sd * [1.0, 2.0])
    assert frechet_distance(real, fake) == pytest.approx(1e-6, rel=1e-8)


def test_float32_features_are_summed_in_float64():
    real, fake = (points.astype(np.float32) for points in case("H_large_mean"))
    exact = frechet_distance(real.astype(np.float64), fake.astype(np.float64))
    assert frechet_distance(real, fake) == exact


def test_two_samples_of_one_law_are_near_the_known_floor():
    # For pairs of samples of this distribution and size, the value has mean 0.331 and standard deviation 0.120.
    values = [frechet_distance(walk(2 * k, 1000, 64), walk(2 * k + 1, 1000, 64)) for k in range(4)]
    assert 0.331 - 2 * 0.120 < np.mean(values) < 0.331 + 2 * 0.120


def test_threads_change_rounding_only():
    real, fake = case("B_medium")
    with threadpool_limits(1):
        constant = frechet_distance(real, fake)
    with threadpool_limits(2):
        assert frechet_distance(real, fake) == pytest.approx(constant, rel=1e-10)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.integers(2, 12), st.integers(1, 6), st.integers(0, 1000))
def test_never_negative_symmetric_and_unmoved_by_a_common_shift(n, m, d, seed):
    rng = np.random.default_rng(seed)
    real, fake = rng.integers(-2, 3, (n, d)).astype(float), rng.integers(-2, 3, (m, d)).astype(float)
    value = frechet_distance(real, fake)
    assert value >= 0
    assert frechet_distance(fake, real) == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert frechet_distance(real + 3.5, fake + 3.5) == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_the_label_does_not_claim_inception():
    assert "frechet" in FACTS["values"]
    assert "FID" not in FACTS["values"]["frechet"]["label"]
    real, fake = case("A_small")
    sets = Sets(Features(real), Features(fake), side=real_side(Features(real)))
    values = compute(sets, {}, np.random.default_rng(0))
    assert values == {"frechet": frechet_distance(real, fake)}


@pytest.mark.parametrize("noise", [1e-1, 1e-3, 1e-5, 0.0])
@pytest.mark.parametrize("both", [True, False])
def test_nearly_singular_covariances_agree_with_the_rows_themselves(noise, both):
    """The trace of the root must be the nuclear norm of X Y', where X and Y are the centred rows of both sets.

    This norm needs no covariance and loses no small eigenvalue.
    """

    def thin(seed):
        rng = np.random.default_rng(seed)
        few = rng.standard_normal((200, 6)) @ np.random.default_rng(5).standard_normal((6, 40))
        return few + noise * rng.standard_normal((200, 40))

    real, fake = thin(1), thin(2) if both else white(200, 40, 3)
    x, y = ((rows - rows.mean(0)) / np.sqrt(len(rows) - 1) for rows in (real, fake))
    shift = real.mean(0) - fake.mean(0)
    root = np.linalg.svd(x @ y.T, compute_uv=False).sum()
    expected = shift @ shift + (x**2).sum() + (y**2).sum() - 2 * root
    assert frechet_distance(real, fake) == pytest.approx(expected, rel=1e-11)
    assert frechet_distance(fake, real) == pytest.approx(expected, rel=1e-11)
