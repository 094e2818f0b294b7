"""Average pooling in D fits every convolutional model, and computes a mean."""

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
from gan_bench.tricks import Scene, average_pooling

SCENE = Scene((1, 8, 8), 1, 4, 0)
SIZES = [(name, size) for name in ("dcgan", "sndcgan", "wgan_gp_net", "infogan_net")
         for size in component("models", name).facts["sizes"] or [8, 9, 28]]  # fmt: skip


@pytest.mark.parametrize(("name", "size"), SIZES)
def test_every_convolutional_discriminator_takes_it_at_each_of_its_sizes(name, size):
    old = build(resolve("models", {"name": name, "latent_dim": 4, "width": 2}), (1, size, size)).discriminator
    new = rebuilt(old, lambda row: average_pooling.discriminator(row, SCENE, {}))
    strided = sum(isinstance(layer, nn.Conv2d) and layer.stride == (2, 2) for layer in old)
    assert sum(isinstance(layer, nn.AvgPool2d) for layer in new) == strided > 0
    assert len(new) == len(old) + strided
    initialise(new, np.random.default_rng(0))
    assert new(torch.zeros(2, 1, size, size)).shape == (2,)


@pytest.mark.parametrize("side", [7, 8, 13, 28])
@pytest.mark.parametrize(("kernel", "padding"), [(4, 1), (5, 2), (3, 1), (2, 0)])
def test_maps_have_the_side_that_the_strided_convolution_gave(kernel, padding, side):
    layer = nn.Conv2d(1, 2, kernel, 2, padding)
    new = nn.Sequential(*average_pooling.discriminator([layer], SCENE, {}))
    x = torch.zeros(1, 1, side, side)
    assert new(x).shape == layer(x).shape


def test_the_mean_of_a_constant_is_the_constant_also_at_an_odd_edge():
    for kernel, padding, side in ((5, 2, 4), (4, 1, 3)):
        pool = average_pooling.discriminator([nn.Conv2d(1, 1, kernel, 2, padding)], SCENE, {})[1]
        assert torch.equal(pool(torch.full((1, 1, 7, 7), 3.0)), torch.full((1, 1, side, side), 3.0))
    ramp = pool(torch.arange(16.0).reshape(1, 1, 4, 4))
    assert torch.equal(ramp, torch.tensor([[[[2.5, 4.5], [10.5, 12.5]]]]))


def test_other_convolutions_stay_and_a_network_of_them_alone_is_refused():
    others = [nn.Conv2d(1, 1, 3, 1, 1), nn.Conv2d(1, 1, 4, 2, 0), nn.Conv2d(2, 2, 4, 2, 1, groups=2)]
    others += [nn.Conv2d(1, 1, 3, 2, 1, dilation=2)]
    assert average_pooling.discriminator([*others, nn.Conv2d(1, 1, 4, 2, 1)], SCENE, {})[:4] == others
    with pytest.raises(UserError, match="no strided convolution"):
        average_pooling.discriminator(others, SCENE, {})


@pytest.mark.parametrize("bias", [True, False])
def test_a_bias_is_kept_or_not(bias):
    found = average_pooling.discriminator([nn.Conv2d(3, 5, 4, 2, 1, bias=bias)], SCENE, {})[0]
    assert (found.bias is not None) == bias and found.weight.shape == (5, 3, 3, 3)
