"""The minibatch standard deviation is a mean over features, and is an additional input of the head of D."""

import numpy as np
import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.models import build
from gan_bench.models._blocks import rebuilt
from gan_bench.models._init import initialise
from gan_bench.tricks import Scene, minibatch_stddev
from gan_bench.tricks.minibatch_stddev import MinibatchStddev

SCENE = Scene((1, 8, 8), 1, 4, 0)
MODELS = [
    ({"name": "mlp", "latent_dim": 4, "d_widths": [6]}, 8),
    *(({"name": "dcgan", "latent_dim": 4, "width": 2}, n) for n in (8, 28, 64)),
]


@pytest.mark.parametrize(("model", "size"), MODELS)
def test_it_stands_before_the_head_which_gains_one_weight(model, size):
    old = build(resolve("models", model), (1, size, size)).discriminator
    new = rebuilt(old, lambda row: minibatch_stddev.discriminator(row, SCENE, {}))
    assert [type(layer).__name__ for layer in new][-3:] == ["MinibatchStddev", "Linear", "Flatten"]
    assert sum(p.numel() for p in new.parameters()) == sum(p.numel() for p in old.parameters()) + 1
    initialise(new, np.random.default_rng(0))
    assert new(torch.zeros(5, 1, size, size)).shape == (5,)


def test_it_is_the_mean_over_features_of_the_biased_deviation():
    x = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32) * np.array([1, 10, 0.1, 3], np.float32)
    found = MinibatchStddev()(torch.from_numpy(x))
    np.testing.assert_array_equal(found[:, :4], x)
    np.testing.assert_allclose(found[:, 4], np.full(9, x.std(axis=0).mean()), rtol=1e-5)


def test_it_is_the_same_for_all_images_and_any_order_and_grows_with_the_scale():
    x = torch.randn(8, 5, generator=torch.Generator().manual_seed(0))
    spread = MinibatchStddev()(x)[:, 5]
    assert (spread == spread[0]).all()
    torch.testing.assert_close(MinibatchStddev()(x.flip(0))[:, 5], spread)
    torch.testing.assert_close(MinibatchStddev()(4 * x + 7)[:, 5], 4 * spread, rtol=1e-4, atol=0)


def test_one_image_alone_has_no_spread():
    torch.testing.assert_close(MinibatchStddev()(torch.ones(1, 3)), torch.tensor([[1.0, 1.0, 1.0, 1e-4]]))


def test_stacked_minibatches_are_kept_apart():
    x = torch.randn(3, 6, 4, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 2.0, 3.0])[:, None, None]
    found = torch.func.vmap(MinibatchStddev())(x)
    for one, expected in zip(found, x, strict=True):
        torch.testing.assert_close(one, MinibatchStddev()(expected))
