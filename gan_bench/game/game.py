"""The two networks and what each of them minimises, put together from a run's settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench import losses, models, registry
from gan_bench.errors import UserError
from gan_bench.game.front import Front, Side
from gan_bench.game.latent import Layout, draw_latents
from gan_bench.game.loss import BoundLoss, Loss, towards
from gan_bench.game.network import Network, Tensors
from gan_bench.game.networks import build_networks, heads
from gan_bench.game.tricks import Tricks
from gan_bench.tricks import Scene

__all__ = ["Game", "build_game", "draw_latents"]

Shape = tuple[int, int, int]
Critic = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Game:
    """Networks and objectives with their settings bound; holds no parameter that changes and draws nothing.

    `penalty` and `after_step` are None where the penalty component has none. `output` says how D's output is
    reported: "sigmoid" of the logit, or "raw". `generator_needs_real` is True for a loss whose generator half
    compares with the logits of real images (FACTS["generator_needs_real"]). `threshold` is the logit above which D
    takes an image for real, None for the midpoint of its mean logits. `auxiliaries` are the further objectives
    of both players, each with its columns of D's outputs beside the logit.
    """

    generator: Network
    discriminator: Network
    initialise: Callable[[np.random.Generator], None]
    shape: Shape
    layout: Layout
    front: Front
    loss: Loss
    output: str
    threshold: float | None
    generator_needs_real: bool
    penalty: Callable[[Critic, Tensor, Tensor, Mapping[str, Tensor]], Tensor] | None
    penalty_draw: Callable[[np.random.Generator, int, Shape], dict[str, np.ndarray]]
    after_step: Callable[[list[Tensor]], None] | None
    targets: Sequence[tuple[str, Callable[..., Tensor]]] = ()
    judge: Callable[..., tuple[Tensor, Tensor]] | None = None
    logits: Sequence[Callable[[Tensor], Tensor]] = ()
    trick_loss: Callable[..., Tensor] | None = None
    auxiliaries: Sequence[tuple[slice, Callable[..., Tensor | None]]] = field(default_factory=tuple)

    @property
    def latent_dim(self) -> int:
        """Numbers of noise in z."""
        return self.layout.noise

    def read(self, output: Tensor) -> tuple[Tensor, Tensor]:
        """D's outputs (B,) or (B, 1 + E) as logits (B,), higher = more real, and the rest (B, E)."""
        logits, rest = (output, output[:, None][:, :0]) if output.ndim == 1 else (output[:, 0], output[:, 1:])
        for hook in self.logits:
            logits = hook(logits)
        return logits, rest

    def halves(
        self, loss: BoundLoss, on_real: Tensor, on_fake: Tensor, real: Side, fake: Side
    ) -> tuple[Tensor, Tensor]:
        """D's loss of logits (B,): the half on real images and the half on generated ones."""
        if not self.targets:
            return loss.discriminator(on_real, on_fake)
        t_real, t_fake = on_real.new_ones(on_real.shape), on_fake.new_zeros(on_fake.shape)
        for name, hook in self.targets:
            t_real = hook(t_real, real["draws"].get(name, {}), True)
            t_fake = hook(t_fake, fake["draws"].get(name, {}), False)
        return towards(loss, on_real, on_fake, t_real, t_fake)

    def auxiliary(self, rest: Tensor, side: Side, *, real: bool) -> Tensor:
        """Sum of the further objectives on D's outputs `rest` (B, E) for a minibatch; 0 without any."""
        total = rest.new_zeros(())
        for columns, term in self.auxiliaries:
            value = term(rest[:, columns], side.get("classes"), side.get("codes"), real)
            total = total if value is None else total + value
        return total

    def g_loss(self, loss: BoundLoss, on_real: Tensor | None, on_fake: Tensor) -> Tensor:
        """What G minimises of logits (B,), without auxiliary terms."""
        return loss.generator(on_real, on_fake) if self.trick_loss is None else self.trick_loss(loss, on_real, on_fake)

    def critic(self, params: Tensors, buffers: Callable[[], Tensors], side: Side) -> Critic:
        """Logits of images as D sees them, with the classes of `side`; every call gets buffers of its own."""
        return lambda x: self.read(self.discriminator(params, buffers(), self.front.with_classes(x, side)))[0]


def build_game(settings: Mapping[str, Any], shape: Shape, classes: int = 0) -> Game:
    """The game of a run for images of `shape` (C, H, W) with that many classes, 0 without labels.

    UserError where the model does not take the shape, the penalty needs a critic that judges each image alone and
    the model's critic does not, or tricks do not fit each other or the data.
    """
    loss_ref, penalty_ref = settings["loss"], settings["penalty"]
    tricks = Tricks(settings["tricks"])
    _check_coupling(settings, tricks)
    built = build_networks(settings["model"], tricks, shape, classes)
    penalty = registry.load("penalties", penalty_ref["name"])
    facts = registry.component("losses", loss_ref["name"]).facts
    loss = Loss(registry.load("losses", loss_ref["name"]), loss_ref, facts.get("state", {}))
    precision = settings.get("precision", "float32")
    columns = dict(heads(tricks, Scene(shape, shape[0], built.layout.width, classes)))
    return Game(
        generator=Network(built.generator, precision=precision),
        discriminator=Network(built.discriminator, loss.buffers(), precision),
        initialise=built.initialise,
        shape=shape,
        layout=built.layout,
        front=_front(tricks),
        loss=loss,
        output=facts["output"],
        threshold=losses.threshold(loss_ref),
        generator_needs_real=bool(facts.get("generator_needs_real", False)),
        penalty=_bound(penalty, "penalty", penalty_ref),
        penalty_draw=_bound(penalty, "draw", penalty_ref) or (lambda _rng, _batch, _shape: {}),
        after_step=_bound(penalty, "after_step", penalty_ref),
        targets=[(trick.name, hook) for trick, hook in tricks.with_("targets")],
        judge=tricks.one("judge"),
        logits=[hook for _, hook in tricks.with_("logits")],
        trick_loss=tricks.one("generator_loss"),
        auxiliaries=[(columns[trick.name], term) for trick, term in tricks.with_("auxiliary")],
    )


def _front(tricks: Tricks) -> Front:
    outputs = {trick.name for trick, _ in tricks.with_("targets")}
    return Front(
        real=[(trick.name, hook) for trick, hook in tricks.with_("real")],
        view=[(trick.name, hook) for trick, hook in tricks.with_("view")],
        draws=[(trick.name, draw, trick.name in outputs) for trick, draw in tricks.with_("draw")],
        packs=tricks.packs,
        planes=tricks.flag("d_sees_labels"),
    )


def _bound(module: Any, name: str, settings: Mapping[str, Any]) -> Callable[..., Any] | None:
    function = getattr(module, name, None)
    return None if function is None else partial(function, settings=settings)


def _check_coupling(settings: Mapping[str, Any], tricks: Tricks) -> None:
    model, penalty = settings["model"], settings["penalty"]
    alone = registry.component("penalties", penalty["name"]).facts.get("per_sample_critic", False)
    undone = any(
        trick.settings.get(key) in values
        for trick in tricks.all
        for key, values in trick.facts.get("uncouples_batch", {}).items()
    )
    if alone and not undone and models.couples_batch(model):
        raise UserError(
            f"penalty {penalty['name']!r} needs a critic that judges each image alone, and the critic of model "
            f"{model['name']!r} normalises over the minibatch; valid: another d_norm, or another penalty."
        )
