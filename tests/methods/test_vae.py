"""The lower bound (ELBO) of the VAE: closed forms, the exact likelihood of a linear model, and a training."""

import math

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from gan_bench.methods import vae
from gan_bench.methods._coder import divergence, reparametrised

G = torch.Generator().manual_seed(0)


def test_the_divergence_is_that_of_two_normal_laws():
    code = torch.randn((5, 6), generator=G, dtype=torch.float64)
    mean, log_variance = code.chunk(2, dim=1)
    q = torch.distributions.Normal(mean, torch.exp(log_variance / 2))
    p = torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    torch.testing.assert_close(divergence(code), torch.distributions.kl_divergence(q, p).sum(dim=1))
    noise = torch.randn((200_000, 3), generator=G, dtype=torch.float64)
    z = reparametrised(code[:1].expand(len(noise), 6), noise)
    monte_carlo = (q.log_prob(z[:, None]).sum(2)[:, 0] - p.log_prob(z[:, None]).sum(2)[:, 0]).mean()
    assert divergence(code)[0].item() == pytest.approx(monte_carlo.item(), rel=0.01)


def test_a_bernoulli_pixel_has_the_cross_entropy_of_its_probability():
    values, x = torch.randn((3, 1, 2, 2), generator=G), torch.rand((3, 1, 2, 2), generator=G) * 2 - 1
    p, t = (torch.tanh(values) + 1) / 2, (x + 1) / 2
    expected = (t * p.log() + (1 - t) * (1 - p).log()).flatten(1).sum(1)
    torch.testing.assert_close(vae.log_likelihood(values, x, None), expected)
    assert torch.isfinite(vae.log_likelihood(torch.full((1, 1, 2, 2), 60.0), -torch.ones(1, 1, 2, 2), None)).all()


class Identity(nn.Module):
    """A linear decoder. Its output is atanh(W z), which the tanh after the decoder turns into the image W z."""

    def __init__(self, weight):
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.log_variance = nn.Parameter(torch.tensor(math.log(0.0025), dtype=torch.float64))

    def forward(self, z):
        return torch.atanh(z @ self.weight.T)[:, :, None, None]


class Posterior(nn.Module):
    """A linear encoder: x -> the mean and the log-variance of a normal distribution of z."""

    def __init__(self, mean, log_variance):
        super().__init__()
        self.mean, self.log_variance = nn.Parameter(mean), nn.Parameter(log_variance)

    def forward(self, x):
        code = x.flatten(1) @ self.mean.T
        return torch.cat((code, self.log_variance.expand_as(code)), dim=1)


def bound(mean, log_variance, weight, x, noise):
    decoder = Identity(weight)
    return -vae.negative_bound(Posterior(mean, log_variance), decoder, decoder.log_variance, x, noise)[0].item()


def test_the_bound_lies_below_the_exact_likelihood_of_a_linear_model_and_meets_it_at_the_exact_posterior():
    """If x = W z + noise of variance s, then p(x) = N(0, W W' + s I).

    The exact posterior is N(M^-1 W' x, s M^-1) with M = W' W + s I. W has one column, so the exact posterior has a
    diagonal variance, as the encoder assumes.
    """
    weight = torch.tensor([[0.06], [-0.03], [0.05]], dtype=torch.float64)
    s = 0.0025
    x = torch.randn((4000, 3, 1, 1), generator=G, dtype=torch.float64) * 0.07
    noise = torch.randn((4000, 1), generator=G, dtype=torch.float64)
    covariance = weight @ weight.T + s * torch.eye(3, dtype=torch.float64)
    law = torch.distributions.MultivariateNormal(torch.zeros(3, dtype=torch.float64), covariance)
    exact = law.log_prob(x.flatten(1)).mean().item()
    m = (weight.T @ weight).item() + s
    mean, log_variance = weight.T / m, torch.tensor(math.log(s / m), dtype=torch.float64)
    assert bound(mean, log_variance, weight, x, noise) == pytest.approx(exact, abs=2e-3)
    wrong = [(mean * 0, log_variance), (mean, log_variance - 1.5), (mean + 3, log_variance + 0.7)]
    assert all(bound(*other, weight, x, noise) < exact - 0.01 for other in wrong)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_every_parameter_is_trained_and_the_images_are_bounded(begun, stepped, likelihood):
    program, state, plan = begun({"name": "vae", "likelihood": likelihood}, loss=None, penalty=None, d_optimizer=None)
    before = {p: {n: t.detach().clone() for n, t in own.parameters.items()} for p, own in state.players.items()}
    stepped(program, state, plan, 3)
    for name, own in state.players.items():
        assert not any(torch.equal(tensor, before[name][key]) for key, tensor in own.parameters.items()), name
    assert ("log_variance" in before["generator"]) == (likelihood == "gaussian")
    made = program.images(state.generator, state.snapshot_latents)
    assert made.shape == (64, 1, 8, 8) and made.abs().max() <= 1


def test_training_raises_the_bound_on_digits(begun, stepped):
    digits = torch.from_numpy((load_digits().images * 15.9).astype("uint8"))[:, None]
    changes = {"model": {"name": "mlp", "latent_dim": 8, "g_widths": [64], "d_widths": [64]}, "batch_size": 64}
    changes |= {"loss": None, "penalty": None, "d_optimizer": None, "g_optimizer": {"name": "adam", "lr": 2e-3}}
    program, state, plan = begun("vae", **changes)
    state.sampler.n = len(digits)
    state.sampler.pending = state.sampler.pending[:0]
    losses = []
    state.monitor.record = lambda _stream, stats: losses.append(stats[0].item())
    stepped(program, state, plan, 300, digits)
    assert sum(losses[-20:]) / 20 < sum(losses[:5]) / 5 - 12, "nats per image"


def test_what_it_reports_is_the_loss_and_its_two_parts(begun, stepped):
    program, state, plan = begun("vae", loss=None, penalty=None, d_optimizer=None)
    stepped(program, state, plan, 1)
    loss, reconstruction, kl, norm = state.monitor.windows["g"][0].tolist()
    assert program.stats["g"] == ("g_loss", "reconstruction", "kl", "gn_g") and program.stats["d"] == ()
    assert loss == pytest.approx(reconstruction + kl, rel=1e-6) and norm > 0
