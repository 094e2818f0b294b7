"""Minibatch discrimination stands before the head of D. Its sums equal closed forms."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.models import build
from gan_bench.models._blocks import network, rebuilt
from gan_bench.models._init import initialise
from gan_bench.tricks import Scene, minibatch_discrimination
from gan_bench.tricks.minibatch_discrimination import MinibatchDiscrimination

SCENE = Scene((1, 8, 8), 1, 4, 0)
SETTINGS = {"kernels": 7, "dim": 3}
MLP = {"name": "mlp", "latent_dim": 4, "d_widths": [6]}
MODELS = [(MLP, 8), *(({"name": "dcgan", "latent_dim": 4, "width": 2}, n) for n in (8, 28, 64))]


def changed(model, size):
    old = build(resolve("models", model), (1, size, size)).discriminator
    return old, rebuilt(old, lambda row: minibatch_discrimination.discriminator(row, SCENE, SETTINGS))


@pytest.mark.parametrize(("model", "size"), MODELS)
def test_it_stands_before_the_head_with_its_parameters(model, size):
    old, new = changed(model, size)
    assert [type(layer).__name__ for layer in new][-3:] == ["MinibatchDiscrimination", "Linear", "Flatten"]
    inputs = old[-2].in_features
    assert new[-2].in_features == inputs + 7 and (new[-2].bias is None) == (old[-2].bias is None)
    count = [sum(p.numel() for p in one.parameters()) for one in (old, new)]
    assert count[1] - count[0] == inputs * 7 * 3 + 7
    initialise(new, np.random.default_rng(0))
    assert new(torch.zeros(5, 1, size, size)).shape == (5,)


def test_known_sums():
    layer = MinibatchDiscrimination(1, kernels=2, dim=1)
    with torch.no_grad():
        layer.t.copy_(torch.tensor([[[1.0], [2.0]]]))
    found = layer(torch.tensor([[0.0], [1.0], [3.0]]))
    # The first kernel has the distances 1, 3 and 2 between the three images, the second kernel twice as much.
    sums = [[math.exp(-k) + math.exp(-3 * k), math.exp(-k) + math.exp(-2 * k), math.exp(-3 * k) + math.exp(-2 * k)]
            for k in (1, 2)]  # fmt: skip
    torch.testing.assert_close(found, torch.tensor([[0.0, 1.0, 3.0], *sums]).T)


def test_alike_images_are_as_close_as_can_be_and_one_alone_is_close_to_none():
    layer = MinibatchDiscrimination(4, kernels=3, dim=2)
    layer.initialise(np.random.default_rng(0))
    x = torch.randn(1, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(layer(x.expand(6, 4))[:, 4:], torch.full((6, 3), 5.0))
    assert torch.equal(layer(x)[:, 4:], torch.zeros(1, 3))
    gradient = torch.func.grad(lambda v: layer(v).sum())(x.expand(6, 4))
    assert torch.equal(gradient, torch.ones(6, 4)), "no distance has a slope at 0"


def test_the_order_of_the_minibatch_does_not_matter():
    layer = MinibatchDiscrimination(4, kernels=3, dim=2)
    layer.initialise(np.random.default_rng(0))
    x, order = torch.randn(6, 4, generator=torch.Generator().manual_seed(0)), torch.tensor([3, 0, 5, 1, 2, 4])
    torch.testing.assert_close(layer(x[order]), layer(x)[order])


def test_the_law_of_t_is_its_own_whatever_the_scheme():
    for scheme in ("uniform_fan_in", "normal_002"):
        built = network(lambda: [MinibatchDiscrimination(20, 20, 5)], scheme)
        initialise(built, np.random.default_rng(3))
        values = built[0].t.detach().flatten().numpy()
        assert stats.kstest(values, stats.norm(0, 0.05).cdf).pvalue > 1e-3
        expected = np.random.default_rng(3).normal(0.0, 0.05, (20, 20, 5)).astype(np.float32)
        np.testing.assert_array_equal(built[0].t.detach().numpy(), expected)


def test_stacked_critics_have_the_gradients_of_single_ones():
    _, new = changed(MLP, 8)
    x = torch.randn(5, 1, 8, 8, generator=torch.Generator().manual_seed(0))

    def value(parameters):
        return torch.func.functional_call(new, parameters, x).square().sum()

    single = []
    for seed in (0, 1):
        initialise(new, np.random.default_rng(seed))
        single.append({name: p.detach().clone() for name, p in new.named_parameters()})
    stacked = {name: torch.stack([one[name] for one in single]) for name in single[0]}
    found = torch.func.vmap(torch.func.grad(value))(stacked)
    for i, one in enumerate(single):
        for name, gradient in torch.func.grad(value)(one).items():
            torch.testing.assert_close(found[name][i], gradient, rtol=1e-4, atol=1e-6)


def test_a_discriminator_without_a_linear_head_is_refused():
    old = build(resolve("models", {"name": "began_net", "width": 4}), (1, 16, 16)).discriminator
    with pytest.raises(UserError, match="no linear layer"):
        rebuilt(old, lambda row: minibatch_discrimination.discriminator(row, SCENE, SETTINGS))
