"""The pair of perceptrons has the layers and parameter counts of an earlier experiment on sunflower photographs."""

import pytest
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.models import build


def layers(network):
    """Linear layers as (inputs, outputs), other layers by the name of their type."""
    return [
        (layer.in_features, layer.out_features) if isinstance(layer, nn.Linear) else type(layer).__name__
        for layer in network
    ]


def test_the_layers_are_those_of_the_experiment():
    pair = build(resolve("models", "mlp"), (1, 64, 64))
    assert pair.latent_dim == 100
    norm = ["BatchNorm", "ReLU"]
    hidden = [(100, 128), "ReLU", (128, 256), *norm, (256, 512), *norm, (512, 1024), *norm]
    assert layers(pair.generator) == [*hidden, (1024, 4096), "Tanh", "Unflatten"]
    hidden = [(4096, 1024), "LeakyReLU", (1024, 256), "LeakyReLU"]
    assert layers(pair.discriminator) == ["Flatten", *hidden, (256, 1), "Flatten"]
    assert all(layer.negative_slope == 0.2 for layer in pair.discriminator if isinstance(layer, nn.LeakyReLU))


@pytest.mark.parametrize(
    ("settings", "shape", "generator", "discriminator"),
    [
        # (100+1)*128 + (128+1+2)*256 + (256+1+2)*512 + (512+1+2)*1024 + (1024+1)*4096; (4096+1)*1024 + 1025*256 + 257
        ({}, (1, 64, 64), 4_904_832, 4_457_985),
        # ... + (1024+1)*784; (784+1)*1024 + 1025*256 + 257
        ({}, (1, 28, 28), 1_510_032, 1_066_497),
        # (2+1)*3 + (3+1)*4 + (4+1)*12; (12+1)*5 + 6
        ({"latent_dim": 2, "g_widths": [3, 4], "d_widths": [5], "g_norm": "none"}, (3, 2, 2), 85, 71),
    ],
)
def test_parameter_counts_by_hand(settings, shape, generator, discriminator):
    pair = build(resolve("models", {"name": "mlp", **settings}), shape)
    counts = [sum(p.numel() for p in network.parameters()) for network in (pair.generator, pair.discriminator)]
    assert counts == [generator, discriminator]
