"""The non-saturating loss has the fixed point of minimax and a gradient for G that does not vanish."""

import math

import pytest
import torch

from gan_bench.losses import minimax, non_saturating


def test_at_logit_zero():
    zero = torch.zeros(4, dtype=torch.float64)
    assert non_saturating.generator(None, zero, {}).item() == pytest.approx(math.log(2))


def test_the_discriminator_plays_the_minimax_game():
    real, fake = torch.tensor([0.3, -2.0]), torch.tensor([1.0, 4.0])
    assert non_saturating.discriminator(real, fake, {}) == minimax.discriminator(real, fake, {})


@pytest.mark.parametrize(("logit", "expected"), [(-50.0, -1.0), (-1e4, -1.0), (0.0, -0.5), (50.0, 0.0)])
def test_gradient(logit, expected):
    x = torch.tensor([logit], requires_grad=True)
    (gradient,) = torch.autograd.grad(non_saturating.generator(None, x, {}), x)
    assert gradient.item() == pytest.approx(expected, abs=1e-20)


@pytest.mark.parametrize("t", [-30.0, -2.0, 0.5, 3.0, 25.0])
def test_value(t):
    value = non_saturating.generator(None, torch.tensor([t], dtype=torch.float64), {})
    assert value.item() == pytest.approx(math.log1p(math.exp(-t)), rel=1e-12)
