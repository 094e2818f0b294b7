"""Metrics equal closed forms, scale as expected, and react monotonically to noise and to dropped modes."""

import numpy as np
import pytest
import torch
from golden_inputs import walk

from gan_bench.config.grammar.reference import resolve
from gan_bench.features import Features
from gan_bench.metrics.density_coverage import density_coverage
from gan_bench.metrics.evaluate import evaluate_sets
from gan_bench.metrics.frechet_infinity import intercept
from gan_bench.metrics.precision_recall import precision_recall
from gan_bench.metrics.sliced_wasserstein import projected, unit_vectors
from gan_bench.metrics.wasserstein import wasserstein

FAMILIES = [
    "frechet",
    "one_nn",
    "precision_recall",
    "density_coverage",
    "mmd",
    "kid",
    "wasserstein",
    "sliced_wasserstein",
]


def values(real, fake, *families, train=None):
    rows = evaluate_sets(
        Features(real),
        Features(fake),
        [resolve("metrics", name) for name in families or FAMILIES],
        seed=0,
        extractor_label="",
        split=None,
        train=None if train is None else Features(train),
    )
    return {row["name"]: row["value"] for row in rows}


def test_a_shifted_set():
    real = walk(1, 300, 8)
    shift = np.linspace(-1.0, 2.0, 8)
    measured = values(real, real + shift)
    assert measured["frechet"] == pytest.approx(shift @ shift, rel=1e-10)
    assert measured["w1"] == pytest.approx(np.linalg.norm(shift), rel=1e-10)
    # Along a direction t, the shift s has the length t . s. The mean of (t . s)^2 over the sphere is |s|^2 / D.
    directions = unit_vectors(1000, 8, 0)
    assert measured["sliced_w2"] == pytest.approx(np.sqrt(np.square(directions @ shift).mean()), rel=1e-10)
    assert measured["sliced_w2"] == pytest.approx(np.linalg.norm(shift) / np.sqrt(8), rel=4 * measured["sliced_w2_se"])


def test_scale_laws():
    real, fake = walk(1, 200, 6), walk(2, 200, 6, 1.2, 0.3)
    entry, eight = values(real, fake), values(8 * real, 8 * fake)
    powers = {"frechet": 64, "w1": 8, "sliced_w2": 8, "sliced_w2_se": 8}
    for name, value in entry.items():
        # KID has no scaling law: its cubic kernel adds a constant to the inner product.
        if value is not None and not name.startswith("kid"):
            assert eight[name] == pytest.approx(powers.get(name, 1) * value, rel=1e-9), name


def test_gaussian_mmd_of_two_points():
    real, fake = np.array([[0.0], [2.0]]), np.array([[0.0], [2.0]]) + 1.0
    # The mean of the four squared distances between real rows is 2, so the kernel is k = exp(-d^2 / 4).
    k = {d: np.exp(-(d**2) / 4) for d in (0, 1, 2, 3)}
    within, cross = (k[0] + k[2]) / 2, (3 * k[1] + k[3]) / 4
    measured = values(real, fake, "mmd")
    assert measured["mmd_gaussian_v"] == pytest.approx(np.sqrt(2 * within - 2 * cross), rel=1e-12)
    assert measured["mmd_gaussian_u"] == pytest.approx(2 * k[2] - 2 * cross, rel=1e-12)


def test_kid_of_two_points():
    measured = values(np.array([[1.0], [2.0]]), np.array([[0.0], [3.0]]), "kid")
    cross = (1 + 1 + 4**3 + 7**3) / 4
    assert measured["kid"] == pytest.approx(3**3 + 1 - 2 * cross)


def test_transport_in_one_dimension():
    real, fake = walk(1, 60, 1), walk(2, 60, 1, 2.0)
    sorted_gap = np.sort(real, axis=0) - np.sort(fake, axis=0)
    measured = values(real, fake, "wasserstein", "sliced_wasserstein")
    assert measured["w1"] == pytest.approx(np.abs(sorted_gap).mean(), rel=1e-12)
    assert measured["sliced_w2"] == pytest.approx(np.sqrt(np.square(sorted_gap).mean()), rel=1e-12)
    assert measured["sliced_w2_se"] == pytest.approx(0, abs=1e-12)


def test_sliced_transport_between_sets_of_different_size():
    """A set with every row twice and a set with every row three times have the same distribution."""
    points = torch.from_numpy(walk(1, 20, 3))
    other = torch.from_numpy(walk(2, 14, 3))
    directions = unit_vectors(30, 3, 0)
    twice, thrice = points.repeat_interleave(2, 0), points.repeat_interleave(3, 0)
    assert float(projected(twice, thrice, directions).max()) < 1e-25
    torch.testing.assert_close(projected(points, other, directions), projected(thrice, other.repeat(5, 1), directions))


def test_equal_sets():
    real = walk(1, 150, 5)
    measured = values(real, real.copy())
    for name in ("frechet", "mmd_gaussian_v", "w1", "sliced_w2", "one_nn"):
        assert measured[name] == pytest.approx(0.0, abs=1e-7), name
    assert (measured["precision"], measured["recall"], measured["coverage"]) == (1, 1, 1)


def test_two_samples_of_one_law_lie_in_the_known_bands():
    """The bands are means and standard deviations over 20 repetitions with 1,000 rows in 64 dimensions.

    The test makes three repetitions and allows three standard errors.
    """
    bands = {
        "kid": (-0.001, 0.012),
        "mmd_gaussian_u": (0.00004, 0.00044),
        "mmd_gaussian_v": (0.026, 0.008),
        "one_nn": (0.497, 0.012),
        "precision": (0.880, 0.012),
        "recall": (0.879, 0.012),
        "density": (0.997, 0.039),
        "coverage": (0.967, 0.009),
        "w1": (3.322, 0.025),
    }
    measured = [values(walk(2 * k + 40, 1000, 64), walk(2 * k + 41, 1000, 64)) for k in range(3)]
    for name, (mean, spread) in bands.items():
        assert abs(np.mean([entry[name] for entry in measured]) - mean) < 3 * spread / np.sqrt(3) + 1e-3, name


def test_coverage_of_one_law_has_its_expected_value():
    n, k = 400, 5
    expected = 1 - np.prod([(n - j) / (2 * n - j) for j in range(1, k + 1)])
    measured = [density_coverage(walk(90 + s, n, 6), walk(190 + s, n, 6), k)["coverage"] for s in range(10)]
    assert np.mean(measured) == pytest.approx(expected, abs=0.01)


#: Value -> 1 if it grows as samples get worse, -1 if it falls.
WORSE = {
    "frechet": 1,
    "mmd_gaussian_v": 1,
    "w1": 1,
    "sliced_w2": 1,
    "one_nn": 1,
    "kid": 1,
    "density": -1,
    "coverage": -1,
}


def test_noise_makes_it_worse_steadily():
    real, rng = walk(1, 500, 10), np.random.default_rng(0)
    noise, fresh = rng.standard_normal((500, 10)), walk(2, 500, 10)
    measured = [values(real, fresh + size * noise) for size in (0.0, 0.7, 1.5, 3.0)]
    for name, sign in (WORSE | {"precision": -1}).items():
        assert (sign * np.diff([entry[name] for entry in measured]) > 0).all(), name


def test_dropped_modes_make_it_worse_steadily_but_not_precision():
    rng = np.random.default_rng(0)
    centres = 12 * rng.standard_normal((8, 10))

    def sample(modes, seed):
        draws = np.random.default_rng(seed)
        return centres[draws.integers(0, modes, 480)] + draws.standard_normal((480, 10))

    real = sample(8, 1)
    measured = [values(real, sample(modes, 2)) for modes in (8, 6, 4, 2)]
    for name in ("frechet", "mmd_gaussian_v", "w1", "sliced_w2", "kid"):
        assert (np.diff([entry[name] for entry in measured]) > 0).all(), name
    for name in ("recall", "coverage"):
        assert (np.diff([entry[name] for entry in measured]) < 0).all(), name
    assert min(entry["precision"] for entry in measured) > 0.8, "what is made is still real"


def test_swapping_the_sets_swaps_precision_and_recall():
    real, fake = walk(1, 200, 6), walk(2, 200, 6, 0.5)
    there, back = precision_recall(real, fake), precision_recall(fake, real)
    assert (there["precision"], there["recall"]) == (back["recall"], back["precision"])
    assert there["precision"] > there["recall"], "samples of half the width are inside, and do not cover"


def test_symmetric_distances_are_symmetric():
    real, fake = walk(1, 150, 5), walk(2, 150, 5, 1.3)
    there, back = values(real, fake), values(fake, real)
    for name in ("frechet", "kid", "w1", "sliced_w2", "one_nn"):
        assert there[name] == pytest.approx(back[name], rel=1e-10), name
    # This value is not symmetric, because the width of its Gaussian kernel comes from the real rows.
    assert there["mmd_gaussian_u"] != pytest.approx(back["mmd_gaussian_u"], rel=1e-3)


def test_the_line_of_frechet_infinity():
    counts = np.array([100, 150, 200, 400])
    assert intercept(counts, list(3.0 + 50.0 / counts)) == pytest.approx(3.0)
    # For two sets of one distribution, the true distance is 0, so the measured distance is only bias. The
    # extrapolation to infinitely many samples removes most of the mean bias.
    measured = [values(walk(k, 4000, 16), walk(50 + k, 800, 16), "frechet", "frechet_infinity") for k in range(8)]
    mean = {name: np.mean([entry[name] for entry in measured]) for name in ("frechet", "frechet_infinity")}
    assert abs(mean["frechet_infinity"]) < 0.4 * mean["frechet"]


def test_copies_of_training_rows_are_seen():
    train, held = walk(1, 600, 12), walk(2, 200, 12)
    fresh, copies = walk(3, 200, 12), train[:200].copy()
    names = ("mifid", "training_neighbours")
    new, copied = values(held, fresh, *names, train=train), values(held, copies, *names, train=train)
    assert new["train_distance_ratio"] == pytest.approx(1.0, abs=0.1)
    assert copied["train_distance_ratio"] == 0.0
    assert new["train_copies"] < 0.06 and copied["train_copies"] == 1.0
    assert copied["mifid"] > 1e6 * new["mifid"]


def test_the_birthday_paradox_finds_the_size_of_a_finite_support():
    rng = np.random.default_rng(0)
    real, support = walk(1, 800, 12), walk(2, 300, 12)
    measured = values(real, support[rng.integers(0, 300, 800)], "duplicates")
    assert measured["support_size"] == pytest.approx(300, rel=0.15)
    assert measured["duplicates"] > 0.9
    assert values(real, walk(3, 800, 12), "duplicates")["duplicates"] < 0.06
    assert wasserstein(torch.from_numpy(real), torch.from_numpy(real)) == 0.0
