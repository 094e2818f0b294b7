"""The gradient penalty equals closed forms, with one norm and one mixed point for each pair of images."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch.func import grad

from gan_bench.penalties.gradient_penalty import draw, penalty

PAPER = {"weight": 10.0, "centre": 1.0}
SHAPE = (3, 4, 4)


def images(seed, batch, dtype=np.float64):
    return torch.from_numpy(np.random.default_rng(seed).uniform(-1, 1, (batch, *SHAPE)).astype(dtype))


def epsilons(seed, batch, dtype=np.float64):
    return {
        "epsilon": torch.from_numpy(draw(np.random.default_rng(seed), batch, (1, 2, 2), PAPER)["epsilon"].astype(dtype))
    }


def half_square(x):
    """|x|^2 / 2, whose gradient at x is x."""
    return x.flatten(1).square().sum(1) / 2


def curved(x):
    return (x.flatten(1).sin() ** 3).sum(1)


@pytest.mark.parametrize("settings", [PAPER, {"weight": 0.1, "centre": 1.0}, {"weight": 5.0, "centre": 0.0}])
@pytest.mark.parametrize("size", [0.01, 1.0, 7.0])
def test_a_linear_critic_pays_weight_times_distance_of_its_norm_from_the_centre(settings, size):
    w = images(2, 1).flatten()
    w = size * w / w.norm()
    value = penalty(lambda x: x.flatten(1) @ w + 4, images(0, 6), images(1, 6), epsilons(3, 6), settings)
    assert value.item() == pytest.approx(settings["weight"] * (size - settings["centre"]) ** 2, rel=1e-10)


def test_points_lie_between_each_pair_at_its_own_epsilon():
    """The critic |x|^2 / 2 has the gradient x at x, so the penalty shows the point x at which it is computed.

    With epsilon = 1, this point is the real image.
    """
    real, fake, draws = images(0, 5), images(1, 5), epsilons(3, 5)
    e = draws["epsilon"].flatten().tolist()
    norms = [(e[i] * real[i] + (1 - e[i]) * fake[i]).norm().item() for i in range(5)]
    expected = 10 * np.mean([(norm - 1) ** 2 for norm in norms])
    assert penalty(half_square, real, fake, draws, PAPER).item() == pytest.approx(expected, rel=1e-10)
    ones = {"epsilon": torch.ones(5, 1, 1, 1)}
    at_real = penalty(half_square, real, fake, ones, PAPER).item()
    assert at_real == pytest.approx(10 * (real.flatten(1).norm(dim=1) - 1).square().mean().item(), rel=1e-10)


def test_it_is_the_mean_of_the_values_of_single_images():
    real, fake, draws = images(0, 5), images(1, 5), epsilons(3, 5)
    each = [
        penalty(curved, real[i : i + 1], fake[i : i + 1], {"epsilon": draws["epsilon"][i : i + 1]}, PAPER).item()
        for i in range(5)
    ]
    assert penalty(curved, real, fake, draws, PAPER).item() == pytest.approx(np.mean(each), rel=1e-10)
    order = [3, 0, 4, 1, 2]
    turned = penalty(curved, real[order], fake[order], {"epsilon": draws["epsilon"][order]}, PAPER)
    assert turned.item() == pytest.approx(np.mean(each), rel=1e-10)


def test_the_norm_has_no_floor():
    """A gradient of 1e-4 has the norm 1e-4. If 1e-4 were added under the square root, the norm would be 1e-2."""
    w = torch.full((48,), 1e-4 / 48**0.5, dtype=torch.float64)
    value = penalty(lambda x: x.flatten(1) @ w, images(0, 4), images(1, 4), epsilons(3, 4), PAPER)
    assert value.item() == pytest.approx(10 * (1 - 1e-4) ** 2, rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_critic_without_input_gradient_has_finite_parameter_gradients(dtype):
    real, fake, draws = images(0, 4, dtype), images(1, 4, dtype), epsilons(3, 4, dtype)
    w = torch.zeros(48, dtype=real.dtype, requires_grad=True)
    value = penalty(lambda x: x.flatten(1) @ w, real, fake, draws, PAPER)
    assert value.item() == 10.0
    (gradient,) = torch.autograd.grad(value, w)
    assert torch.equal(gradient, torch.zeros_like(w))

    def term(w):
        return penalty(lambda x: x.flatten(1) @ w, real, fake, draws, PAPER)

    assert torch.equal(grad(term)(w.detach()), torch.zeros_like(gradient))


def test_parameter_gradients_are_those_of_finite_differences():
    real, fake, draws = images(0, 3), images(1, 3), epsilons(3, 3)
    w = images(5, 1).flatten().clone().requires_grad_()

    def term(w):
        return penalty(lambda x: (x.flatten(1) * w).sin().sum(1), real, fake, draws, PAPER)

    assert torch.autograd.gradcheck(term, w)


def test_single_channel_images_and_other_shapes():
    real, fake = torch.ones(2, 1, 5, 7), -torch.ones(2, 1, 5, 7)
    value = penalty(half_square, real, fake, {"epsilon": torch.full((2, 1, 1, 1), 0.75)}, PAPER)
    assert value.item() == pytest.approx(10 * (0.5 * 35**0.5 - 1) ** 2, rel=1e-5)


def test_epsilon_is_uniform_and_one_for_each_image():
    epsilon = draw(np.random.default_rng(0), 4000, (1, 2, 2), PAPER)["epsilon"]
    assert epsilon.shape == (4000, 1, 1, 1) and epsilon.dtype == np.float32
    assert len(np.unique(epsilon)) > 3990
    assert stats.kstest(epsilon.ravel(), stats.uniform.cdf).pvalue > 1e-3
