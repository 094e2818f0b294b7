"""Initial weights have the stated distributions. `uniform_fan_in` is the default distribution of PyTorch."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from gan_bench.errors import UserError
from gan_bench.models._blocks import BatchNorm, network
from gan_bench.models._init import initialise


def filled(layer_maker, scheme, seed=0):
    built = network(lambda: [layer_maker()], scheme)
    initialise(built, np.random.default_rng(seed))
    return built[0]


@pytest.mark.parametrize(
    ("maker", "inputs"),
    [
        (lambda: nn.Linear(400, 300), 400),
        (lambda: nn.Conv2d(30, 60, 4), 30 * 16),
        (lambda: nn.ConvTranspose2d(60, 30, 4), 30 * 16),
    ],
    ids=["linear", "conv", "transposed"],
)
def test_uniform_fan_in_is_pytorchs_default_law(maker, inputs):
    layer = filled(maker, "uniform_fan_in")
    bound = 1 / math.sqrt(inputs)
    uniform = stats.uniform(-bound, 2 * bound)
    assert stats.kstest(layer.weight.detach().flatten().numpy()[:5000], uniform.cdf).pvalue > 1e-3
    assert bound * 0.999 < layer.weight.abs().max() <= bound
    assert stats.kstest(layer.bias.detach().numpy(), uniform.cdf).pvalue > 1e-3
    # PyTorch's initialisation has the same bound.
    theirs = torch.empty_like(layer.weight)
    nn.init.kaiming_uniform_(theirs, a=math.sqrt(5), generator=torch.Generator().manual_seed(0))
    assert layer.weight.abs().max().item() == pytest.approx(theirs.abs().max().item(), rel=1e-3)
    assert layer.weight.std().item() == pytest.approx(theirs.std().item(), rel=2e-2)


@pytest.mark.parametrize("maker", [lambda: nn.Linear(100, 80), lambda: nn.Conv2d(20, 40, 4)], ids=["linear", "conv"])
def test_normal_002_weights_have_spread_002_and_biases_are_zero(maker):
    layer = filled(maker, "normal_002")
    values = layer.weight.detach().flatten().numpy()
    assert stats.kstest(values[:5000], stats.norm(0, 0.02).cdf).pvalue > 1e-3
    assert values.std() == pytest.approx(0.02, rel=0.03)
    assert torch.equal(layer.bias, torch.zeros_like(layer.bias))


@pytest.mark.parametrize("maker", [lambda: BatchNorm(4000), lambda: nn.GroupNorm(1, 4000)], ids=["batch", "group"])
def test_gains(maker):
    one = filled(maker, "uniform_fan_in")
    assert torch.equal(one.weight, torch.ones(4000)) and torch.equal(one.bias, torch.zeros(4000))
    drawn = filled(maker, "normal_002")
    assert stats.kstest(drawn.weight.detach().numpy(), stats.norm(1, 0.02).cdf).pvalue > 1e-3
    assert torch.equal(drawn.bias, torch.zeros(4000))


def test_pinned_values_of_a_seed():
    """A seed fixes these values only if the order of the draws and their conversion to float32 stay the same."""
    built = network(lambda: [nn.Linear(4, 1), nn.Linear(1, 1)], "uniform_fan_in")
    initialise(built, np.random.default_rng(0))
    draws = np.random.default_rng(0).random(7)
    expected = np.concatenate([draws[:5] * 1.0 - 0.5, draws[5:] * 2.0 - 1.0]).astype(np.float32)
    np.testing.assert_array_equal(torch.cat([p.detach().flatten() for p in built.parameters()]).numpy(), expected)


def test_a_scheme_or_layer_without_a_rule_is_refused():
    with pytest.raises(UserError, match="did you mean 'normal_002'"):
        filled(lambda: nn.Linear(1, 1), "normal_02")
    with pytest.raises(UserError, match="layer '0' has the type PReLU, which has no initialisation rule"):
        filled(nn.PReLU, "normal_002")


class Own(nn.Module):
    """A layer with its own initialisation."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.empty(3))
        self.register_buffer("start", torch.empty(2))

    def initialise(self, rng):
        with torch.no_grad():
            self.scale.copy_(torch.from_numpy(rng.normal(5.0, 0.1, 3)))
            self.start.fill_(7.0)


def test_a_layer_with_a_law_of_its_own_draws_in_its_turn():
    built = network(lambda: [nn.Linear(2, 1), Own(), nn.Linear(2, 1)], "uniform_fan_in")
    initialise(built, np.random.default_rng(0))
    rng, bound = np.random.default_rng(0), 2**-0.5
    drawn = [rng.uniform(-bound, bound, (1, 2)), rng.uniform(-bound, bound, 1), rng.normal(5.0, 0.1, 3)]
    drawn += [rng.uniform(-bound, bound, (1, 2)), rng.uniform(-bound, bound, 1)]
    for parameter, expected in zip(built.parameters(), drawn, strict=True):
        np.testing.assert_array_equal(parameter.detach().numpy(), expected.astype(np.float32))
    assert torch.equal(built[1].start, torch.full((2,), 7.0))
