"""Losses and penalties equal closed forms on the Dirac-GAN of Mescheder et al. 2018 (arXiv:1801.04406, section 2).

Real data is the point 0, generated data is the point theta, and the discriminator is D(x) = psi * x. Here a higher
logit means more real, so psi has the opposite sign of the paper's.
"""

import math

import numpy as np
import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.registry import component, load, names

BATCH = 3
#: Value of BEGAN's control variable k.
K = 0.4


def sigmoid(t):
    return 1 / (1 + math.exp(-t))


#: Loss -> (dL_D/dpsi, dL_G/dtheta) as functions of theta and psi. The real logit is psi * 0 = 0 for any psi.
FIELDS = {
    "minimax": lambda theta, psi: (sigmoid(theta * psi) * theta, -sigmoid(theta * psi) * psi),
    "non_saturating": lambda theta, psi: (sigmoid(theta * psi) * theta, -sigmoid(-theta * psi) * psi),
    "least_squares": lambda theta, psi: (2 * theta * psi * theta, 2 * (theta * psi - 1) * psi),
    "wasserstein": lambda theta, psi: (theta, -psi),
    "hinge": lambda theta, psi: (theta * (theta * psi > -1), -psi),
    # D minimises softplus(fake - real), and G minimises softplus(real - fake).
    "relativistic": lambda theta, psi: (sigmoid(theta * psi) * theta, -sigmoid(-theta * psi) * psi),
    # With k = K, D minimises -real + K fake, and G minimises -fake.
    "began": lambda theta, psi: (K * theta, -psi),
}
#: Penalty -> its contribution to dL_D/dpsi.
TERMS = {
    "none": lambda psi: 0.0,
    "weight_clipping": lambda psi: 0.0,
    "gradient_penalty": lambda psi: 2 * 10 * (abs(psi) - 1) * math.copysign(1, psi),
    "dragan": lambda psi: 2 * 10 * (abs(psi) - 1) * math.copysign(1, psi),
    "r1": lambda psi: 10 * psi,
    "r1_r2": lambda psi: 2 * 10 * psi,
}


def objectives(loss_name, penalty_name, theta, psi):
    """(L_D with the penalty, L_G), computed by the package's functions."""
    loss, penalty = load("losses", loss_name), load("penalties", penalty_name)
    loss_ref, penalty_ref = resolve("losses", loss_name), resolve("penalties", penalty_name)
    real, fake = torch.zeros(BATCH, 1, 1, 1, dtype=theta.dtype), theta.expand(BATCH, 1, 1, 1)

    def critic(x):
        return psi * x.flatten()

    known = {"settings": loss_ref}
    if "state" in component("losses", loss_name).facts:
        known["state"] = {"k": torch.tensor(K, dtype=theta.dtype)}
    d_loss = sum(loss.discriminator(critic(real), critic(fake), **known))
    if hasattr(penalty, "penalty"):
        drawn = getattr(penalty, "draw", lambda *_: {})(np.random.default_rng(0), BATCH, (1, 1, 1), penalty_ref)
        draws = {name: torch.from_numpy(value).to(theta.dtype) for name, value in drawn.items()}
        d_loss = d_loss + penalty.penalty(critic, real, fake, draws, penalty_ref)
    return d_loss, loss.generator(critic(real), critic(fake), **known)


def field(loss_name, penalty_name, theta, psi):
    """(dL_D/dpsi, dL_G/dtheta), computed by autograd."""
    d_loss, g_loss = objectives(loss_name, penalty_name, theta, psi)
    (d_psi,) = torch.autograd.grad(d_loss, psi, create_graph=True)
    (g_theta,) = torch.autograd.grad(g_loss, theta, create_graph=True)
    return d_psi, g_theta


def point(theta, psi):
    return [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (theta, psi)]


@pytest.mark.parametrize("penalty", sorted(TERMS))
@pytest.mark.parametrize("loss", sorted(FIELDS))
@pytest.mark.parametrize(("theta", "psi"), [(1.0, 0.5), (1.0, -0.5), (-2.0, 1.5), (0.3, 4.0), (-60.0, 1.0)])
def test_the_gradient_field_is_the_closed_form(loss, penalty, theta, psi):
    d_psi, g_theta = field(loss, penalty, *point(theta, psi))
    expected_d, expected_g = FIELDS[loss](theta, psi)
    assert d_psi.item() == pytest.approx(expected_d + TERMS[penalty](psi), rel=1e-9, abs=1e-12)
    assert g_theta.item() == pytest.approx(expected_g, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("loss", "frequency"), [("minimax", 0.5), ("non_saturating", 0.5), ("wasserstein", 1.0)])
def test_without_a_penalty_the_equilibrium_has_imaginary_eigenvalues(loss, frequency):
    """The eigenvalues are +-f'(0) i, so training circles the equilibrium.

    The result is from Lemma 2.3 of the paper and its text on the non-saturating and Wasserstein games.
    """
    theta, psi = point(0.0, 0.0)
    descent = [-value for value in field(loss, "none", theta, psi)]
    rows = [torch.autograd.grad(value, [psi, theta], retain_graph=True, materialize_grads=True) for value in descent]
    eigenvalues = torch.linalg.eigvals(torch.tensor(rows, dtype=torch.float64))
    torch.testing.assert_close(eigenvalues.real, torch.zeros(2, dtype=torch.float64))
    torch.testing.assert_close(eigenvalues.imag.sort().values, torch.tensor([-frequency, frequency]).double())


def test_the_critic_is_drawn_to_slope_one_by_the_penalty_and_to_the_clip_by_clipping():
    d_inside, _ = field("wasserstein", "gradient_penalty", *point(0.0, 0.5))
    d_outside, _ = field("wasserstein", "gradient_penalty", *point(0.0, 1.5))
    assert d_inside.item() == pytest.approx(-10) and d_outside.item() == pytest.approx(10)
    _, psi = point(0.0, 1.5)
    load("penalties", "weight_clipping").after_step([psi], {"clip": 1.0})
    assert psi.item() == 1.0


def differences(loss, penalty, theta, psi, h=1e-6):
    """The vector field, computed as central differences of the objectives.

    They need no closed form, so every loss and every penalty of the package can be tested.
    """
    d = [objectives(loss, penalty, *point(theta, psi + sign * h))[0].item() for sign in (1, -1)]
    g = [objectives(loss, penalty, *point(theta + sign * h, psi))[1].item() for sign in (1, -1)]
    return (d[0] - d[1]) / (2 * h), (g[0] - g[1]) / (2 * h)


@pytest.mark.parametrize("penalty", names("penalties"))
@pytest.mark.parametrize("loss", names("losses"))
def test_the_field_of_every_pair_is_that_of_its_objectives(loss, penalty):
    """A new loss or penalty is tested without an edit of this file."""
    for theta, psi in ((0.7, 0.4), (-0.6, 1.3)):
        found = [value.item() for value in field(loss, penalty, *point(theta, psi))]
        assert found == pytest.approx(differences(loss, penalty, theta, psi), rel=1e-5, abs=1e-7)


def distance_after(loss, penalty, steps=4000, rate=0.01, start=1.0):
    """Distance |(theta, psi)| from the equilibrium (0, 0) after alternating gradient steps from (start, start)."""
    theta, psi = start, start
    for _ in range(steps):
        d_psi = FIELDS[loss](theta, psi)[0] + TERMS[penalty](psi)
        psi -= rate * d_psi
        theta -= rate * FIELDS[loss](theta, psi)[1]
    return math.hypot(theta, psi)


#: The pairs (loss, penalty) of each list below behave alike if training starts at (1, 1). The behaviour is that of
#: Mescheder et al. 2018, sections 2 to 4 and figure 1.
CONVERGES = [(loss, penalty) for loss in ("minimax", "non_saturating", "wasserstein", "hinge", "relativistic")
             for penalty in ("r1", "r1_r2")]  # fmt: skip
ORBITS = [("minimax", "none"), ("wasserstein", "none")]
#: The eigenvalues are imaginary too, but terms of higher order pull towards 0, so convergence is slower than
#: exponential.
SLOW = [("non_saturating", "none"), ("relativistic", "none")]
#: One-centred penalties (target gradient norm 1) hold |psi| near 1, so theta never comes to rest.
KEPT_AWAY = [("wasserstein", "gradient_penalty"), ("wasserstein", "dragan"), ("non_saturating", "dragan")]


@pytest.mark.parametrize(("loss", "penalty"), CONVERGES)
def test_zero_centred_penalties_make_the_game_converge(loss, penalty):
    assert distance_after(loss, penalty, steps=40_000) < 1e-2


@pytest.mark.parametrize(("loss", "penalty"), ORBITS)
def test_without_a_penalty_the_equilibrium_is_circled(loss, penalty):
    assert distance_after(loss, penalty) > 0.7
    assert distance_after(loss, penalty, steps=12_000) > 0.7


@pytest.mark.parametrize(("loss", "penalty"), SLOW)
def test_without_a_penalty_the_non_saturating_game_approaches_ever_more_slowly(loss, penalty):
    near, nearer = (distance_after(loss, penalty, steps=steps) for steps in (4000, 16_000))
    assert 0.1 < nearer < near and nearer / near > 0.4, "four times the steps do not halve it"


@pytest.mark.parametrize(("loss", "penalty"), KEPT_AWAY)
def test_one_centred_penalties_keep_it_from_the_equilibrium(loss, penalty):
    later = [distance_after(loss, penalty, steps=steps) for steps in (20_000, 20_500, 21_000)]
    assert min(later) > 0.1


def test_least_squares_alone_leaves_the_equilibrium_slowly_or_circles_it():
    """The derivative of D's loss on generated images by psi is 2 theta^2 psi.

    This term damps the motion, but hardly near the equilibrium.
    """
    assert distance_after("least_squares", "none", steps=2000, rate=0.01) > 0.1
