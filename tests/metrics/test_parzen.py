"""The Parzen-window log-likelihood agrees with direct sums and SciPy. One test shows that it can mislead."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import logsumexp
from scipy.stats import gaussian_kde

from gan_bench.config.grammar.reference import resolve
from gan_bench.features import Features
from gan_bench.metrics.evaluate import evaluate_sets

RNG = np.random.default_rng


def rows_of(real, fake, train, block=None, **settings):
    return evaluate_sets(
        *map(Features, (real, fake)),
        [resolve("metrics", {"name": "parzen", **settings})],
        seed=0,
        extractor_label="toy",
        split=None,
        train=Features(train),
        block=block,
    )


def parzen(*sets, **more):
    return {row["name"].removeprefix("parzen_"): row["value"] for row in rows_of(*sets, **more)}


def log_density(x, centres, s):
    """(n,) log-density of the Parzen windows, from all differences at once."""
    squared = cdist(x, centres, "sqeuclidean")
    dim = x.shape[1]
    return logsumexp(-squared / (2 * s * s), axis=1) - np.log(len(centres)) - dim / 2 * np.log(2 * np.pi * s * s)


def three(n, m, t, dim, seed=0):
    """Real, generated and training rows of one normal distribution with unequal variances, far from the origin."""
    rng = RNG(seed)
    return [5.0 + 3.0 * rng.standard_normal((k, dim)) @ np.diag(np.linspace(0.2, 2, dim)) for k in (n, m, t)]


@pytest.mark.parametrize(("n", "m", "t", "dim"), [(50, 70, 40, 1), (130, 90, 200, 7), (60, 40, 30, 64)])
def test_it_is_the_density_of_all_kernels_at_the_real_rows(n, m, t, dim):
    real, fake, train = three(n, m, t, dim)
    values = parzen(real, fake, train)
    expected = log_density(real, fake, values["bandwidth"])
    assert values["log_likelihood"] == pytest.approx(expected.mean(), rel=1e-10)
    assert values["se"] == pytest.approx(expected.std(ddof=1) / np.sqrt(n), rel=1e-9)


def test_it_is_scipys_kernel_density():
    real, fake, train = three(50, 80, 40, 1)
    values = parzen(real, fake, train)
    density = gaussian_kde(fake.T, bw_method=values["bandwidth"] / fake.std(ddof=1))
    assert values["log_likelihood"] == pytest.approx(density.logpdf(real.T).mean(), rel=1e-9)


@pytest.mark.parametrize("dim", [1, 5, 64])
def test_the_bandwidth_is_the_best_for_training_rows_and_the_grid_brackets_it(dim):
    real, fake, train = three(50, 200, 100, dim)
    best = parzen(real, fake, train, bandwidths=200)["bandwidth"]
    fine = np.geomspace(best / 30, best * 30, 301)
    values = [log_density(train, fake, s).mean() for s in fine]
    assert best == pytest.approx(fine[np.argmax(values)], rel=0.04)
    # The default grid of twenty bandwidths is nearly as good.
    coarse = parzen(real, fake, train)["bandwidth"]
    assert log_density(train, fake, coarse).mean() > max(values) - 0.02 * dim


def test_the_training_rows_that_choose_are_a_seeded_subset():
    real, fake, train = three(50, 100, 400, 3)
    some = [parzen(real, fake, train, validation=20, bandwidths=200, seed=seed)["bandwidth"] for seed in (0, 0, 1)]
    assert some[0] == some[1] != some[2]


@pytest.mark.parametrize("dim", [1, 2])
def test_in_few_dimensions_it_approaches_the_negative_entropy(dim):
    rng = RNG(1)
    real, train = (2.0 * rng.standard_normal((2000, dim)) for _ in range(2))
    truth = -dim / 2 * np.log(2 * np.pi * np.e * 4.0)
    gaps = []
    for m in (20, 2000):
        values = parzen(real, 2.0 * rng.standard_normal((m, dim)), train)
        gaps.append(truth - values["log_likelihood"])
    assert abs(gaps[1]) < 4 * values["se"]
    assert gaps[0] > 0.05 > gaps[1]


def test_blocks_and_the_order_of_rows_change_rounding_only():
    real, fake, train = three(150, 130, 90, 6)
    fake[100:] = fake[:30]
    expected = pytest.approx(parzen(real, fake, train), rel=1e-10)
    assert parzen(real, fake, train, block=32) == expected
    assert parzen(real[::-1].copy(), fake[RNG(2).permutation(130)], train[::-1].copy()) == expected


def test_large_sets_keep_their_digits():
    """With more than 2 048 rows, distances are computed in float32."""
    real, fake, train = three(40, 2100, 60, 32)
    values = parzen(real, fake, train)
    assert values["log_likelihood"] == pytest.approx(log_density(real, fake, values["bandwidth"]).mean(), abs=1e-4)


def test_units_shift_it_by_a_constant():
    real, fake, train = three(60, 50, 40, 4)
    values, scaled = parzen(real, fake, train), parzen(8 * real, 8 * fake, 8 * train)
    assert scaled["bandwidth"] == pytest.approx(8 * values["bandwidth"], rel=1e-12)
    assert scaled["log_likelihood"] == pytest.approx(values["log_likelihood"] - 4 * np.log(8), rel=1e-12)


def test_copies_of_the_training_rows_leave_no_bandwidth():
    real, _, train = three(60, 50, 40, 4)
    rows = rows_of(real, train, train)
    assert {row["value"] for row in rows} == {None}
    assert "equals a generated row" in rows[0]["note"]
    # If one training row is not copied, there is a score.
    assert parzen(real, train[:-1], train)["bandwidth"] > 0


def test_cluster_centres_beat_samples_of_the_true_law():
    """The metric misleads: ten repeated pictures score better than true samples (Theis et al. 2016, table 1)."""
    rng = RNG(3)
    centres = 2.0 * rng.standard_normal((10, 64))

    def law(n):
        return centres[np.arange(n) % 10] + rng.standard_normal((n, 64))

    real, truth, train = law(300), law(1000), law(1000)
    means = np.stack([train[k::10].mean(0) for k in range(10)])
    memorised = parzen(real, np.repeat(means, 100, axis=0), train)
    assert memorised["log_likelihood"] > parzen(real, truth, train)["log_likelihood"] + 10 * memorised["se"]
