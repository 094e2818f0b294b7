"""Annealed importance sampling with Hamiltonian transitions: log of the integral of N(z; 0, I) L(z) over z.

Neal 2001, Statistics and Computing 11:125. A chain moves from the prior to the posterior through the distributions N(z;
0, I) L(z)^beta, beta from 0 to 1. The product of L(z)^(step of beta) along the chain is an unbiased estimate of the
integral. Transitions: Neal 2011, arXiv:1206.1901.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

#: Latents (images, chains, width) -> log L (images, chains), differentiable.
LogLikelihood = Callable[[Tensor], Tensor]

#: TARGET: acceptance probability to which step sizes adapt. Betancourt et al. 2014, arXiv:1411.6669, recommend 0.6 to
#: 0.9. RATE: each transition changes the log step size by RATE times (acceptance - TARGET). From the prior to the
#: posterior, the distributions become narrow fast. With slower adaptation, step sizes remained too large, and the log
#: weights of linear decoders were tens of nats lower.
TARGET = 0.8
RATE = 1.0
#: Step sizes vary at random by up to this share, because trajectories of a fixed length may be periodic.
SPREAD = 0.2


@dataclass(frozen=True)
class Annealed:
    """Result of the chains.

    log_weights: (images, chains) float64; the mean of exp(log_weights) over chains is an unbiased estimate of the
        integral.
    acceptance: (images, chains) mean acceptance probability; NaN without transitions.
    steps: (T, images) step sizes of the T transitions.
    """

    log_weights: Tensor
    acceptance: Tensor
    steps: Tensor

    @property
    def estimates(self) -> Tensor:
        """(images,) log of the mean weight over chains; in expectation a lower bound of the log integral."""
        return self.log_weights.logsumexp(1) - np.log(self.log_weights.shape[1])


@dataclass(frozen=True)
class _State:
    """Latents, log L at them, and its gradient; all float64."""

    z: Tensor
    value: Tensor
    slope: Tensor

    @classmethod
    def at(cls, log_likelihood: LogLikelihood, z: Tensor) -> "_State":
        with torch.enable_grad():
            latents = z.detach().requires_grad_()
            value = log_likelihood(latents)
            (slope,) = torch.autograd.grad(value.sum(), latents)
        return cls(z.detach(), value.detach().double(), slope.double())

    def energy(self, beta: float) -> Tensor:
        return 0.5 * self.z.square().sum(-1) - beta * self.value


def betas_of(steps: int, power: float = 3.0) -> np.ndarray:
    """(steps + 1,) from 0 to 1: (t / steps)^power.

    A sharp likelihood changes the distribution most near beta = 0, so steps must be small there. On linear decoders
    with 4 to 100 latents and noise of sd 0.1, powers of 2 and 6 and a sigmoid schedule had a larger bias than a power
    of 3. A power of 4 had about the same bias as 3.
    """
    return np.asarray((np.arange(steps + 1) / steps) ** power)


def annealed(
    log_likelihood: LogLikelihood,
    rng: np.random.Generator,
    images: int,
    chains: int,
    width: int,
    betas: np.ndarray,
    leapfrog: int = 10,
) -> Annealed:
    """Weights of `chains` independent chains for each of `images` likelihoods.

    Each image has one additional pilot chain, whose weight is not used. Its acceptance sets the step size of the other
    chains of the image. If a chain adapted its own step size, its transition kernel would depend on its past and its
    weight would be biased.

    Args:
        log_likelihood: reads latents (images, chains + 1, width), float64.
        width: number of latents.
        betas: exponents from 0 to 1. Between two consecutive steps of beta there is a transition.
    """
    shape = (images, chains + 1)
    state = _State.at(log_likelihood, _normal(rng, (*shape, width)))
    # Neal 2011, sec. 4.4: stable steps in many dimensions shrink as width^(-1/4).
    log_step = torch.full((images,), -0.25 * float(np.log(width)), dtype=torch.float64)
    log_weights = torch.zeros(shape, dtype=torch.float64)
    accepted = torch.zeros(shape, dtype=torch.float64)
    steps: list[Tensor] = []
    for before, beta in pairwise(betas):
        log_weights += float(beta - before) * state.value
        if len(steps) == len(betas) - 2:
            break  # no weight depends on a state after the last step of beta
        steps.append(log_step.exp())
        state, chance = _moved(log_likelihood, state, float(beta), steps[-1], leapfrog, rng)
        accepted += chance
        log_step = log_step + RATE * (chance[:, 0] - TARGET)
    acceptance = accepted / len(steps) if steps else torch.full(shape, torch.nan, dtype=torch.float64)
    sizes = torch.stack(steps) if steps else torch.zeros(0, images, dtype=torch.float64)
    return Annealed(log_weights[:, 1:], acceptance[:, 1:], sizes)


def upper_bounds(
    log_likelihood: LogLikelihood,
    rng: np.random.Generator,
    latents: Tensor,
    chains: int,
    betas: np.ndarray,
    steps: Tensor,
    leapfrog: int = 10,
) -> Tensor:
    """(images,) upper bounds, in expectation, of the log integral (Grosse et al. 2015).

    The chains go from the posterior to the prior.

    The mean of exp(-log weight) is an unbiased estimate of 1 / integral if the chains start from exact samples of the
    posterior. Such samples are known for simulated data: they are the latents from which the images were made.

    Args:
        latents: (images, width) exact posterior samples.
        steps: step sizes (T, images) that `annealed` returned for the same images. `annealed` does not read `latents`,
            so the step sizes do not bias the bounds.
    """
    state = _State.at(log_likelihood, latents.double()[:, None].repeat(1, chains, 1))
    log_weights = torch.zeros(state.value.shape, dtype=torch.float64)
    for t in range(len(betas) - 1, 0, -1):
        log_weights += float(betas[t] - betas[t - 1]) * state.value
        if t > 1:
            state, _ = _moved(log_likelihood, state, float(betas[t - 1]), steps[t - 2], leapfrog, rng)
    return np.log(chains) - (-log_weights).logsumexp(1)


def _moved(
    log_likelihood: LogLikelihood, start: _State, beta: float, step: Tensor, leapfrog: int, rng: np.random.Generator
) -> tuple[_State, Tensor]:
    """The state after one Hamiltonian transition from `start`, and the acceptance probability of the transition.

    The transition leaves the distribution N(z; 0, I) L(z)^beta invariant.
    """
    shape = start.z.shape
    momentum = _normal(rng, shape)
    spread = torch.from_numpy(rng.uniform(1.0 - SPREAD, 1.0 + SPREAD, shape[:-1]))
    size = (step[:, None] * spread)[..., None]
    before = start.energy(beta) + 0.5 * momentum.square().sum(-1)
    position = start
    momentum = momentum - 0.5 * size * (position.z - beta * position.slope)
    for i in range(leapfrog):
        position = _State.at(log_likelihood, position.z + size * momentum)
        half = 0.5 if i == leapfrog - 1 else 1.0
        momentum = momentum - half * size * (position.z - beta * position.slope)
    after = position.energy(beta) + 0.5 * momentum.square().sum(-1)
    # A trajectory that reaches NaN or infinity is rejected.
    chance = torch.nan_to_num(before - after, nan=-torch.inf).clamp(max=0.0).exp()
    taken = torch.from_numpy(rng.random(shape[:-1])) < chance
    state = _State(
        torch.where(taken[..., None], position.z, start.z),
        torch.where(taken, position.value, start.value),
        torch.where(taken[..., None], position.slope, start.slope),
    )
    return state, chance


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(rng.standard_normal(tuple(shape)))
