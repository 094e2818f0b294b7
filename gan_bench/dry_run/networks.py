"""Check of the output shapes of a model's two networks, on one batch of random numbers."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench import models, registry
from gan_bench.dry_run.functions import place
from gan_bench.errors import UserError

Shape = tuple[int, int, int]
BATCH = 8
#: D's input is multiplied by this, to find out whether D ends in a sigmoid. Logits then grow, but probabilities stay in
#: [0, 1].
LARGE = 1e3


def broken_networks(ref: Mapping[str, Any], shape: Shape, loss: Mapping[str, Any] | None) -> Iterator[str]:
    """Sentences on mistakes of a model's `build()` and of the networks that it returns, for images of `shape`."""
    file, facts = place("models", ref), registry.component("models", ref["name"]).facts
    if facts.get("conditional"):  # its networks depend on the classes of the data; the training step tests them
        return
    try:
        pair = registry.load("models", ref["name"]).build(shape, ref)
    except UserError as error:
        yield from error.sentences
        return
    except Exception as error:
        yield f"{file}: build() raises {type(error).__name__} for images of shape {shape}: {error}"
        return
    if not isinstance(pair, models.Pair):
        expected = "a gan_bench.models.Pair(generator, discriminator, latent_dim)"
        yield f"{file}: build() returns a {type(pair).__name__}, expected {expected}."
        return
    models.initialise_pair(pair, np.random.default_rng(0))
    generator = torch.Generator().manual_seed(0)
    z = torch.randn(BATCH, pair.latent_dim, generator=generator)
    images = torch.rand(BATCH, *shape, generator=generator) * 2 - 1
    generated, sentence = _output(pair.generator, z, file, "generator", "images", (BATCH, *shape))
    if sentence:
        yield sentence
    logits, sentence = _output(pair.discriminator, images, file, "discriminator", "logits", (BATCH,))
    if sentence:
        yield sentence
    if generated is None or logits is None or loss is None or facts.get("output") == "reconstruction":
        return
    if _probabilities(torch.cat([logits, _forward(pair.discriminator, LARGE * images)])):
        yield (
            f"{file}: the discriminator of build() ends in a sigmoid (its outputs stay in [0, 1]); loss "
            f"{loss['name']!r} expects raw logits: remove the sigmoid."
        )


def _output(
    network: torch.nn.Module, values: Tensor, file: str, player: str, what: str, expected: tuple[int, ...]
) -> tuple[Tensor | None, str | None]:
    """(output of a network, None), or (None, sentence on the network's mistake)."""
    try:
        output = _forward(network, values)
    except Exception as error:
        given = f"an input of shape {tuple(values.shape)}"
        return None, f"{file}: the {player} of build() raises {type(error).__name__} for {given}: {error}"
    actual = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
    if actual != expected:
        return None, f"{file}: the {player} of build() returns {what} of shape {actual}, expected {expected}."
    return output, None


def _forward(network: torch.nn.Module, values: Tensor) -> Tensor:
    with torch.no_grad():
        output: Tensor = network(values)
    return output


def _probabilities(values: Tensor) -> bool:
    return bool(((values >= 0) & (values <= 1)).all()) and float(values.std()) > 0
