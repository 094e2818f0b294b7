"""Adam equals Algorithm 1 of Kingma & Ba 2015, written in NumPy."""

import numpy as np
import pytest
import torch
from stepping import gradients, walk


@pytest.mark.parametrize("beta1", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_algorithm_1(beta1, scale):
    steps, beta2, lr, eps = scale * gradients(30, 11), 0.99, 0.05, 1e-8
    x = m = v = np.zeros(11)
    expected = []
    for t, g in enumerate(steps.numpy(), start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        x = x - lr * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
        expected.append(x)
    found = walk("adam", torch.zeros(11).double(), steps, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-9)


def test_the_first_step_is_the_learning_rate():
    found = walk("adam", torch.zeros(3).double(), torch.tensor([[5.0, -0.01, 300.0]]).double(), lr=0.25)
    torch.testing.assert_close(found[0], torch.tensor([-0.25, 0.25, -0.25]).double(), rtol=1e-5, atol=0)
