"""Dropout in G follows each rectifier. Standard normal numbers decide which units are kept."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.models import build
from gan_bench.models._blocks import rebuilt
from gan_bench.tricks import Scene, generator_dropout
from gan_bench.tricks.generator_dropout import Dropout

SCENE = Scene((1, 8, 8), 1, 4, 0)
SETTINGS = {"p": 0.5, "at_sampling": True}
MODELS = [
    ({"name": "mlp", "latent_dim": 4, "g_widths": [6, 7]}, 8),
    *(({"name": "dcgan", "latent_dim": 4, "width": 2}, n) for n in (8, 28, 64)),
]


@pytest.mark.parametrize(("model", "size"), MODELS)
def test_it_follows_each_rectifier_with_the_settings_given(model, size):
    old = build(resolve("models", model), (1, size, size)).generator
    new = rebuilt(old, lambda row: generator_dropout.generator(row, SCENE, {"p": 0.25, "at_sampling": False}))
    found = [type(layer).__name__ for layer in new]
    assert [name for name in found if name != "Dropout"] == [type(layer).__name__ for layer in old]
    assert all(found[i - 1] == "ReLU" for i, name in enumerate(found) if name == "Dropout")
    assert {(d.p, d.at_sampling) for d in new if isinstance(d, Dropout)} == {(0.25, False)}


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_threshold_is_the_normal_law_s_quantile(p):
    layer = Dropout(p, at_sampling=True)
    edge = stats.norm.ppf(p)
    layer.draw = torch.tensor([edge - 1e-3, edge + 1e-3], dtype=torch.float32)
    torch.testing.assert_close(layer(torch.tensor([3.0, 3.0])), torch.tensor([0.0, 3 / (1 - p)]))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_its_rate_expectation_and_variance(p):
    layer, n = Dropout(p, at_sampling=True), 200_000
    layer.draw = torch.from_numpy(np.random.default_rng(1).standard_normal(n).astype(np.float32))
    out = layer(torch.ones(n)).double()
    # A kept unit becomes 1 / (1 - p), so outputs have expectation 1 and variance p / (1 - p). The tolerance is five
    # standard errors.
    assert (out == 0).double().mean().item() == pytest.approx(p, abs=5 * math.sqrt(p * (1 - p) / n))
    assert out.mean().item() == pytest.approx(1, abs=5 * math.sqrt(p / (1 - p) / n))
    assert out.var().item() == pytest.approx(p / (1 - p), rel=0.03)


def test_no_unit_is_dropped_at_p_0_and_the_gradient_follows_the_kept_ones():
    layer = Dropout(0.0, at_sampling=True)
    layer.draw = torch.tensor([-8.0, 0.0, 8.0])
    x = torch.tensor([1.0, 2.0, 3.0])
    assert torch.equal(layer(x), x)
    half = Dropout(0.5, at_sampling=True)
    half.draw = layer.draw
    assert torch.equal(torch.func.grad(lambda v: half(v).sum())(x), torch.tensor([0.0, 2.0, 2.0]))


def test_a_generator_without_rectifiers_is_refused():
    with pytest.raises(UserError, match="no rectifier"):
        generator_dropout.generator([nn.Linear(2, 2), nn.Tanh()], SCENE, SETTINGS)
