"""Requirements on every loss of the folder; a new file is tested without a new test."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from gan_bench.config.grammar.reference import resolve
from gan_bench.losses import MIDPOINT, equilibrium, threshold
from gan_bench.registry import component, load, names

every_loss = pytest.mark.parametrize("name", names("losses"))
separable_loss = pytest.mark.parametrize(
    "name", [name for name in names("losses") if component("losses", name).facts.get("separable", True)]
)
EXTREMES = [-1e4, -50.0, 0.0, 50.0, 1e4]


def tensor(*values, dtype=torch.float64):
    return torch.tensor(values, dtype=dtype, requires_grad=True)


def functions(ref, k=0.4):
    """(discriminator(real, fake), generator(real, fake)) of a loss. If the loss has a state, the state is set to k."""
    module, known = load("losses", ref["name"]), {"settings": ref}
    if "state" in component("losses", ref["name"]).facts:
        known["state"] = {"k": torch.tensor(k, dtype=torch.float64)}
    return partial(module.discriminator, **known), partial(module.generator, **known)


def optimal_level(ref):
    """(logit, d_loss, g_loss) if real and generated images are equally distributed.

    D then outputs the constant logit with the lowest loss of D. If several logits have this loss, as with hinge, and 0
    is among them, the logit is 0.
    """
    discriminator, generator = functions(ref)

    def d_loss(logit):
        real, fake = discriminator(tensor(logit), tensor(logit))
        return (real + fake).item()

    best = minimize_scalar(d_loss, bracket=(-3.0, 3.0), options={"xtol": 1e-10})
    at = 0.0 if d_loss(0.0) <= best.fun else best.x
    return at, d_loss(at), generator(tensor(at), tensor(at)).item()


@every_loss
def test_the_declaration_is_complete(name):
    declared = component("losses", name)
    assert declared.paper and declared.facts["family"] and declared.facts["output"] in ("sigmoid", "raw")
    level = declared.facts["equilibrium"]
    assert level is None or set(level) == {"d_loss", "g_loss"}
    stated = declared.facts.get("threshold")
    assert stated in (None, MIDPOINT) or isinstance(stated, float)


@every_loss
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("real", EXTREMES)
@pytest.mark.parametrize("fake", EXTREMES)
def test_values_and_gradients_are_finite_far_from_zero(name, dtype, real, fake):
    discriminator, generator = functions(resolve("losses", name))
    logits = tensor(real, dtype=dtype), tensor(fake, dtype=dtype)
    halves = discriminator(*logits)
    aim = generator(*logits)
    assert all(value.shape == () and value.isfinite() for value in (*halves, aim))
    gradients = [*torch.autograd.grad(sum(halves), logits), *torch.autograd.grad(aim, logits[1])]
    assert all(gradient.isfinite().all() for gradient in gradients)


@every_loss
def test_the_mean_is_over_the_minibatch_and_its_order_does_not_matter(name):
    discriminator, generator = functions(resolve("losses", name))
    rng = np.random.default_rng(0)
    real, fake = torch.from_numpy(rng.normal(size=(2, 7)))

    def values(real, fake):
        return torch.stack([*discriminator(real, fake), generator(real, fake)])

    each = torch.stack([values(real[i : i + 1], fake[i : i + 1]) for i in range(7)])
    torch.testing.assert_close(values(real, fake), each.mean(0))
    torch.testing.assert_close(values(real.flip(0), fake.flip(0)), each.mean(0))
    if component("losses", name).facts.get("separable", True):
        torch.testing.assert_close(values(real.flip(0), fake[[3, 1, 2, 0, 6, 5, 4]]), each.mean(0))


@separable_loss
def test_each_half_is_moved_by_its_own_images_only(name):
    discriminator, _ = functions(resolve("losses", name))
    real, fake = tensor(0.3, -1.5), tensor(0.1, 2.0)
    real_half, fake_half = discriminator(real, fake)
    for half, own, other in ((real_half, real, fake), (fake_half, fake, real)):
        mine, theirs = torch.autograd.grad(half, [own, other], allow_unused=True)
        assert mine.abs().min() > 0 and theirs is None


@every_loss
def test_a_higher_logit_means_more_real(name):
    """At equilibrium, D's loss falls if real logits rise or generated logits fall.

    G's loss falls if generated logits rise.
    """
    ref = resolve("losses", name)
    discriminator, generator = functions(ref)
    start = optimal_level(ref)[0] if equilibrium(ref) else 0.0
    real, fake = tensor(start), tensor(start)
    d_real, d_fake = torch.autograd.grad(sum(discriminator(real, fake)), [real, fake])
    (g_fake,) = torch.autograd.grad(generator(real, fake), fake)
    assert d_real < 0 < d_fake and g_fake < 0


@every_loss
def test_the_declared_equilibrium_is_the_value_at_the_optimal_discriminator(name):
    ref = resolve("losses", name)
    declared = equilibrium(ref)
    if declared is None:
        # A loss declares no equilibrium if, for equal distributions, D's loss has no lower bound or is the same at
        # every logit.
        discriminator, _ = functions(ref)
        levels = [sum(discriminator(tensor(x), tensor(x))).item() for x in (-3.0, 0.0, 8.0)]
        assert levels == [0, 0, 0] or levels[2] < levels[1] < levels[0]
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
    levels = {name: equilibrium(resolve("losses", name)) for name in AT_ZERO}
    ln2 = 0.6931471805599453
    # Goodfellow et al. 2014, Theorem 1: the value of the game is -log 4.
    assert levels["minimax"] == {"d_loss": 2 * ln2, "g_loss": -ln2}
    assert levels["non_saturating"] == {"d_loss": 2 * ln2, "g_loss": ln2}
    assert levels["least_squares"] == {"d_loss": 0.5, "g_loss": 0.25}
    assert levels["wasserstein"] is levels["began"] is None
    assert levels["hinge"] == {"d_loss": 2.0, "g_loss": 0.0}
    assert levels["relativistic"] == {"d_loss": ln2, "g_loss": ln2}


LN2 = 0.6931471805599453
#: Loss -> (part of D's loss for real images, part for generated images, G's loss) if every logit is 0.
AT_ZERO = {
    "minimax": (LN2, LN2, -LN2),
    "non_saturating": (LN2, LN2, LN2),
    "least_squares": (1.0, 0.0, 1.0),
    "wasserstein": (0.0, 0.0, 0.0),
    "hinge": (1.0, 1.0, 0.0),
    "relativistic": (LN2 / 2, LN2 / 2, LN2),
    "began": (0.0, 0.0, 0.0),
}
#: Loss -> four derivatives by a logit. Two are of D's loss, at a real logit of -50 and at a fake logit of 50: D is
#: wrong there and needs a gradient. Two are of G's loss, at fake logits of -50 and 50 with real logits of 0. At -50, D
#: is right. There, minimax gives G no gradient, and every other loss does.
AT_50 = {
    "minimax": (-1.0, 1.0, 0.0, -1.0),
    "non_saturating": (-1.0, 1.0, -1.0, 0.0),
    "least_squares": (-102.0, 100.0, -102.0, 98.0),
    "wasserstein": (-1.0, 1.0, -1.0, -1.0),
    "hinge": (-1.0, 1.0, -1.0, -1.0),
    "relativistic": (-1.0, 1.0, -1.0, 0.0),
    "began": (-1.0, 0.4, -1.0, -1.0),
}


@pytest.mark.parametrize("name", sorted(AT_ZERO))
def test_values_at_logit_zero_are_the_closed_forms(name):
    discriminator, generator = functions(resolve("losses", name))
    found = [value.item() for value in (*discriminator(tensor(0.0), tensor(0.0)), generator(tensor(0.0), tensor(0.0)))]
    assert found == pytest.approx(AT_ZERO[name], abs=1e-12)


@pytest.mark.parametrize("name", sorted(AT_50))
def test_gradients_at_logits_of_fifty_are_the_limits(name):
    discriminator, generator = functions(resolve("losses", name))
    real, fake = tensor(-50.0), tensor(50.0)
    d_real, d_fake = torch.autograd.grad(sum(discriminator(real, fake)), [real, fake])
    found = [d_real.item(), d_fake.item()]
    for logit in (-50.0, 50.0):
        fake = tensor(logit)
        found.append(torch.autograd.grad(generator(tensor(0.0), fake), fake)[0].item())
    assert found == pytest.approx(AT_50[name], abs=1e-9)


def test_no_closed_form_stands_here_for_a_loss_that_is_gone():
    assert set(AT_ZERO) == set(AT_50) <= set(names("losses"))


def test_least_squares_is_of_raw_outputs():
    """Several other benchmark suites apply the loss to sigmoid outputs by mistake.

    Then the gradient vanishes far from 0 and the value is below 1.
    """
    discriminator, _ = functions(resolve("losses", "least_squares"))
    real = tensor(-30.0)
    value = discriminator(real, tensor(0.0))[0]
    (gradient,) = torch.autograd.grad(value, real)
    assert value.item() == 31.0**2 and gradient.item() == -62.0


def test_the_threshold_follows_settings_and_a_default(tmp_path):
    at = {name: threshold(resolve("losses", name)) for name in AT_ZERO}
    assert {name for name, level in at.items() if level is None} == {"wasserstein", "relativistic", "began"}
    assert at["least_squares"] == 0.5 and at["hinge"] == at["minimax"] == at["non_saturating"] == 0
    assert threshold(resolve("losses", {"name": "least_squares", "a": -1.0})) == 0
    assert threshold(resolve("losses", {"name": "least_squares", "a": -1.0, "b": 2.0})) == 0.5
    for output, expected in (("sigmoid", 0.0), ("raw", None)):
        file = tmp_path / f"{output}.py"
        facts = {"paper": "", "settings": {}, "deviations": [], "family": "x", "output": output, "equilibrium": None}
        file.write_text(f'"""Own."""\nFACTS = {facts!r}\n')
        assert threshold(resolve("losses", str(file))) == expected
        file.write_text(f'"""Own."""\nFACTS = {facts | {"threshold": -0.25}!r}\n')
        assert threshold(resolve("losses", str(file))) == -0.25
