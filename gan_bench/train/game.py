"""The two networks and what each of them minimises, put together from a run's settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench import models, registry
from gan_bench.errors import UserError
from gan_bench.train.network import Network

Shape = tuple[int, int, int]
Critic = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Game:
    """Networks and objectives with their settings bound; holds no parameter and draws nothing.

    `penalty` and `after_step` are None where the penalty component has none. `output` says how D's output is
    reported: "sigmoid" of the logit, or "raw". `generator_needs_real` is True for a loss whose generator half
    compares with the logits of real images (FACTS["generator_needs_real"]).
    """

    generator: Network
    discriminator: Network
    latent_dim: int
    output: str
    generator_needs_real: bool
    discriminator_loss: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    generator_loss: Callable[[Tensor | None, Tensor], Tensor]
    penalty: Callable[[Critic, Tensor, Tensor, Mapping[str, Tensor]], Tensor] | None
    penalty_draw: Callable[[np.random.Generator, int], dict[str, np.ndarray]]
    after_step: Callable[[list[Tensor]], None] | None


def build_game(settings: Mapping[str, Any], shape: Shape, rng: np.random.Generator) -> Game:
    """The game of a run for images of `shape` (C, H, W), its modules filled from `rng`: G first, then D.

    UserError where the model does not take the shape, or the penalty needs a critic that judges each image alone
    and the model's critic does not.
    """
    loss_ref, penalty_ref = settings["loss"], settings["penalty"]
    pair = models.build(settings["model"], shape)
    _check_coupling(settings)
    models.initialise_pair(pair, rng)
    loss = registry.load("losses", loss_ref["name"])
    penalty = registry.load("penalties", penalty_ref["name"])
    facts = registry.component("losses", loss_ref["name"]).facts
    return Game(
        generator=Network(pair.generator),
        discriminator=Network(pair.discriminator),
        latent_dim=pair.latent_dim,
        output=facts["output"],
        generator_needs_real=bool(facts.get("generator_needs_real", False)),
        discriminator_loss=partial(loss.discriminator, settings=loss_ref),
        generator_loss=partial(loss.generator, settings=loss_ref),
        penalty=_bound(penalty, "penalty", penalty_ref),
        penalty_draw=_bound(penalty, "draw", penalty_ref) or (lambda _rng, _batch: {}),
        after_step=_bound(penalty, "after_step", penalty_ref),
    )


def draw_latents(rng: np.random.Generator, n: int, latent_dim: int) -> np.ndarray:
    """z ~ N(0, I), float32 (n, latent_dim). The first m rows are the same for every n >= m."""
    return rng.standard_normal((n, latent_dim), dtype=np.float32)


def _bound(module: Any, name: str, settings: Mapping[str, Any]) -> Callable[..., Any] | None:
    function = getattr(module, name, None)
    return None if function is None else partial(function, settings=settings)


def _check_coupling(settings: Mapping[str, Any]) -> None:
    model, penalty = settings["model"], settings["penalty"]
    alone = registry.component("penalties", penalty["name"]).facts.get("per_sample_critic", False)
    if alone and models.couples_batch(model):
        raise UserError(
            f"penalty {penalty['name']!r} needs a critic that judges each image alone, and the critic of model "
            f"{model['name']!r} normalises over the minibatch; valid: another d_norm, or another penalty."
        )
