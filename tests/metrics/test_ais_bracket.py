import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from gan_bench.metrics._annealed import annealed, betas_of, upper_bounds
from gan_bench.metrics.ais import NATS, bracketed, pixel_noise

SETTINGS = {"chains": 4, "leapfrog": 10, "sigma": 0.2}


def linear(pixels, width, seed=0):
    """A linear decoder z W^T + b, and exact(x, sigma): the log-likelihoods of images x with pixel noise `sigma`."""
    rng = np.random.default_rng(seed)
    w = rng.standard_normal((pixels, width)) * np.linspace(0.3, 1, width) / np.sqrt(width)
    b = rng.standard_normal(pixels)
    weights, bias = torch.from_numpy(w).float(), torch.from_numpy(b).float()
    w, b = weights.double().numpy(), bias.double().numpy()

    def exact(x, sigma):
        return multivariate_normal(b, w @ w.T + sigma**2 * np.eye(pixels)).logpdf(x)

    return lambda z: z @ weights.T + bias, exact


def test_the_bracket_holds_the_exact_likelihood():
    decoder, exact = linear(64, 16)
    few = bracketed(decoder, 16, 8, {**SETTINGS, "steps": 25, "max_steps": 25}, np.random.default_rng(1))
    truth = exact(few.x, 0.2).mean()
    # With 25 steps the estimate (the lower bound) is 16 nats too low. The distance between the bounds shows it.
    assert few.lower.mean() < truth - 5 and few.upper.mean() > truth + 5 and few.steps == 25
    many = bracketed(decoder, 16, 8, {**SETTINGS, "steps": 25, "max_steps": 800}, np.random.default_rng(1))
    truth = exact(many.x, 0.2).mean()
    assert many.lower.mean() - 0.2 < truth < many.upper.mean() + 0.2
    assert many.upper.mean() - many.lower.mean() < NATS and many.steps in (200, 400, 800)


@pytest.mark.parametrize("limit", [10, 19, 20, 79])
def test_steps_are_doubled_within_the_budget(limit):
    decoder, _ = linear(64, 16)
    bracket = bracketed(decoder, 16, 4, {**SETTINGS, "steps": 10, "max_steps": limit}, np.random.default_rng(1))
    assert bracket.steps == {10: 10, 19: 10, 20: 20, 79: 40}[limit]


def test_weights_of_reverse_chains_are_unbiased_for_the_inverse():
    decoder, exact = linear(3, 2)
    ratios = []
    for seed in range(3):
        rng, images = np.random.default_rng(seed), 2000
        z = torch.from_numpy(rng.standard_normal((images, 2)))
        x = decoder(z.float()).double() + 0.6 * torch.from_numpy(rng.standard_normal((images, 3)))
        log_likelihood = pixel_noise(decoder, x, 0.6)
        steps = annealed(log_likelihood, rng, images, 1, 2, betas_of(4), 3).steps
        bounds = upper_bounds(log_likelihood, rng, z, 4, betas_of(4), steps, 3).numpy()
        ratios.append(np.exp(exact(x, 0.6) - bounds))
        assert np.mean(bounds - exact(x, 0.6)) > 0.02, "their logarithms are too high in the mean"
    ratios = np.concatenate(ratios)
    error = ratios.std() / np.sqrt(len(ratios))
    assert error < 0.02
    assert ratios.mean() == pytest.approx(1.0, abs=4 * error)


def test_one_step_needs_no_transition():
    decoder, _ = linear(4, 2)
    z, x = torch.ones(3, 2).double(), torch.zeros(3, 4).double()
    log_likelihood = pixel_noise(decoder, x, 0.3)
    bound = upper_bounds(log_likelihood, np.random.default_rng(0), z, 2, betas_of(1), torch.zeros(0, 3))
    torch.testing.assert_close(bound, log_likelihood(z[:, None])[:, 0])
