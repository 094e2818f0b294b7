"""Gradient descent, plain or with heavy-ball momentum, equals steps computed by hand."""

import torch
from stepping import gradients, walk


def test_plain_descent():
    steps = gradients(6, 4)
    torch.testing.assert_close(walk("sgd", torch.ones(4).double(), steps, lr=0.3), 1 - 0.3 * steps.cumsum(0))


def test_heavy_ball():
    steps, x, v = gradients(6, 4), torch.ones(4).double(), torch.zeros(4).double()
    expected = []
    for gradient in steps:
        v = 0.9 * v + gradient
        x = x - 0.1 * v
        expected.append(x)
    torch.testing.assert_close(walk("sgd", torch.ones(4).double(), steps, lr=0.1, momentum=0.9), torch.stack(expected))
