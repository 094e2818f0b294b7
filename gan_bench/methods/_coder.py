"""An autoencoder made from the two networks of a GAN: D becomes the encoder, and G becomes the decoder."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from gan_bench import models
from gan_bench.errors import UserError
from gan_bench.models._blocks import rebuilt
from gan_bench.models._surgery import widen_head


def encoder_of(pair: models.Pair) -> nn.Sequential:
    """The discriminator with 2 * latent_dim outputs: mean and log-variance of q(z | x), (B, 2 Z)."""
    return rebuilt(pair.discriminator, lambda layers: widen_head(layers, 2 * pair.latent_dim))


def decoder_of(pair: models.Pair, model: Mapping[str, Any]) -> nn.Sequential:
    """The generator without its final tanh: z (B, Z) -> values a (B, C, H, W); the image is tanh(a).

    Raises:
        UserError: the generator has no tanh.
    """
    return rebuilt(pair.generator, lambda layers: _without_tanh(layers, str(model["name"])))


def reparametrised(code: Tensor, noise: Tensor) -> Tensor:
    """z = mean + sd * noise (B, Z), for codes (B, 2 Z); Kingma & Welling 2014, section 2.4."""
    mean, log_variance = code.chunk(2, dim=1)
    return mean + torch.exp(log_variance / 2) * noise


def divergence(code: Tensor) -> Tensor:
    """KL(q(z | x) || N(0, I)) of each code (B, 2 Z) in nats, (B,): Kingma & Welling 2014, appendix B."""
    mean, log_variance = code.chunk(2, dim=1)
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)


def _without_tanh(layers: list[nn.Module], name: str) -> list[nn.Module]:
    ends = [i for i, layer in enumerate(layers) if isinstance(layer, nn.Tanh)]
    if not ends:
        raise UserError(f"model {name!r}: its generator does not end in tanh, so it cannot be a decoder of pixels.")
    return [layer for i, layer in enumerate(layers) if i != ends[-1]]
