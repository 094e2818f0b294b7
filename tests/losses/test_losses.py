"""What every loss of the folder must do: a new file is tested without writing a test."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from gan_bench.config.reference import resolve
from gan_bench.losses import equilibrium
from gan_bench.registry import component, load, names

every_loss = pytest.mark.parametrize("name", names("losses"))
EXTREMES = [-1e4, -50.0, 0.0, 50.0, 1e4]


def tensor(*values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def optimal_level(ref):
    """(logit, d_loss, g_loss) at the constant logit that is best for D where real and generated images agree."""
    loss = load("losses", ref["name"])

    def d_loss(logit):
        real, fake = loss.discriminator(tensor(logit), tensor(logit), ref)
        return (real + fake).item()

    best = minimize_scalar(d_loss, bracket=(-3.0, 3.0), options={"xtol": 1e-10})
    return best.x, best.fun, loss.generator(None, tensor(best.x), ref).item()


@every_loss
def test_the_declaration_is_complete(name):
    declared = component("losses", name)
    assert declared.paper and declared.facts["family"] and declared.facts["output"] in ("sigmoid", "raw")
    level = declared.facts["equilibrium"]
    assert level is None or set(level) == {"d_loss", "g_loss"}


@every_loss
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("real", EXTREMES)
@pytest.mark.parametrize("fake", EXTREMES)
def test_values_and_gradients_are_finite_far_from_zero(name, dtype, real, fake):
    loss, ref = load("losses", name), resolve("losses", name)
    logits = tensor(real, dtype=dtype), tensor(fake, dtype=dtype)
    halves = loss.discriminator(*logits, ref)
    aim = loss.generator(logits[0], logits[1], ref)
    assert all(value.shape == () and value.isfinite() for value in (*halves, aim))
    gradients = [*torch.autograd.grad(sum(halves), logits), *torch.autograd.grad(aim, logits[1])]
    assert all(gradient.isfinite().all() for gradient in gradients)


@every_loss
def test_the_mean_is_over_the_minibatch_and_its_order_does_not_matter(name):
    loss, ref = load("losses", name), resolve("losses", name)
    rng = np.random.default_rng(0)
    real, fake = torch.from_numpy(rng.normal(size=(2, 7)))

    def values(real, fake):
        return torch.stack([*loss.discriminator(real, fake, ref), loss.generator(None, fake, ref)])

    each = torch.stack([values(real[i : i + 1], fake[i : i + 1]) for i in range(7)])
    torch.testing.assert_close(values(real, fake), each.mean(0))
    torch.testing.assert_close(values(real.flip(0), fake[[3, 1, 2, 0, 6, 5, 4]]), each.mean(0))


@every_loss
def test_each_half_is_moved_by_its_own_images_only(name):
    loss, ref = load("losses", name), resolve("losses", name)
    real, fake = tensor(0.3, -1.0), tensor(0.1, 2.0)
    real_half, fake_half = loss.discriminator(real, fake, ref)
    for half, own, other in ((real_half, real, fake), (fake_half, fake, real)):
        mine, theirs = torch.autograd.grad(half, [own, other], allow_unused=True)
        assert mine.abs().min() > 0 and theirs is None


@every_loss
def test_a_higher_logit_means_more_real(name):
    """At the level of equilibrium D wants real logits up and generated ones down, and G wants its logits up."""
    ref = resolve("losses", name)
    loss, start = load("losses", name), optimal_level(ref)[0] if equilibrium(ref) else 0.0
    real, fake = tensor(start), tensor(start)
    d_real, d_fake = torch.autograd.grad(sum(loss.discriminator(real, fake, ref)), [real, fake])
    (g_fake,) = torch.autograd.grad(loss.generator(None, fake, ref), fake)
    assert d_real < 0 < d_fake and g_fake < 0


@every_loss
def test_the_declared_equilibrium_is_the_value_at_the_optimal_discriminator(name):
    ref = resolve("losses", name)
    declared = equilibrium(ref)
    if declared is None:
        # No level: the sum of the halves says nothing where the two distributions agree.
        levels = [sum(load("losses", name).discriminator(tensor(x), tensor(x), ref)).item() for x in (-3.0, 0.0, 8.0)]
        assert levels == [0, 0, 0]
        return
    _, d_loss, g_loss = optimal_level(ref)
    assert declared["d_loss"] == pytest.approx(d_loss, abs=1e-8)
    assert declared["g_loss"] == pytest.approx(g_loss, abs=1e-6)


@given(a=st.floats(-3, 3), b=st.floats(-3, 3), c=st.floats(-3, 3))
@settings(max_examples=25, deadline=None)
def test_the_equilibrium_follows_the_settings(a, b, c):
    ref = resolve("losses", {"name": "least_squares", "a": a, "b": b, "c": c})
    _, d_loss, g_loss = optimal_level(ref)
    assert equilibrium(ref) == pytest.approx({"d_loss": d_loss, "g_loss": g_loss}, abs=1e-5)


def test_equilibria_are_the_published_levels():
    levels = {name: equilibrium(resolve("losses", name)) for name in names("losses")}
    ln2 = 0.6931471805599453
    # Goodfellow et al. 2014, Theorem 1: the value of the game is -log 4.
    assert levels["minimax"] == {"d_loss": 2 * ln2, "g_loss": -ln2}
    assert levels["non_saturating"] == {"d_loss": 2 * ln2, "g_loss": ln2}
    assert levels["least_squares"] == {"d_loss": 0.5, "g_loss": 0.25}
    assert levels["wasserstein"] is None
