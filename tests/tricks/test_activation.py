"""The trick replaces all rectifiers of a network, and no other layer."""

import pytest
import torch
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.models import build
from gan_bench.models._blocks import rebuilt
from gan_bench.tricks import Scene, activation

SCENE = Scene((1, 8, 8), 1, 4, 0)
MODELS = [
    ({"name": "mlp", "latent_dim": 4, "g_widths": [6, 6], "d_widths": [6]}, 8),
    *(({"name": "dcgan", "latent_dim": 4, "width": 2}, n) for n in (8, 28, 64)),
]
RECTIFIERS = {"ReLU", "LeakyReLU", "ELU"}


def names(row):
    return [type(layer).__name__ for layer in row]


@pytest.mark.parametrize(("model", "size"), MODELS)
@pytest.mark.parametrize(("kind", "name"), [("relu", "ReLU"), ("leaky_relu", "LeakyReLU")])
def test_all_rectifiers_and_only_they_are_exchanged(model, size, kind, name):
    pair = build(resolve("models", model), (1, size, size))
    settings = {"g": kind, "d": kind, "slope": 0.2}
    for old, change in ((pair.generator, activation.generator), (pair.discriminator, activation.discriminator)):
        new = rebuilt(old, lambda row, change=change: change(row, SCENE, settings))
        assert names(new) == [name if found in RECTIFIERS else found for found in names(old)]
        assert [tuple(p.shape) for p in new.parameters()] == [tuple(p.shape) for p in old.parameters()]


def test_the_slope_is_the_one_asked_for_also_where_the_model_had_another():
    row = activation.discriminator([nn.LeakyReLU(0.1), nn.ELU()], SCENE, {"g": "keep", "d": "leaky_relu", "slope": 0.3})
    for layer in row:
        torch.testing.assert_close(layer(torch.tensor([-2.0, 3.0])), torch.tensor([-0.6, 3.0]))


def test_keep_keeps_and_a_network_without_rectifiers_is_refused():
    row = [nn.Linear(2, 2), nn.ELU()]
    assert activation.generator(row, SCENE, {"g": "keep", "d": "relu", "slope": 0.2}) == row
    with pytest.raises(UserError, match="no rectifier"):
        activation.discriminator(row[:1], SCENE, {"g": "keep", "d": "relu", "slope": 0.2})
