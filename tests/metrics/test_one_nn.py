import numpy as np
import pytest
from golden_inputs import GOLDEN, case, walk
from scipy.stats import binomtest

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
    p = binomtest(round(real + fake), n + m).pvalue
    assert scores.pop("one_nn_p") == p
    assert scores == {
        "one_nn": (real + fake) / (n + m),
        "one_nn_real": real / n,
        "one_nn_fake": fake / m,
        "one_nn_ties": counts["ties_real"] + counts["ties_fake"],
    }


def test_copies_separate_sets_and_collapse():
    real = walk(1, 200, 8)
    copied = one_nn(real, real.copy())
    assert copied.pop("one_nn_p") == pytest.approx(2.0**-399), "400 coins of one side"
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
    # Over repetitions at this size: 0.497, sd 0.012.
    values = [one_nn(walk(2 * k, 1000, 64), walk(2 * k + 1, 1000, 64))["one_nn"] for k in range(3)]
    assert abs(np.mean(values) - 0.497) < 3 * 0.012 / np.sqrt(3)


def test_swapping_the_sets_swaps_the_sides():
    real, fake = case("E_relu_dead_units")
    there, back = one_nn(real, fake), one_nn(fake, real)
    assert (there["one_nn_real"], there["one_nn_fake"]) == (back["one_nn_fake"], back["one_nn_real"])
    assert there["one_nn"] == back["one_nn"]


def test_undefined_for_sets_of_different_size():
    real, fake = (Features(points) for points in case("C_unequal"))
    with pytest.raises(MetricUndefined, match="there are 700 and 450"):
        compute(Sets(real, fake), {}, np.random.default_rng(0))
