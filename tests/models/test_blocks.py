"""Batch norm is PyTorch's; building a network draws nothing."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.models._blocks import BatchNorm, network


@pytest.mark.parametrize(("kind", "shape"), [(nn.BatchNorm1d, (9, 5)), (nn.BatchNorm2d, (4, 5, 3, 3))])
def test_batch_norm_equals_pytorchs_in_training_and_evaluation(kind, shape):
    rng = np.random.default_rng(0)
    ours, theirs = BatchNorm(5), kind(5)
    with torch.no_grad():
        for layer in (ours, theirs):
            layer.weight.copy_(torch.linspace(-1, 2, 5))
            layer.bias.copy_(torch.linspace(3, 1, 5))
    for _ in range(4):
        x = torch.from_numpy(rng.normal(2.0, 3.0, shape).astype(np.float32)).requires_grad_()
        y = torch.from_numpy(rng.normal(size=shape).astype(np.float32))
        outputs = [layer(x) for layer in (ours, theirs)]
        torch.testing.assert_close(*outputs, rtol=0, atol=0)
        gradients = [torch.autograd.grad((out * y).sum(), [x, *layer.parameters()]) for out, layer in
                     zip(outputs, (ours, theirs), strict=True)]  # fmt: skip
        for mine, other in zip(*gradients, strict=True):
            torch.testing.assert_close(mine, other, rtol=0, atol=0)
    torch.testing.assert_close(ours.running_mean, theirs.running_mean, rtol=0, atol=0)
    torch.testing.assert_close(ours.running_var, theirs.running_var, rtol=0, atol=0)
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x), rtol=0, atol=0)


def test_batch_norm_of_known_numbers():
    layer = BatchNorm(1)
    out = layer(torch.tensor([[1.0], [3.0]]))
    # Mean 2, biased variance 1 in the output; unbiased variance 2 in the running value: 0.9 * 1 + 0.1 * 2.
    torch.testing.assert_close(out, torch.tensor([[-1.0], [1.0]]) / (1 + 1e-5) ** 0.5)
    torch.testing.assert_close(layer.running_mean, torch.tensor([0.2]))
    torch.testing.assert_close(layer.running_var, torch.tensor([1.1]))


def test_batch_norm_of_one_value_is_refused_in_training():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        BatchNorm(3)(torch.zeros(1, 3))


def test_a_network_is_built_with_zeros_and_fresh_statistics():
    built = network(lambda: [nn.Linear(3, 4), BatchNorm(4)], "uniform_fan_in")
    assert built.init_scheme == "uniform_fan_in"
    assert all(torch.equal(p, torch.zeros_like(p)) and p.requires_grad for p in built.parameters())
    assert torch.equal(built[1].running_mean, torch.zeros(4)) and torch.equal(built[1].running_var, torch.ones(4))
