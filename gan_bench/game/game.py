"""The two networks and their objectives, built from a run's settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from gan_bench import losses, models, registry
from gan_bench.errors import UserError
from gan_bench.game.discriminator_input import DiscriminatorInput, Minibatch
from gan_bench.game.latent import LatentLayout, draw_latents
from gan_bench.game.loss import BoundLoss, Loss, with_soft_targets
from gan_bench.game.network import Network, Tensors
from gan_bench.game.networks import build_networks, heads
from gan_bench.game.tricks import Tricks
from gan_bench.tricks import Scene

__all__ = ["Game", "build_game", "draw_latents"]

Shape = tuple[int, int, int]
Critic = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Game:
    """Networks and objectives with their settings.

    A game stores no parameters, buffers or random numbers: its functions get them as arguments. A hook is a function of
    a trick (see gan_bench/tricks), with the trick's settings already given.

    Attributes:
        generator: z (B, layout.width) -> images (B,C,H,W).
        discriminator: D's input -> output (B,), or (B, 1 + E) if auxiliary heads have E outputs.
        initialise: fills the parameters of both networks.
        shape: (C, H, W) of an image.
        layout: the columns of z.
        d_input: transforms that make D's input from images.
        loss: the loss component. If it has a state, the state is in D's buffers. `halves` and `generator_loss` get the
            loss with this state, `loss.at(buffers)`.
        output: how D's output is reported, "sigmoid" of the logit or "raw".
        threshold: logit above which D classifies an image as real; None for the midpoint between the mean logits of
            real and of generated images.
        generator_needs_real: whether G's loss also reads logits of real images.
        penalty: penalty(critic, real, fake, draws) -> scalar; None if the penalty component adds no term to D's loss.
        penalty_draw: draws the penalty's random numbers.
        after_step: changes D's parameters in place after a D step; None if the penalty component does not do this.
        targets: (trick, hook) pairs that change D's targets.
        judge: hook of the trick that calls D in its own way on real and generated images; None if D is called on
            the real minibatch and then on the generated one.
        logits: hooks that change D's logits.
        trick_loss: hook that replaces the generator's loss; None without such a trick.
        shares_latents: whether G's step uses the latents of the last D step.
        auxiliaries: (columns, term) pairs. `term` is a further objective of both players, computed from these
            columns of D's auxiliary heads.
    """

    generator: Network
    discriminator: Network
    initialise: Callable[[np.random.Generator], None]
    shape: Shape
    layout: LatentLayout
    d_input: DiscriminatorInput
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
    shares_latents: bool = False
    auxiliaries: Sequence[tuple[slice, Callable[..., Tensor | None]]] = field(default_factory=tuple)

    @property
    def latent_dim(self) -> int:
        """Columns of noise in z."""
        return self.layout.noise

    def split_output(self, output: Tensor) -> tuple[Tensor, Tensor]:
        """Split D's output (B,) or (B, 1 + E) into logits (B,), higher = more real, and auxiliary heads (B, E).

        The hooks in `self.logits` are already applied to these logits.
        """
        logits, rest = (output, output[:, None][:, :0]) if output.ndim == 1 else (output[:, 0], output[:, 1:])
        for hook in self.logits:
            logits = hook(logits)
        return logits, rest

    def halves(
        self, loss: BoundLoss, on_real: Tensor, on_fake: Tensor, real: Minibatch, fake: Minibatch
    ) -> tuple[Tensor, Tensor]:
        """D's loss on real and on generated images, two scalars, by `discriminator` of the loss component.

        Args:
            on_real, on_fake: logits (B,).
            real, fake: the minibatches; their "draws" are used by tricks that change targets.
        """
        if not self.targets:
            return loss.discriminator(on_real, on_fake)
        target_real, target_fake = on_real.new_ones(on_real.shape), on_fake.new_zeros(on_fake.shape)
        for name, hook in self.targets:
            target_real = hook(target_real, real["draws"].get(name, {}), True)
            target_fake = hook(target_fake, fake["draws"].get(name, {}), False)
        return with_soft_targets(loss, on_real, on_fake, target_real, target_fake)

    def generator_loss(self, loss: BoundLoss, on_real: Tensor | None, on_fake: Tensor) -> Tensor:
        """G's loss for logits (B,), a scalar, by `generator` of the loss component or by the trick that replaces it."""
        return loss.generator(on_real, on_fake) if self.trick_loss is None else self.trick_loss(loss, on_real, on_fake)

    def auxiliary(self, rest: Tensor, minibatch: Minibatch, *, real: bool) -> Tensor:
        """Sum of the auxiliary objectives of a minibatch, a scalar; 0 if the game has none.

        Args:
            rest: auxiliary heads of D (B, E).
            real: whether the minibatch is real.
        """
        total = rest.new_zeros(())
        for columns, term in self.auxiliaries:
            value = term(rest[:, columns], minibatch.get("classes"), minibatch.get("codes"), real)
            total = total if value is None else total + value
        return total

    def critic(self, params: Tensors, buffers: Callable[[], Tensors], minibatch: Minibatch) -> Critic:
        """D as a function from transformed images to logits (B,), with the classes of `minibatch`.

        Each call of the returned function calls `buffers()`.
        """

        def logits(x: Tensor) -> Tensor:
            output = self.discriminator(params, buffers(), self.d_input.with_class_planes(x, minibatch))
            return self.split_output(output)[0]

        return logits


def build_game(settings: Mapping[str, Any], shape: Shape, classes: int = 0) -> Game:
    """The game of a run.

    Args:
        settings: the run's resolved settings.
        shape: (C, H, W) of the run's images.
        classes: number of classes; 0 without labels.

    Raises:
        UserError: the model does not accept the shape; the penalty needs a critic that judges each image alone, but the
            model's critic judges images together; tricks cannot be combined with each other, the model or the data; or
            the model needs the trick labels, which the run does not have.
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
        d_input=_discriminator_input(tricks),
        loss=loss,
        output=facts["output"],
        threshold=losses.threshold(loss_ref),
        generator_needs_real=bool(facts.get("generator_needs_real", False)),
        penalty=_bound(penalty, "penalty", penalty_ref),
        penalty_draw=_bound(penalty, "draw", penalty_ref) or (lambda _rng, _batch, _shape: {}),
        after_step=_bound(penalty, "after_step", penalty_ref),
        targets=[(trick.name, hook) for trick, hook in tricks.hooks("targets")],
        judge=tricks.only_hook("judge"),
        logits=[hook for _, hook in tricks.hooks("logits")],
        trick_loss=tricks.only_hook("generator_loss"),
        shares_latents=tricks.any_declares("shares_latents"),
        auxiliaries=[(columns[trick.name], term) for trick, term in tricks.hooks("auxiliary")],
    )


def _discriminator_input(tricks: Tricks) -> DiscriminatorInput:
    change_targets = {trick.name for trick, _ in tricks.hooks("targets")}
    return DiscriminatorInput(
        real=[(trick.name, hook) for trick, hook in tricks.hooks("real")],
        view=[(trick.name, hook) for trick, hook in tricks.hooks("view")],
        draws=[(trick.name, draw, trick.name in change_targets) for trick, draw in tricks.hooks("draw")],
        packs=tricks.packs,
        class_planes=tricks.any_declares("d_sees_labels"),
    )


def _bound(module: Any, name: str, settings: Mapping[str, Any]) -> Callable[..., Any] | None:
    function = getattr(module, name, None)
    return None if function is None else partial(function, settings=settings)


def _check_coupling(settings: Mapping[str, Any], tricks: Tricks) -> None:
    """UserError if the penalty is defined for single images, but the critic's logits depend on the whole minibatch.

    A trick that replaces the critic's batch norm removes this dependence.
    """
    model, penalty = settings["model"], settings["penalty"]
    per_sample = registry.component("penalties", penalty["name"]).facts.get("per_sample_critic", False)
    uncoupled = any(
        trick.settings.get(key) in values
        for trick in tricks.all
        for key, values in trick.facts.get("uncouples_batch", {}).items()
    )
    if per_sample and not uncoupled and models.couples_batch(model):
        raise UserError(
            f"penalty {penalty['name']!r} needs a critic that judges each image alone, but the critic of model "
            f"{model['name']!r} normalises over the minibatch; choose another d_norm or another penalty."
        )
