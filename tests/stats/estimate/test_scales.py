"""The range of a metric decides its default scale. Scores at the ends of the range stay finite."""

import numpy as np
import pytest

from gan_bench.stats.estimate.scales import Scale, default_scale


@pytest.mark.parametrize(
    ("low", "high", "name"),
    [(0, None, "log"), (0.0, 1.0, "logit"), (None, None, "identity"), (1, None, "identity"), (-1, 1, "identity")],
)
def test_defaults(low, high, name):
    assert default_scale(low, high) == name


@pytest.mark.parametrize("name", ["log", "logit", "identity"])
def test_back_is_the_inverse(name):
    values = np.array([0.01, 0.3, 0.999])
    assert Scale(name).back(Scale(name).to(values)) == pytest.approx(values)


def test_a_share_at_an_end_moves_half_an_image():
    scale = Scale("logit", 0, 1).fitted(np.array([0.0, 1.0]), 50)
    assert scale.to(np.array([0.0, 1.0])) == pytest.approx([np.log(0.01 / 0.99), np.log(99)])


def test_a_distance_of_zero_is_compared_as_it_is_and_its_interval_is_cut():
    scale = Scale("log", 0.0).fitted(np.array([0.0, 2.0]), 50)
    assert scale.name == "identity" and scale.back(np.array([-3.0, 3.0])).tolist() == [0.0, 3.0]
