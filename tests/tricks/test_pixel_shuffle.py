"""Pixel shuffle in G fits every convolutional model, and moves each number to its right place."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.models import build
from gan_bench.models._blocks import rebuilt
from gan_bench.models._init import initialise
from gan_bench.registry import component
from gan_bench.tricks import Scene, pixel_shuffle

SCENE = Scene((1, 8, 8), 1, 4, 0)
SIZES = [(name, size) for name in ("dcgan", "sndcgan", "wgan_gp_net", "infogan_net")
         for size in component("models", name).facts["sizes"] or [8, 9, 28]]  # fmt: skip


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_every_convolutional_generator_takes_it_at_each_of_its_sizes(name, size):
    old = build(resolve("models", {"name": name, "latent_dim": 4, "width": 2}), (1, size, size)).generator
    new = rebuilt(old, lambda row: pixel_shuffle.generator(row, SCENE, {}))
    transposed = sum(isinstance(layer, nn.ConvTranspose2d) for layer in old)
    assert sum(isinstance(layer, nn.PixelShuffle) for layer in new) == transposed > 0
    assert not any(isinstance(layer, nn.ConvTranspose2d) for layer in new)
    initialise(new, np.random.default_rng(0))
    images = new(torch.randn(3, 4, generator=torch.Generator().manual_seed(0)))
    assert images.shape == (3, 1, size, size) and images.std() > 0


def test_each_pixel_becomes_the_four_of_its_channels():
    convolution, shuffle = pixel_shuffle.generator([nn.ConvTranspose2d(1, 1, 4, 2, 1)], SCENE, {})
    with torch.no_grad():
        convolution.weight.zero_()
        convolution.weight[:, 0, 1, 1] = torch.tensor([1.0, 10.0, 100.0, 1000.0])
        convolution.bias.zero_()
    found = shuffle(convolution(torch.tensor([[[[1.0, 2.0]]]])))
    assert torch.equal(found, torch.tensor([[[[1.0, 10.0, 2.0, 20.0], [100.0, 1000.0, 200.0, 2000.0]]]]))


@pytest.mark.parametrize(("kernel", "padding", "more"), [(4, 1, 0), (5, 2, 1), (2, 0, 0), (3, 1, 1)])
@pytest.mark.parametrize("bias", [True, False])
def test_what_doubles_the_size_is_replaced(kernel, padding, more, bias):
    layer = nn.ConvTranspose2d(2, 3, kernel, 2, padding, output_padding=more, bias=bias)
    new = nn.Sequential(*pixel_shuffle.generator([layer], SCENE, {}))
    x = torch.zeros(1, 2, 5, 5)
    assert new(x).shape == layer(x).shape == (1, 3, 10, 10)
    assert sum(p.numel() for p in new.parameters()) == 36 * 2 * 3 + 12 * bias


@pytest.mark.parametrize(
    "layer",
    [
        lambda: nn.ConvTranspose2d(2, 2, 3, 2, 1),
        lambda: nn.ConvTranspose2d(2, 2, 4, 2, 0),
        lambda: nn.ConvTranspose2d(2, 2, 3, 1, 1),
        lambda: nn.ConvTranspose2d(2, 2, 4, 2, 1, groups=2),
        lambda: nn.Conv2d(2, 2, 4, 2, 1),
    ],
)
def test_what_does_not_double_the_size_is_refused(layer):
    with pytest.raises(UserError, match="no transposed convolution that doubles the size"):
        pixel_shuffle.generator([layer()], SCENE, {})
