"""The discriminator's outputs at a log point, computed without random numbers and without changing its tensors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from gan_bench.game.game import Game
from gan_bench.game.loss import correctly_classified
from gan_bench.game.network import Network, Tensors, copy_of
from gan_bench.game.player import Player
from gan_bench.game.step import discriminate_both
from gan_bench.models._spectral import Spectral

#: D's features are the inputs of its last layer that has one of these types.
LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, Spectral)


class DiscriminatorReport(NamedTuple):
    """The discriminator's outputs on real and generated images.

    Attributes:
        real: mean output on real images, scalar; a probability or a raw output, as the loss declares.
        accuracy: share of real images that are classified as real, scalar; NaN if a logit of a real image is not
            finite.
        features: inputs of D's last layer of `LAYERS` on real and on generated images, (n, F) each. None if D has no
            such layer, or if the layer's input does not have one row for each output of D.
    """

    real: Tensor
    accuracy: Tensor
    features: tuple[Tensor, Tensor] | None


def report(
    game: Game, discriminator: Player, real: Tensor, fake: Tensor, classes: Tensor | None, progress: Tensor
) -> DiscriminatorReport | None:
    """The discriminator's report on images, without random tricks.

    D is called as in a D step, so that its outputs are comparable with the outputs in the history: batch norm uses the
    minibatch's moments, and real and generated images are separate minibatches unless a trick joins them.

    Args:
        real, fake: images (n,C,H,W), before all tricks.
        classes: one-hot (n,K), the same for the real and for the generated images. It may be None if D reads no
            classes.
        progress: share of the training that is done, a scalar.

    Returns:
        The report; None if the images fill fewer than two packs.
    """
    inputs = (
        game.d_input.transform_without_random_tricks(real, progress, real=True),
        game.d_input.transform_without_random_tricks(fake, progress, real=False),
    )
    if min(map(len, inputs)) < 2:
        return None
    minibatch = {"classes": classes}

    def logits(buffers: Tensors) -> tuple[Tensor, Tensor]:
        parameters = discriminator.parameters
        (on_real, _), (on_fake, _) = discriminate_both(game, parameters, buffers, inputs, minibatch, minibatch)
        return on_real, on_fake

    return report_from_logits(game.discriminator, discriminator, logits, game.output, game.threshold)


def report_from_logits(
    network: Network,
    player: Player,
    logits: Callable[[Tensors], tuple[Tensor, Tensor]],
    output: str,
    threshold: float | None,
) -> DiscriminatorReport:
    """The report for `logits(buffers)`, a function that calls `network` on real and on generated images.

    `logits` gets a copy of the player's buffers, so that running statistics do not change.

    Args:
        output: "sigmoid" to report probabilities, "raw" to report logits.
        threshold: as for `correctly_classified`.
    """
    with torch.no_grad(), _feature_layer(network.module) as inputs:
        on_real, on_fake = logits(copy_of(player.buffers))
        features = torch.cat(inputs).float() if inputs else None
    correct, _ = correctly_classified(on_real, on_fake, threshold)
    outputs = torch.sigmoid(on_real) if output == "sigmoid" else on_real
    complete = features is not None and len(features) == len(on_real) + len(on_fake)
    return DiscriminatorReport(
        outputs.mean(),
        (correct + 0 * on_real).mean(),  # NaN where a logit is not finite
        (features[: len(on_real)], features[len(on_real) :]) if complete and features is not None else None,
    )


@contextmanager
def _feature_layer(module: nn.Module) -> Iterator[list[Tensor]]:
    """Yield a list. Each call of the module appends the input of its last layer of LAYERS to this list, as rows."""
    features: list[Tensor] = []
    last = [layer for layer in module.modules() if isinstance(layer, LAYERS)][-1:]
    hooks = [layer.register_forward_pre_hook(lambda _, x: features.append(x[0].flatten(1))) for layer in last]
    try:
        yield features
    finally:
        for hook in hooks:
            hook.remove()
