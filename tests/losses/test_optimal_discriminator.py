"""A trained D approaches the optimal D of two known densities (Goodfellow et al. 2014, Proposition 1)."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.models._blocks import network
from gan_bench.models._init import initialise
from gan_bench.optimizers import adam
from gan_bench.registry import load

GRID = torch.linspace(-4, 4, 161)


def density(x, mean, sd):
    return torch.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))


def trained(loss_name, generated, steps=2500, batch=512):
    """Train a small D with real data N(0, 1) and generated data N(*generated).

    Returns (logits on GRID, last losses of D).
    """
    rng = np.random.default_rng(0)
    ref, loss = resolve("losses", loss_name), load("losses", loss_name)
    hidden = [nn.Linear(1, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1), nn.Flatten(0)]
    d = network(lambda: hidden, "uniform_fan_in")
    initialise(d, rng)
    parameters = list(d.parameters())
    optimizer = adam.build(parameters, {"lr": 3e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8})
    values = []
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 3e-3 * (1 - step / steps)
        real, fake = rng.standard_normal((2, batch, 1), dtype=np.float32)
        fake = generated[0] + generated[1] * fake
        halves = loss.discriminator(d(torch.from_numpy(real)), d(torch.from_numpy(fake)), ref)
        optimizer.zero_grad()
        sum(halves).backward()
        optimizer.step()
        values.append(sum(halves).item())
    with torch.no_grad():
        return d(GRID[:, None]), values[-300:]


def optimum(generated):
    """p_data / (p_data + p_g) on GRID, and a mask of the points with enough density to learn from."""
    real, fake = density(GRID, 0.0, 1.0), density(GRID, *generated)
    return real / (real + fake), torch.maximum(real, fake) > 0.02


@pytest.mark.parametrize("generated", [(1.0, 0.7), (0.0, 2.0)])
def test_the_trained_discriminator_approaches_the_ratio_of_densities(generated):
    logits, _ = trained("minimax", generated)
    best, shown = optimum(generated)
    assert (torch.sigmoid(logits) - best)[shown].abs().max() < 0.06


def test_least_squares_approaches_the_mixed_code():
    """The best D is (b p_data + a p_g) / (p_data + p_g), here with b = 1 and a = 0 (Mao et al. 2017, equation 5)."""
    logits, _ = trained("least_squares", (1.0, 0.7))
    best, shown = optimum((1.0, 0.7))
    assert (logits - best)[shown].abs().max() < 0.06


def test_where_the_densities_agree_d_is_one_half_and_the_value_log_four():
    """By Theorem 1 of Goodfellow et al. 2014, max_D V = -log 4. D's loss is -V, so it is log 4."""
    logits, values = trained("minimax", (0.0, 1.0))
    _, shown = optimum((0.0, 1.0))
    assert (torch.sigmoid(logits) - 0.5)[shown].abs().max() < 0.05
    assert np.mean(values) == pytest.approx(math.log(4), abs=0.01)
