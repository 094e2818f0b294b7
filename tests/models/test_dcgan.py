"""The convolutional pair has the expected feature maps, numbers of parameters, and normalisation layers."""

import pytest
import torch
from torch import nn

from gan_bench import seeds
from gan_bench.config.grammar.reference import resolve
from gan_bench.models import build, initialise_pair


def pair_of(shape, **settings):
    return build(resolve("models", {"name": "dcgan", **settings}), shape)


def maps(network, x):
    """(channels, side) after each layer that has a kernel or that reshapes a vector to a map."""
    found = []
    for layer in network:
        x = layer(x)
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Unflatten):
            found.append((x.shape[1], x.shape[2]))
    return found


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (64, [(512, 4), (256, 8), (128, 16), (64, 32), (3, 64)]),
        (32, [(256, 4), (128, 8), (64, 16), (3, 32)]),
        (28, [(128, 7), (64, 14), (3, 28)]),
        (16, [(128, 4), (64, 8), (3, 16)]),
        (8, [(64, 4), (3, 8)]),
    ],
)
def test_maps_double_from_the_base_to_the_image_and_back(size, expected):
    pair = pair_of((3, size, size))
    assert maps(pair.generator, torch.zeros(2, 100)) == expected
    assert maps(pair.discriminator, torch.zeros(2, 3, size, size)) == expected[-2::-1]


@pytest.mark.parametrize(
    ("shape", "settings", "generator", "discriminator"),
    [
        # PyTorch's DCGAN example has these two counts.
        # G: 100*512*16 + 512*256*16 + 256*128*16 + 128*64*16 + 64*3*16 + 2*(512+256+128+64).
        # D: the same kernels in reverse order, with 512*16 for the logit in place of 100*512*16, and 2*(512+256+128).
        ((3, 64, 64), {}, 3_576_704, 2_765_568),
        # 100*128*49 + 128*64*16 + 64*16 + 2*(128+64); 64*16 + 64*128*16 + 2*128 + 128*49
        ((1, 28, 28), {}, 759_680, 138_624),
        # Without normalisation, a bias replaces gain and shift:
        # 100*128*49 + 128*64*16 + 64*16 + 64; 64*16 + 64*128*16 + 128 + 6272
        ((1, 28, 28), {"g_norm": "none", "d_norm": "none"}, 759_360, 138_496),
        # 10*2*16 + 2*1*16 + 2*2; 2*16 + 2*16
        ((1, 8, 8), {"width": 2, "latent_dim": 10}, 356, 64),
    ],
)
def test_parameter_counts_by_hand(shape, settings, generator, discriminator):
    pair = pair_of(shape, **settings)
    counts = [sum(p.numel() for p in network.parameters()) for network in (pair.generator, pair.discriminator)]
    assert counts == [generator, discriminator]


@pytest.mark.parametrize("norm", ["batch", "layer", "instance", "none"])
def test_normalisation_stands_everywhere_but_beside_the_image_and_the_logit(norm):
    pair = pair_of((1, 32, 32), d_norm=norm, width=2)
    kinds = {"batch": "BatchNorm", "layer": "GroupNorm", "instance": "GroupNorm"}
    after = [kinds[norm]] if norm in kinds else []
    hidden = ["Conv2d", *after, "LeakyReLU"]
    names = [type(layer).__name__ for layer in pair.discriminator]
    assert names == ["Conv2d", "LeakyReLU", *hidden, *hidden, "Flatten", "Linear", "Flatten"]
    assert {layer.negative_slope for layer in pair.discriminator if isinstance(layer, nn.LeakyReLU)} == {0.2}
    upward = ["ConvTranspose2d", "BatchNorm", "ReLU"]
    names = [type(layer).__name__ for layer in pair.generator]
    assert names == ["Linear", "Unflatten", "BatchNorm", "ReLU", *upward, *upward, "ConvTranspose2d", "Tanh"]
    groups = [layer.num_groups for layer in pair.discriminator if isinstance(layer, nn.GroupNorm)]
    assert groups == {"layer": [1, 1], "instance": [4, 8]}.get(norm, [])


@pytest.mark.parametrize("norm", ["layer", "instance"])
def test_layer_and_instance_norm_are_pytorchs(norm):
    pair = pair_of((1, 16, 16), d_norm=norm, width=3)
    initialise_pair(pair, seeds.generator(0, "init"))
    layer = next(layer for layer in pair.discriminator if isinstance(layer, nn.GroupNorm))
    x = torch.linspace(-1, 3, 2 * 6 * 4 * 4).sin().reshape(2, 6, 4, 4)
    if norm == "layer":
        plain = nn.functional.layer_norm(x, x.shape[1:])
    else:
        plain = nn.functional.instance_norm(x)
    expected = plain * layer.weight[:, None, None] + layer.bias[:, None, None]
    torch.testing.assert_close(layer(x), expected)
