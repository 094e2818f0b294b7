"""Annealed importance sampling with Hamiltonian transitions: log of the integral of N(z; 0, I) L(z) over z.

Neal 2001, Statistics and Computing 11:125: a chain goes from the prior to the posterior through the laws
N(z; 0, I) L(z)^beta, beta from 0 to 1, and the product of L(z)^(step of beta) on its way is an unbiased estimate of the
integral. Transitions: Neal 2011, arXiv:1206.1901.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

#: log L of latents (images, chains, width), differentiable: (images, chains).
LogLikelihood = Callable[[Tensor], Tensor]

#: Chance of acceptance that step sizes are steered to, within the 0.6 to 0.9 of Betancourt et al. 2014,
#: arXiv:1411.6669, and how strongly: the logarithm of a step size moves by RATE times the difference. Posteriors narrow
#: fast along the path: slower steering left steps too long and weights tens of nats lower on linear decoders.
TARGET = 0.8
RATE = 1.0
#: Relative spread of step sizes from one transition to the next: a fixed length of trajectory may be a period.
SPREAD = 0.2


@dataclass(frozen=True)
class Annealed:
    """`log_weights` (images, chains) float64: the mean of exp over chains is unbiased. `acceptance` (images, chains):
    mean probability of accepting; NaN without transitions. `steps` (T, images): the step sizes."""

    log_weights: Tensor
    acceptance: Tensor
    steps: Tensor

    @property
    def estimates(self) -> Tensor:
        """(images,) log of the mean weight: a lower bound in the mean."""
        return self.log_weights.logsumexp(1) - np.log(self.log_weights.shape[1])


@dataclass(frozen=True)
class _State:
    """Latents, log L there, and its gradient; all float64."""

    z: Tensor
    value: Tensor
    slope: Tensor

    @classmethod
    def at(cls, log_likelihood: LogLikelihood, z: Tensor) -> "_State":
        with torch.enable_grad():
            given = z.detach().requires_grad_()
            value = log_likelihood(given)
            (slope,) = torch.autograd.grad(value.sum(), given)
        return cls(z.detach(), value.detach().double(), slope.double())

    def energy(self, beta: float) -> Tensor:
        return 0.5 * self.z.square().sum(-1) - beta * self.value


def betas_of(steps: int, power: float = 3.0) -> np.ndarray:
    """(steps + 1,) from 0 to 1: (t / steps)^power.

    A sharp likelihood changes the law most near 0, where steps must be small. On linear decoders of 4 to 100 latents,
    sd 0.1, a power of 3 left less bias than 2, 6 and a sigmoid, and about as little as 4.
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
    """Weights of `chains` independent chains for each of `images` likelihoods of `width` latents.

    Each image has one more chain, a pilot without weight, whose acceptance sets the step sizes of its others. A chain
    that set its own would have kernels that depend on its past, and its weight would be biased.
    log_likelihood takes (images, chains + 1, width) float64. len(betas) - 1 steps with a transition between any two.
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
            break  # nothing is read from the chains any more
        steps.append(log_step.exp())
        state, chance = _moved(log_likelihood, state, float(beta), steps[-1], leapfrog, rng)
        accepted += chance
        log_step = log_step + RATE * (chance[:, 0] - TARGET)
    acceptance = accepted / len(steps) if steps else torch.full(shape, torch.nan, dtype=torch.float64)
    sizes = torch.stack(steps) if steps else torch.zeros(0, images, dtype=torch.float64)
    return Annealed(log_weights[:, 1:], acceptance[:, 1:], sizes)


def _moved(
    log_likelihood: LogLikelihood, start: _State, beta: float, step: Tensor, leapfrog: int, rng: np.random.Generator
) -> tuple[_State, Tensor]:
    """One Hamiltonian transition that leaves the law of `beta` as it is, and the chance with which it was accepted."""
    shape = start.z.shape
    momentum = _normal(rng, shape)
    spread = torch.from_numpy(rng.uniform(1.0 - SPREAD, 1.0 + SPREAD, shape[:-1]))
    size = (step[:, None] * spread)[..., None]
    before = start.energy(beta) + 0.5 * momentum.square().sum(-1)
    there = start
    momentum = momentum - 0.5 * size * (there.z - beta * there.slope)
    for i in range(leapfrog):
        there = _State.at(log_likelihood, there.z + size * momentum)
        half = 0.5 if i == leapfrog - 1 else 1.0
        momentum = momentum - half * size * (there.z - beta * there.slope)
    after = there.energy(beta) + 0.5 * momentum.square().sum(-1)
    # A trajectory that left the numbers is one that is not accepted.
    chance = torch.nan_to_num(before - after, nan=-torch.inf).clamp(max=0.0).exp()
    taken = torch.from_numpy(rng.random(shape[:-1])) < chance
    state = _State(
        torch.where(taken[..., None], there.z, start.z),
        torch.where(taken, there.value, start.value),
        torch.where(taken[..., None], there.slope, start.slope),
    )
    return state, chance


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(rng.standard_normal(tuple(shape)))
