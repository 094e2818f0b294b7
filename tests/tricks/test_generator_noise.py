"""Noise in G follows each rectifier, has the chosen standard deviation, and uses a random number per hidden unit."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.game.networks import build_networks
from gan_bench.game.tricks import Tricks
from gan_bench.models import build
from gan_bench.models._blocks import rebuilt
from gan_bench.tricks import Scene, generator_dropout, generator_noise
from gan_bench.tricks.generator_noise import NoiseLayer

SCENE = Scene((1, 8, 8), 1, 4, 0)
SETTINGS = {"sd": 0.1, "at_sampling": True}
DCGAN = {"name": "dcgan", "latent_dim": 4, "width": 2}
MODELS = [({"name": "mlp", "latent_dim": 4, "g_widths": [6, 7]}, 8), *((DCGAN, n) for n in (8, 28, 64))]


@pytest.mark.parametrize(("model", "size"), MODELS)
def test_it_follows_each_rectifier_and_adds_no_parameter(model, size):
    old = build(resolve("models", model), (1, size, size)).generator
    new = rebuilt(old, lambda row: generator_noise.generator(row, SCENE, SETTINGS))
    found = [type(layer).__name__ for layer in new]
    assert [name for name in found if name != "NoiseLayer"] == [type(layer).__name__ for layer in old]
    assert all(found[i - 1] == "ReLU" for i, name in enumerate(found) if name == "NoiseLayer")
    assert found.count("NoiseLayer") == found.count("ReLU") > 0
    for of in (nn.Module.parameters, nn.Module.buffers):
        assert [tensor.shape for tensor in of(new)] == [tensor.shape for tensor in of(old)]


@pytest.mark.parametrize(("size", "units"), [(8, 2 * 4 * 4), (28, 4 * 7 * 7 + 2 * 14 * 14)])
def test_z_has_a_number_for_each_hidden_unit(size, units):
    built = build_networks(resolve("models", DCGAN), Tricks([resolve("tricks", "generator_noise")]), (1, size, size), 0)
    assert built.layout.random == units and built.layout.width == 4 + units


@pytest.mark.parametrize("sd", [0.0, 0.3])
def test_its_deviation_is_the_one_asked_for(sd):
    layer = NoiseLayer(sd, at_sampling=False)
    x = torch.full((200, 100), 2.0)
    layer.draw = torch.from_numpy(np.random.default_rng(0).standard_normal((200, 100)).astype(np.float32))
    out = layer(x)
    assert out.std().item() == pytest.approx(sd, rel=0.02, abs=1e-9)
    assert out.mean().item() == pytest.approx(2, abs=0.01)
    assert torch.equal(layer.eval()(x), x)


def test_beside_dropout_each_has_numbers_of_its_own():
    row = generator_dropout.generator([nn.Linear(4, 4), nn.ReLU()], SCENE, {"p": 0.5, "at_sampling": True})
    row = generator_noise.generator(row, SCENE, SETTINGS)
    assert [type(layer).__name__ for layer in row] == ["Linear", "ReLU", "NoiseLayer", "Dropout"]
    tricks = [resolve("tricks", name) for name in ("generator_dropout", "generator_noise")]
    built = build_networks(resolve("models", DCGAN), Tricks(tricks), (1, 8, 8), 0)
    assert built.layout.random == 2 * (2 * 4 * 4)


def test_a_generator_without_rectifiers_is_refused():
    with pytest.raises(UserError, match="no rectifier"):
        generator_noise.generator([nn.Linear(2, 2), nn.Tanh()], SCENE, SETTINGS)
