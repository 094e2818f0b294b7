from itertools import combinations

import numpy as np
import pytest
from golden_inputs import GOLDEN, case, walk
from scipy.spatial.distance import cdist

from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics.one_nn import compute, one_nn


@pytest.mark.parametrize("name", GOLDEN["cases"])
def test_golden_counts_are_exact(name):
    expected, counts = GOLDEN["cases"][name], GOLDEN["cases"][name]["one_nn"]
    n, m = expected["n_real"], expected["n_fake"]
    real = counts["hits_real"] + counts["ties_real"] / 2
    fake = counts["hits_fake"] + counts["ties_fake"] / 2
    scores = one_nn(*case(name))
    assert 0.001 <= scores.pop("one_nn_p") <= 1
    assert scores == {
        "one_nn": (real + fake) / (n + m),
        "one_nn_real": real / n,
        "one_nn_fake": fake / m,
        "one_nn_ties": counts["ties_real"] + counts["ties_fake"],
    }


def test_copies_separate_sets_and_collapse():
    real = walk(1, 200, 8)
    copied = one_nn(real, real.copy())
    assert copied.pop("one_nn_p") == 0.001, "no labelling is as extreme"
    assert copied == {"one_nn": 0, "one_nn_real": 0, "one_nn_fake": 0, "one_nn_ties": 0}
    assert one_nn(real, real + 100)["one_nn"] == 1
    collapsed = one_nn(real, np.repeat(real[:1] + 0.01, 200, axis=0))
    assert collapsed["one_nn_fake"] == 1
    assert 0.9 < collapsed["one_nn_real"] < 1


def test_sets_that_are_one_point_tie_everywhere():
    point = np.ones((300, 4))
    scores = one_nn(point, point)
    assert scores.pop("one_nn_p") == 1.0
    assert scores == {"one_nn": 0.5, "one_nn_real": 0.5, "one_nn_fake": 0.5, "one_nn_ties": 600}


def test_two_samples_of_one_law_are_within_the_known_band():
    # For pairs of samples of this distribution and size, the value has mean 0.497 and standard deviation 0.012.
    values = [one_nn(walk(2 * k, 1000, 64), walk(2 * k + 1, 1000, 64))["one_nn"] for k in range(3)]
    assert abs(np.mean(values) - 0.497) < 3 * 0.012 / np.sqrt(3)


def test_swapping_the_sets_swaps_the_sides():
    real, fake = case("E_relu_dead_units")
    there, back = one_nn(real, fake), one_nn(fake, real)
    assert (there["one_nn_real"], there["one_nn_fake"]) == (back["one_nn_fake"], back["one_nn_real"])
    assert there["one_nn"] == back["one_nn"]


def hits(points, labels):
    """(hits among the real rows, hits among the generated rows), from the full distance matrix. A tie counts half."""
    squared = cdist(points, points, "sqeuclidean")
    np.fill_diagonal(squared, np.inf)
    nearest = squared == squared.min(axis=1, keepdims=True)
    same = (nearest & (labels[:, None] == labels)).sum(axis=1)
    credit = np.where(same == nearest.sum(axis=1), 1.0, np.where(same == 0, 0.0, 0.5))
    return credit[labels].sum(), credit[~labels].sum()


def extremeness(points, labels):
    real, fake = hits(points, labels)
    n, rows = labels.sum(), len(labels)
    mean = (n * (n - 1) + (rows - n) * (rows - n - 1)) / (rows - 1)
    return round(abs(real + fake - mean), 9), abs(real - fake)


@pytest.mark.parametrize("step", [0, 1, 4], ids=["distinct", "tied", "repeated"])
@pytest.mark.parametrize(("n", "m"), [(4, 4), (3, 6)])
def test_the_p_value_of_small_sets_is_that_of_all_labellings(n, m, step):
    points = np.random.default_rng(n + step).normal(size=(n + m, 2)) * 2
    points = np.round(points / step) * step if step else points
    observed = extremeness(points, np.arange(n + m) < n)
    labellings = [np.isin(np.arange(n + m), chosen) for chosen in combinations(range(n + m), n)]
    expected = np.mean([extremeness(points, labels) >= observed for labels in labellings])
    assert one_nn(points[:n], points[n:])["one_nn_p"] == pytest.approx(expected)


def test_random_labellings_are_those_of_the_given_generator():
    real, fake = walk(1, 60, 3), walk(2, 60, 3)
    first, again, other = (one_nn(real, fake, np.random.default_rng(seed))["one_nn_p"] for seed in (0, 0, 1))
    assert first == again != other
    assert round(1000 * first) == pytest.approx(1000 * first)


@pytest.mark.parametrize("step", [0, 1], ids=["distinct", "repeated"])
def test_the_p_value_does_not_depend_on_the_order_of_rows(step):
    """In an earlier version, random labels were assigned in the order of the files, so sorting a file changed p."""
    real, fake = (np.random.default_rng(seed).normal(size=(60, 3)) for seed in (1, 2))
    real, fake = ((np.round(x) if step else x) for x in (real, fake))
    order = np.random.default_rng(3).permutation(60)
    expected = one_nn(real, fake)["one_nn_p"]
    assert 0.001 < expected < 1
    assert one_nn(real[order], fake[order[::-1]])["one_nn_p"] == one_nn(real, fake[order])["one_nn_p"] == expected


def test_equal_distributions_are_rejected_as_often_as_the_level_says():
    """The p-value is at most 0.05 in about 5 % of pairs of equal distributions.

    An earlier version had a binomial p-value, which was at most 0.05 in 11 % of these pairs.
    """
    rng = np.random.default_rng(0)
    p = [one_nn(rng.normal(size=(50, 2)), rng.normal(size=(50, 2)), rng)["one_nn_p"] for _ in range(400)]
    assert abs(np.mean(np.array(p) <= 0.05) - 0.05) < 2 * np.sqrt(0.05 * 0.95 / 400)


def test_undefined_for_sets_of_different_size():
    real, fake = (Features(points) for points in case("C_unequal"))
    with pytest.raises(MetricUndefined, match="there are 700 and 450"):
        compute(Sets(real, fake), {}, np.random.default_rng(0))
