"""RMSProp equals its formula, written out step by step."""

import numpy as np
import pytest
import torch
from stepping import gradients, walk


@pytest.mark.parametrize("scale", [1.0, 1e-7])
def test_running_mean_square(scale):
    steps, alpha, lr, eps = scale * gradients(30, 5), 0.9, 0.02, 1e-8
    x = v = np.zeros(5)
    expected = []
    for g in steps.numpy():
        v = alpha * v + (1 - alpha) * g**2
        x = x - lr * g / (np.sqrt(v) + eps)
        expected.append(x)
    found = walk("rmsprop", torch.zeros(5).double(), steps, lr=lr, alpha=alpha, eps=eps)
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-9)
