"""Networks of papers have the published layers and numbers of parameters."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.models import build, initialise_pair
from gan_bench.models._crop import halvings
from gan_bench.models._maxout import Maxout
from gan_bench.registry import component

#: Model -> numbers of parameters (generator, discriminator) for images of 28 x 28 x 1. Comments give the sources.
COUNTS = {
    # Counted layer by layer in the code of Lucic et al. 2018, with batch norm.
    "infogan_net": (6_642_241, 6_559_169),
    # Our count of the published layers. G: 100-1200-1200-784; D: 784-240x5-240x5-1.
    "gan_mlp": (100 * 1200 + 1200 + 1200 * 1200 + 1200 + 1200 * 784 + 784, 784 * 1200 + 1200 + 240 * 1200 + 1200 + 241),
    # Our count of the authors' code. G: 128-4096, then kernels of 5 x 5 with 256-128, 128-64 and 64-1 channels. D:
    # kernels of 5 x 5 with 1-64, 64-128 and 128-256 channels, then 4096-1.
    "wgan_gp_net": (
        128 * 4096 + 4096 + 25 * (256 * 128 + 128 * 64 + 64) + 128 + 64 + 1,
        25 * (64 + 64 * 128 + 128 * 256) + 64 + 128 + 256 + 4096 + 1,
    ),
}


def count(network):
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_the_parameters_are_as_many_as_the_paper_s(name):
    known = {"name": name, "g_norm": "none"} if name == "gan_mlp" else name
    pair = build(resolve("models", known), (1, 28, 28))
    assert (count(pair.generator), count(pair.discriminator)) == COUNTS[name]


def test_the_conditional_perceptrons_are_those_of_the_paper_and_read_the_class():
    bare = resolve("models", {"name": "cgan_mlp", "g_norm": "none"})
    pair = build({**bare, "classes": 10}, (1, 28, 28))
    assert count(pair.generator) == 101 * 200 + 11 * 1000 + 1201 * 1200 + 1201 * 784
    assert count(pair.discriminator) == 785 * 1200 + 11 * 250 + 291 * 960 + 241
    initialise_pair(pair, np.random.default_rng(0))
    z = torch.randn((1, 100), generator=torch.Generator().manual_seed(0)).expand(10, 100)
    images = pair.generator(torch.cat((z, torch.eye(10)), dim=1))
    assert len(torch.unique(images.flatten(1), dim=0)) == 10, "each class is another image"
    planes = torch.eye(10)[:, :, None, None].expand(10, 10, 28, 28)
    logits = pair.discriminator(torch.cat((images[:1].expand(10, 1, 28, 28), planes), dim=1))
    assert len(torch.unique(logits)) == 10, "each class is another judgement"


def test_maxout_is_the_largest_of_its_pieces():
    x = torch.tensor([[1.0, 5.0, 2.0, -1.0, -3.0, -2.0]])
    assert Maxout(3)(x).tolist() == [[5.0, -1.0]]


def test_points_are_not_bounded_and_their_networks_those_of_the_paper():
    pair = build(resolve("models", "points_mlp"), (2, 1, 1))
    assert count(pair.generator) == 3 * 400 + 3 * 401 * 400 + 4 * 800 + 401 * 2
    assert count(pair.discriminator) == 3 * 1000 + 2 * 201 * 1000 + 201
    initialise_pair(pair, np.random.default_rng(0))
    with torch.no_grad():
        for parameter in pair.generator.parameters():
            parameter.mul_(20)
    assert pair.generator(torch.ones(4, 2) * torch.arange(4.0)[:, None]).abs().max() > 1


def test_the_autoencoder_reports_minus_its_mean_absolute_error():
    pair = build(resolve("models", {"name": "began_net", "width": 4}), (1, 16, 16))
    initialise_pair(pair, np.random.default_rng(0))
    assert component("models", "began_net").facts["output"] == "reconstruction"
    x = torch.rand((3, 1, 16, 16), generator=torch.Generator().manual_seed(0)) * 2 - 1
    body = pair.discriminator[0].layers
    torch.testing.assert_close(pair.discriminator(x), -(x - body(x)).abs().mean(dim=(1, 2, 3)))
    assert (pair.discriminator(x) < 0).all()


@pytest.mark.parametrize("name", ["wgan_gp_net", "sndcgan", "began_net", "gan_mlp", "cgan_mlp"])
def test_no_layer_of_these_discriminators_couples_a_minibatch(name):
    known = {**resolve("models", name), **({"classes": 3} if name == "cgan_mlp" else {})}
    pair = build(known, (1, 28, 28))
    assert not [layer for layer in pair.discriminator.modules() if "Norm" in type(layer).__name__]
    initialise_pair(pair, np.random.default_rng(0))
    channels = 4 if name == "cgan_mlp" else 1
    x = torch.rand((4, channels, 28, 28), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        together, alone = pair.discriminator(x), torch.cat([pair.discriminator(one[None]) for one in x])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_sides_halve_rounding_up():
    assert halvings(28, 3) == [28, 14, 7, 4] and halvings(8, 3) == [8, 4, 2, 1]


def test_the_spectral_norm_paper_s_discriminator_has_seven_convolutions_of_its_table():
    pair = build(resolve("models", "sndcgan"), (3, 32, 32))
    found = [(layer.out_channels, layer.kernel_size[0], layer.stride[0]) for layer in pair.discriminator
             if isinstance(layer, nn.Conv2d)]  # fmt: skip
    assert found == [(64, 3, 1), (64, 4, 2), (128, 3, 1), (128, 4, 2), (256, 3, 1), (256, 4, 2), (512, 3, 1)]
