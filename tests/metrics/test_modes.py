"""Counts of modes equal closed forms. The KL divergence of mode shares goes from the samples to the data."""

import math

import numpy as np
import pytest

from gan_bench.features import Features
from gan_bench.metrics import Sets, modes

RNG = np.random.default_rng(0)


def of(assigned, k=8):
    assigned = np.asarray(assigned, dtype=np.int64)
    return Features(np.zeros((len(assigned), 2), np.float32), None, assigned, k)


def score(real, fake):
    return modes.compute(Sets(real, fake), {}, RNG)


EVEN = of(np.arange(800) % 8)


def test_perfect_samples():
    scores = score(EVEN, EVEN)
    assert scores == {"modes_captured": 8.0, "high_quality": 1.0, "kl_modes": 0.0, "top_share": 0.125}


def test_one_mode_alone_has_a_divergence_of_log_k():
    scores = score(EVEN, of([3] * 100))
    assert scores["modes_captured"] == 1 and scores["top_share"] == 1
    assert scores["kl_modes"] == pytest.approx(math.log(8))


def test_dropped_modes_and_samples_between_modes():
    fake = of([0] * 30 + [1] * 30 + [-1] * 40)
    scores = score(EVEN, fake)
    assert (scores["modes_captured"], scores["high_quality"], scores["top_share"]) == (2, 0.6, 0.3)
    assert scores["kl_modes"] == pytest.approx(math.log(4)), "samples in no mode are left out"


def test_the_divergence_is_of_the_samples_from_the_data():
    """The value is KL(p_samples || p_data), also if the shares of the data are unequal.

    A mode without real images counts as half a real image.
    """
    real, fake = of([0] * 75 + [1] * 25, k=2), of([0] * 50 + [1] * 50, k=2)
    expected = 0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)
    assert score(real, fake)["kl_modes"] == pytest.approx(expected)
    missing = score(of([0] * 100, k=2), of([0] * 50 + [1] * 50, k=2))["kl_modes"]
    assert missing == pytest.approx(0.5 * math.log(0.5 / (100 / 100.5)) + 0.5 * math.log(0.5 / (0.5 / 100.5)))


def test_samples_in_no_mode_have_the_divergence_of_a_single_image():
    assert score(EVEN, of([-1] * 10))["kl_modes"] == pytest.approx(math.log(800))


def test_perfect_samples_of_many_modes_have_the_expected_divergence():
    """For n samples of K equally frequent modes, the expected KL is (K - 1) / (2 n), here 0.019.

    The published value for 1,000 modes is 0.06.
    """
    rng = np.random.default_rng(1)
    n, k = 26_000, 1000
    real = of(np.arange(k * 1000) % k, k)
    scores = [score(real, of(rng.integers(k, size=n), k))["kl_modes"] for _ in range(20)]
    assert np.mean(scores) == pytest.approx((k - 1) / (2 * n), rel=0.03)
    assert score(real, of(rng.integers(k, size=n), k))["modes_captured"] == k
