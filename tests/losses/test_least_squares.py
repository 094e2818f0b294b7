"""The least-squares loss is a squared distance of D's raw outputs from target values."""

import pytest
import torch

from gan_bench.losses import least_squares

CODES_01 = {"a": 0.0, "b": 1.0, "c": 1.0}


def test_at_output_zero():
    zero = torch.zeros(3)
    assert [half.item() for half in least_squares.discriminator(zero, zero, CODES_01)] == [1.0, 0.0]
    assert least_squares.generator(None, zero, CODES_01).item() == 1.0


def test_known_values_with_three_different_codes():
    codes = {"a": -1.0, "b": 2.0, "c": 0.5}
    real, fake = torch.tensor([3.0, 0.0]), torch.tensor([1.0, -2.0])
    halves = least_squares.discriminator(real, fake, codes)
    assert [half.item() for half in halves] == [(1 + 4) / 2, (4 + 1) / 2]
    assert least_squares.generator(None, fake, codes).item() == (0.25 + 6.25) / 2


def test_outputs_are_raw_so_that_the_gradient_grows_with_the_distance():
    x = torch.tensor([-50.0], requires_grad=True)
    (gradient,) = torch.autograd.grad(least_squares.generator(None, x, CODES_01), x)
    assert gradient.item() == -102.0


def test_pearson_codes_of_equation_8():
    """The targets a = -1 (generated), b = 1 (real) and c = 0 (of G) satisfy b - c = 1 and b - a = 2.

    At equilibrium D outputs 0, D's loss is 2 and G's loss is 0.
    """
    assert least_squares.equilibrium({"a": -1.0, "b": 1.0, "c": 0.0}) == pytest.approx({"d_loss": 2.0, "g_loss": 0.0})
