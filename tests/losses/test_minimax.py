"""The minimax game of Goodfellow et al. 2014, in closed form."""

import math

import pytest
import torch

from gan_bench.losses import minimax


def grad(function, logit, dtype=torch.float32):
    x = torch.tensor([logit], dtype=dtype, requires_grad=True)
    (gradient,) = torch.autograd.grad(function(x), x)
    return gradient.item()


def test_at_logit_zero():
    zero = torch.zeros(4, dtype=torch.float64)
    assert [half.item() for half in minimax.discriminator(zero, zero, {})] == pytest.approx([math.log(2)] * 2)
    assert minimax.generator(None, zero, {}).item() == pytest.approx(-math.log(2))


@pytest.mark.parametrize("t", [-30.0, -2.0, 0.5, 3.0, 25.0])
def test_against_probabilities(t):
    logit = torch.tensor([t], dtype=torch.float64)
    # log(1 + e^-t) with log1p is exact, but log(D) of a rounded probability D is not.
    expected = [math.log1p(math.exp(-t)), math.log1p(math.exp(t))]
    assert [half.item() for half in minimax.discriminator(logit, logit, {})] == pytest.approx(expected, rel=1e-12)
    assert minimax.generator(None, logit, {}).item() == pytest.approx(-math.log1p(math.exp(t)), rel=1e-12)


def test_the_generator_gets_no_gradient_where_the_discriminator_is_sure():
    def loss(x):
        return minimax.generator(None, x, {})

    assert grad(loss, -50.0) == pytest.approx(0, abs=1e-20)
    assert grad(loss, 50.0) == pytest.approx(-1)
    assert grad(loss, 0.0) == -0.5


def test_the_discriminator_halves_saturate_where_it_is_right():
    def real(x):
        return minimax.discriminator(x, x.detach(), {})[0]

    def fake(x):
        return minimax.discriminator(x.detach(), x, {})[1]

    assert [grad(real, -50.0), grad(real, 50.0)] == pytest.approx([-1, 0], abs=1e-20)
    assert [grad(fake, -50.0), grad(fake, 50.0)] == pytest.approx([0, 1], abs=1e-20)
