"""The number of effective modes, the share of modes with a wrong frequency, and pairwise distances are right."""

import math

import numpy as np
import pytest

from gan_bench.config.grammar.reference import resolve
from gan_bench.features import Features
from gan_bench.metrics.evaluate import evaluate_sets
from gan_bench.metrics.mode_balance import different, effective, mean_distance


def of(modes, k, spread=1.0, d=3):
    modes = np.asarray(modes)
    points = spread * np.random.default_rng(len(modes)).standard_normal((len(modes), d))
    return Features(points, None, modes, k)


def score(real, fake):
    rows = evaluate_sets(real, fake, [resolve("metrics", "mode_balance")], seed=0, extractor_label="toy", split=None)
    return {row["name"]: row["value"] if row["value"] is not None else row["note"] for row in rows}


def test_effective_modes_of_known_shares():
    assert effective(np.array([5.0, 5, 5, 5])) == pytest.approx(4)
    assert effective(np.array([9.0, 0, 0])) == pytest.approx(1)
    assert effective(np.array([1.0, 1, 2])) == pytest.approx(2 * math.sqrt(2)), "exp of 1.5 ln 2"
    assert effective(np.zeros(3)) == 0


def test_half_of_the_modes_gone_is_half_the_coverage():
    real, fake = of(np.arange(400) % 8, 8), of(np.arange(400) % 4, 8)
    scores = score(real, fake)
    assert scores["effective_modes"] == pytest.approx(4) and scores["mode_coverage"] == pytest.approx(0.5)
    assert scores["ndb"] == 1.0, "four have no sample, four twice their share"
    same = score(real, real)
    assert (same["mode_coverage"], same["ndb"], same["pair_ratio"]) == (1.0, 0.0, 1.0)


def test_samples_outside_every_mode_are_left_out():
    scores = score(of(np.arange(90) % 3, 3), of([-1] * 30 + [0] * 30 + [1] * 30, 3))
    assert scores["effective_modes"] == pytest.approx(2)
    nothing = score(of(np.arange(90) % 3, 3), of([-1] * 90, 3))
    assert (nothing["effective_modes"], nothing["mode_coverage"], nothing["ndb"]) == (0, 0, 1)


def test_a_bin_differs_where_the_z_test_says_so():
    """45 against 55 of 100 images give z = 1.414, and 40 against 60 give z = 2.828. The limit at 5 % is 1.96."""
    assert different(np.array([45.0, 55]), np.array([55.0, 45]), 0.05).tolist() == [False, False]
    assert different(np.array([40.0, 60]), np.array([60.0, 40]), 0.05).tolist() == [True, True]
    assert different(np.array([40.0, 60]), np.array([60.0, 40]), 0.001).tolist() == [False, False], "bound 3.29"


def test_the_false_alarms_of_the_test_are_its_level():
    rng = np.random.default_rng(0)
    scores = [different(*rng.multinomial(500, np.full(10, 0.1), 2).astype(float), 0.05).mean() for _ in range(400)]
    assert np.mean(scores) == pytest.approx(0.05, abs=0.01)


def test_pairwise_distance():
    assert mean_distance(np.array([[0.0, 0], [3, 4], [3, 4]])) == pytest.approx(10 / 3)
    assert mean_distance(np.ones((5, 2))) == 0
    assert score(of([0, 1] * 50, 2), of([0, 1] * 50, 2, spread=0.25))["pair_ratio"] == pytest.approx(0.25)
    assert "equal" in score(Features(np.ones((5, 2))), of([0] * 5, 1, d=2))["pair_ratio"]


def test_classes_stand_for_modes_and_without_either_there_is_no_value():
    real = Features(np.eye(4), np.log(np.full((4, 4), 0.1) + 0.6 * np.eye(4)))
    fake = Features(2 * np.eye(4), real.log_probs[[0, 0, 1, 1]])
    assert score(real, fake)["mode_coverage"] == pytest.approx(0.5)
    scores = score(Features(np.eye(4)), Features(2 * np.eye(4)))
    assert "neither modes nor class" in scores["mode_coverage"] and scores["pair_ratio"] == pytest.approx(2)


def test_fewer_samples_are_compared_with_as_few_real_images():
    rng = np.random.default_rng(1)
    real, fake = of(rng.integers(0, 500, 5000), 500), of(rng.integers(0, 500, 200), 500)
    assert score(real, fake)["mode_coverage"] == pytest.approx(1, abs=0.1), "200 samples reach about 165 modes at best"
