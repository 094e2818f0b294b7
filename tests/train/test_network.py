"""A module called with tensors as arguments equals torch.func.functional_call and keeps none of the tensors."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench import models
from gan_bench.config.grammar.reference import resolve
from gan_bench.game.network import Network, copy_of

MLP = {"name": "mlp", "latent_dim": 4, "g_widths": [12, 12], "d_widths": [12]}
DCGAN = {"name": "dcgan", "latent_dim": 4, "width": 4}


def pair(ref, seed=0):
    made = models.build(resolve("models", ref), (1, 8, 8))
    models.initialise_pair(made, np.random.default_rng(seed))
    return made


def tensors_of(module):
    parameters = {name: own.detach().clone() for name, own in module.named_parameters()}
    return parameters, {name: own.clone() for name, own in module.named_buffers()}


@pytest.mark.parametrize("ref", [MLP, DCGAN], ids=["mlp", "dcgan"])
@pytest.mark.parametrize("training", [True, False])
def test_the_values_and_buffers_are_those_of_functional_call(ref, training):
    module = pair(ref).generator
    parameters, buffers = tensors_of(pair(ref, seed=1).generator)
    expected_buffers, x = copy_of(buffers), torch.linspace(-1, 1, 24).reshape(6, 4)
    module.train(training)
    expected = torch.func.functional_call(module, (parameters, expected_buffers), (x,))
    found = Network(module)(parameters, buffers, x, training=training)
    assert torch.equal(found, expected)
    assert buffers and all(torch.equal(buffers[name], expected_buffers[name]) for name in buffers)


def test_nothing_of_a_call_stays_in_the_module():
    module = pair(MLP).generator
    before, (parameters, buffers) = tensors_of(module), tensors_of(pair(MLP, seed=1).generator)
    network = Network(module)
    network(parameters, buffers, torch.zeros(2, 4))
    with pytest.raises(RuntimeError):
        network(parameters, buffers, torch.zeros(2, 5))
    after = tensors_of(module)
    assert all(torch.equal(a[name], b[name]) for a, b in zip(before, after, strict=True) for name in a)
    assert all(isinstance(own, nn.Parameter) for own in module.parameters())


def test_a_tensor_with_two_places_is_replaced_in_both():
    module = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    module[1].weight = module[0].weight
    twice = Network(module)({"0.weight": 2 * torch.eye(2)}, {}, torch.ones(1, 2))
    assert twice.tolist() == [[4.0, 4.0]]


def test_a_missing_tensor_is_an_error_and_not_the_module_s_own():
    with pytest.raises(KeyError):
        Network(nn.Linear(2, 1))({"weight": torch.zeros(1, 2)}, {}, torch.ones(1, 2))


def test_copies_of_buffers_are_copies():
    buffers = {"mean": torch.zeros(3)}
    copy_of(buffers)["mean"].add_(1)
    assert buffers["mean"].tolist() == [0, 0, 0]
