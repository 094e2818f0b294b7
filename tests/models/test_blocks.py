"""Batch norm equals PyTorch's, and building a network draws no random numbers.

Functions that edit a list of layers change only the right layers.
"""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.errors import UserError
from gan_bench.models._blocks import BatchNorm, network, rebuilt
from gan_bench.models._surgery import before_head, head_index, head_inputs, replaced, widen_head


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
    # The mean is 2. The output is normalised with the biased variance 1. The running variance uses the unbiased
    # variance 2: 0.9 * 1 + 0.1 * 2.
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


def test_a_rebuilt_network_is_zero_filled_of_the_same_law_and_leaves_the_old_one():
    old = network(lambda: [nn.Linear(3, 4), BatchNorm(4), nn.ReLU()], "normal_002")
    with torch.no_grad():
        for tensor in [*old.parameters(), *old.buffers()]:
            tensor.fill_(5.0)
    states = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    seen = []

    def transform(row):
        seen.extend(row)
        return [*row[:2], nn.Linear(4, 2)]

    new = rebuilt(old, transform)
    assert [type(layer).__name__ for layer in new] == ["Linear", "BatchNorm", "Linear"]
    assert new.init_scheme == "normal_002" and not any(a is b for a in seen for b in old)
    assert all(torch.equal(p, torch.zeros_like(p)) and p.device.type == "cpu" for p in new.parameters())
    assert torch.equal(new[1].running_mean, torch.zeros(4)) and torch.equal(new[1].running_var, torch.ones(4))
    assert all(torch.equal(t, torch.full_like(t, 5.0)) for t in [*old.parameters(), *old.buffers()])
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.array_equal(np.random.get_state()[1], states[1])  # noqa: NPY002


def test_only_a_row_of_layers_can_be_rebuilt():
    with pytest.raises(UserError, match="the network is a Linear"):
        rebuilt(nn.Linear(2, 2), lambda row: row)


def test_the_head_is_the_last_linear_layer_and_keeps_its_bias_or_lack_of_one():
    for bias in (True, False):
        row = [nn.Flatten(1), nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 1, bias=bias), nn.Flatten(0)]
        assert head_index(row) == 3 and head_inputs(row) == 5
        wide = nn.Sequential(*widen_head(row, 4))
        assert wide(torch.zeros(3, 6)).shape == (3, 4) and (wide[3].bias is not None) == bias
        added = before_head(row, nn.ZeroPad1d((0, 2)), more=2)
        assert nn.Sequential(*added)(torch.zeros(3, 6)).shape == (3,)
        assert added[4].in_features == 7 and (added[4].bias is not None) == bias
        assert row[3].in_features == 5, "the row given stays"
    with pytest.raises(UserError, match="no linear layer"):
        head_index([nn.Conv2d(1, 1, 1), nn.Flatten(0)])


def test_layers_are_replaced_in_their_places():
    row = [nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2), nn.ReLU()]
    found = replaced(row, lambda layer: [layer, nn.Tanh()] if isinstance(layer, nn.ReLU) else None, "rectifier")
    assert [type(layer).__name__ for layer in found] == ["Linear", "ReLU", "Tanh", "Linear", "ReLU", "Tanh"]
    assert found[0] is row[0] and found[3] is row[2]
    assert replaced(row, lambda layer: [] if isinstance(layer, nn.ReLU) else None, "rectifier") == [row[0], row[2]]
    with pytest.raises(UserError, match="has no tanh"):
        replaced(row, lambda layer: [] if isinstance(layer, nn.Tanh) else None, "tanh")
