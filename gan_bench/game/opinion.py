"""What D says of plain images between two steps: nothing is drawn, and nothing of D moves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gan_bench.game.game import Game
from gan_bench.game.loss import told_apart
from gan_bench.game.network import Network, Tensors, copy_of
from gan_bench.game.player import Player
from gan_bench.game.step import judged
from gan_bench.models._spectral import Spectral

#: Layers of which the last one's input is called D's features.
LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, Spectral)


class Opinion(NamedTuple):
    """D's mean output on real images as it is reported, the share of them that it takes for real, and the inputs of
    its last linear or convolutional layer for real and generated images, (n, F) each; None where there is none."""

    real: Tensor
    accuracy: Tensor
    features: tuple[Tensor, Tensor] | None


def opinion(
    game: Game, discriminator: Player, real: Tensor, fake: Tensor, classes: Tensor | None, progress: Tensor
) -> Opinion | None:
    """D's opinion of plain real and generated images (n,C,H,W), both of the `classes` (n,K) where D gets any.

    D is called as in its own step, real and generated images apart and batch norm by the minibatch, so that the
    outputs compare with those of its steps. None for fewer than two packs of images.
    """
    seen = tuple(game.front.plain(images, progress, real=own) for images, own in ((real, True), (fake, False)))
    if min(map(len, seen)) < 2:
        return None
    side = {"classes": classes}

    def call(buffers: Tensors) -> tuple[Tensor, Tensor]:
        on_real, on_fake = judged(game, discriminator.parameters, buffers, (seen[0], seen[1]), side, side)
        return on_real[0], on_fake[0]

    return formed(game.discriminator, discriminator, call, game.output, game.threshold)


def formed(
    network: Network,
    player: Player,
    call: Callable[[Tensors], tuple[Tensor, Tensor]],
    output: str,
    threshold: float | None,
) -> Opinion:
    """The opinion of the logits `call(buffers)` on real and generated images; the player's buffers stay as they are."""
    with torch.no_grad(), _last_inputs(network.module) as inputs:
        on_real, on_fake = call(copy_of(player.buffers))
        features = torch.cat(inputs).float() if inputs else None
    right, _ = told_apart(on_real, on_fake, threshold)
    shown = torch.sigmoid(on_real) if output == "sigmoid" else on_real
    both = features is not None and len(features) == len(on_real) + len(on_fake)
    return Opinion(
        shown.mean(),
        (right + 0 * on_real).mean(),  # a logit that is not finite has no side
        (features[: len(on_real)], features[len(on_real) :]) if both and features is not None else None,
    )


@contextmanager
def _last_inputs(module: nn.Module) -> Iterator[list[Tensor]]:
    """What goes into the module's last layer in the calls of the block, as rows, in the order of the calls."""
    found: list[Tensor] = []
    last = [layer for layer in module.modules() if isinstance(layer, LAYERS)][-1:]
    hooks = [layer.register_forward_pre_hook(lambda _, given: found.append(given[0].flatten(1))) for layer in last]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()
