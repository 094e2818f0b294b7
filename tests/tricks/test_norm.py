"""Normalisation layers are replaced in their places. If a norm is removed, the layer before it gains a bias."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.models import build
from gan_bench.models._blocks import BatchNorm, network, rebuilt
from gan_bench.models._init import initialise
from gan_bench.tricks import Scene, norm

SCENE = Scene((1, 8, 8), 1, 4, 0)
MLP = {"name": "mlp", "latent_dim": 4, "g_widths": [5, 6, 7]}
DCGAN = {"name": "dcgan", "latent_dim": 4, "width": 2}


def exchanged(old, kind):
    return rebuilt(old, lambda row: norm.generator(row, SCENE, {"g": kind, "d": "keep"}))


def norms(network):
    return [layer for layer in network.modules() if isinstance(layer, BatchNorm | nn.GroupNorm)]


def generator(model, size):
    return build(resolve("models", model), (1, size, size)).generator


@pytest.mark.parametrize("size", [8, 28, 64])
@pytest.mark.parametrize(("kind", "groups"), [("layer", lambda c: 1), ("instance", lambda c: c), ("batch", None)])
def test_every_norm_of_the_convolutions_has_its_channels_still(size, kind, groups):
    old = generator(DCGAN, size)
    new = exchanged(old, kind)
    channels = [layer.weight.numel() for layer in norms(old)]
    assert [layer.weight.numel() for layer in norms(new)] == channels and channels
    if groups is not None:
        assert [layer.num_groups for layer in norms(new)] == [groups(c) for c in channels]
    assert sum(p.numel() for p in new.parameters()) == sum(p.numel() for p in old.parameters())
    initialise(new, np.random.default_rng(0))
    assert new(torch.randn(3, 4, generator=torch.Generator().manual_seed(0))).shape == (3, 1, size, size)


def test_layer_norm_sees_one_image_at_a_time():
    new = exchanged(generator(MLP, 8), "layer")
    initialise(new, np.random.default_rng(0))
    z = torch.randn(5, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(new(z)[:1], new(z[:1]))
    hidden = new[:4](z)
    assert isinstance(new[3], nn.GroupNorm)
    torch.testing.assert_close(hidden.mean(dim=1), torch.zeros(5), atol=1e-6, rtol=0)
    before = new[:3](z)
    expected = (before - before.mean(1, keepdim=True)) / torch.sqrt(before.var(1, correction=0, keepdim=True) + 1e-5)
    torch.testing.assert_close(hidden, expected)


def test_without_norm_a_run_is_bit_for_bit_that_of_the_model_made_without_it():
    def filled(d_norm, kind):
        old = build(resolve("models", {**DCGAN, "d_norm": d_norm}), (1, 28, 28)).discriminator
        new = old if kind is None else rebuilt(old, lambda r: norm.discriminator(r, SCENE, {"g": "keep", "d": kind}))
        initialise(new, np.random.default_rng(5))
        return [*new.state_dict().values()]

    for ours, own in zip(filled("batch", "none"), filled("none", None), strict=True):
        assert torch.equal(ours, own)
    for ours, own in zip(filled("batch", "layer"), filled("layer", None), strict=True):
        assert torch.equal(ours, own)


def test_a_bias_is_gained_and_nothing_else_of_the_layer_changes():
    def row():
        up = nn.ConvTranspose2d(4, 6, 5, 2, 2, output_padding=1, groups=2, bias=False)
        return [nn.Linear(2, 36, bias=False), nn.Unflatten(1, (4, 3, 3)), up, BatchNorm(6), nn.ReLU()]

    new = exchanged(network(row, "normal_002"), "none")
    assert new(torch.zeros(1, 2)).shape == (1, 6, 6, 6), "stride, padding, output padding and groups are kept"
    assert new[0].bias is None and new[2].bias.shape == (6,) and norms(new) == []
    assert [name for name, _ in new.named_parameters()] == ["0.weight", "2.weight", "2.bias"]


def test_a_norm_before_any_layer_leaves_no_bias_behind():
    new = exchanged(network(lambda: [BatchNorm(3), nn.Linear(3, 2, bias=False)], "normal_002"), "none")
    assert [type(layer) for layer in new] == [nn.Linear] and new[0].bias is None


@pytest.mark.parametrize(
    "layer", [lambda: nn.BatchNorm2d(4), lambda: nn.InstanceNorm2d(4, affine=True), lambda: nn.LayerNorm([4, 3, 3])]
)
def test_pytorchs_own_layers_are_exchanged_too(layer):
    new = exchanged(network(lambda: [nn.Conv2d(1, 4, 3, padding=1), layer()], "normal_002"), "layer")
    assert isinstance(new[1], nn.GroupNorm) and (new[1].num_groups, new[1].num_channels) == (1, 4)


@pytest.mark.parametrize("kind", ["layer", "none"])
def test_rows_within_a_layer_are_reached(kind):
    given = {"name": "cgan_mlp", "latent_dim": 4, "scale": 0.02, "g_norm": "batch"}
    old = build({**resolve("models", given), "classes": 3}, (1, 8, 8)).generator
    new = exchanged(old, kind)
    assert len(norms(old)) == 3 and not [layer for layer in norms(new) if isinstance(layer, BatchNorm)]
    assert len(norms(new)) == (3 if kind == "layer" else 0)
    initialise(new, np.random.default_rng(0))
    assert new(torch.zeros(2, 7)).shape == (2, 1, 8, 8)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = BatchNorm(3)


def test_what_cannot_be_exchanged_is_refused():
    with pytest.raises(UserError, match=r"Block has a normalisation outside an nn.Sequential"):
        exchanged(network(lambda: [nn.Linear(3, 3), Block()], "normal_002"), "none")
    for model in (MLP, {"name": "infogan_net", "latent_dim": 4, "width": 2}):
        with pytest.raises(UserError, match="instance norm needs feature maps"):
            exchanged(generator(model, 8), "instance")
    flat = network(lambda: [nn.Conv2d(1, 2, 3), nn.Flatten(1), BatchNorm(8)], "normal_002")
    with pytest.raises(UserError, match="instance norm needs feature maps"):
        exchanged(flat, "instance")
    with pytest.raises(UserError, match="the generator has no normalisation"):
        exchanged(network(lambda: [nn.Linear(3, 3)], "normal_002"), "layer")


def test_keep_keeps():
    old = generator(DCGAN, 8)
    assert [type(layer) for layer in exchanged(old, "keep")] == [type(layer) for layer in old]
