"""Variational autoencoder: encoder and decoder maximise a bound of the likelihood; no discriminator."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench import models
from gan_bench.game.latent import draw_latents
from gan_bench.game.network import Network, Tensors, copy_of
from gan_bench.game.player import Player, descend
from gan_bench.methods import Feed, Program, Setup
from gan_bench.methods._coder import decoder_of, divergence, encoder_of, reparametrised
from gan_bench.models._init import initialise

FACTS: dict[str, Any] = {
    "paper": "Kingma & Welling 2014, Auto-Encoding Variational Bayes, equation 10 and appendices B and C "
    "(arXiv:1312.6114); learned variance: Dai & Wipf 2019, Diagnosing and Enhancing VAE Models (arXiv:1903.05789)",
    "settings": {
        "likelihood": {
            "type": "str",
            "default": "bernoulli",
            "choices": ["bernoulli", "gaussian"],
            "help": "of a pixel: cross-entropy with its value in [0, 1], or normal with one learned variance",
        },
    },
    "deviations": [
        "The encoder is the model's discriminator with an output for each mean and log-variance, the decoder its "
        "generator: the same networks as the GANs beside it in a table.",
        "Images are the mean of the decoder's law; the law itself would add noise to every pixel.",
    ],
    "uses": ["model", "g_optimizer", "batch_size", "ema", "budget", "log_points", "snapshots"],
    "adversarial": False,
}

STATS = ("g_loss", "reconstruction", "kl", "gn_g")


class Decoder(nn.Module):
    """z (B, Z) -> values a (B, C, H, W), an image being tanh(a); with the log-variance of a pixel beside it."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.log_variance = nn.Parameter(torch.zeros(()))

    def forward(self, z: Tensor) -> Tensor:
        values: Tensor = self.body(z)
        return values


@dataclass(frozen=True)
class Coder:
    """The two networks and the law of a pixel."""

    encoder: Network
    decoder: Network
    latent_dim: int
    likelihood: str


def build(setup: Setup) -> Program:
    """Players "encoder" and "generator", the decoder; z ~ N(0, I) of the model's latent_dim."""
    settings = setup.settings
    pair = models.build(settings["model"], setup.shape)
    body, gaussian = decoder_of(pair, settings["model"]), settings["method"]["likelihood"] == "gaussian"
    encoder = encoder_of(pair)
    decoder = Decoder(body) if gaussian else body
    coder = Coder(Network(encoder), Network(decoder), pair.latent_dim, settings["method"]["likelihood"])

    def fill(rng: np.random.Generator) -> None:
        initialise(body, rng)
        initialise(encoder, rng)

    return Program(
        networks={"generator": coder.decoder, "encoder": coder.encoder},
        optimizers={"generator": settings["g_optimizer"], "encoder": settings["g_optimizer"]},
        stats={"d": (), "g": STATS},
        initialise=fill,
        draw=lambda rng, n: draw_latents(rng, n, pair.latent_dim),
        images=partial(images, coder),
        iterate=partial(iterate, coder),
    )


def iterate(coder: Coder, players: Mapping[str, Player], feed: Feed) -> None:
    """One step of both players up the bound, on one minibatch with one z for each image."""
    x, _ = feed.real()
    noise = feed.tensor(draw_latents(feed.rng("noise"), feed.batch_size, coder.latent_dim))
    encoder, decoder = players["encoder"], players["generator"]
    buffers = copy_of(encoder.buffers), copy_of(decoder.buffers)
    loss, parts = bound(coder, (encoder.parameters, buffers[0]), (decoder.parameters, buffers[1]), x, noise)
    wanted = [*decoder.parameters.values(), *encoder.parameters.values()]
    gradients = torch.autograd.grad(loss, wanted)
    count = len(decoder.parameters)
    norms = [descend(decoder, gradients[:count], buffers[1]), descend(encoder, gradients[count:], buffers[0])]
    feed.record("g", torch.cat((parts, torch.linalg.vector_norm(torch.cat(norms)).unsqueeze(0))))


def bound(
    coder: Coder, encoder: tuple[Tensors, Tensors], decoder: tuple[Tensors, Tensors], x: Tensor, noise: Tensor
) -> tuple[Tensor, Tensor]:
    """Minus the bound for images x (B,C,H,W) and noise (B,Z), mean over images, in nats; (loss, reconstruction, kl).

    Of the Bernoulli likelihood it is the bound for pixels in [0, 1]; of the Gaussian one that of densities in [-1, 1].
    """
    code = coder.encoder(*encoder, x)
    values = coder.decoder(*decoder, reparametrised(code, noise))
    log_variance = decoder[0].get("log_variance")
    reconstruction = -log_likelihood(values, x, log_variance).mean()
    kl = divergence(code).mean()
    loss = reconstruction + kl
    return loss, torch.stack((loss, reconstruction, kl)).detach()


def log_likelihood(values: Tensor, x: Tensor, log_variance: Tensor | None) -> Tensor:
    """log p(x | z) of each image, (B,), of the decoder's values (B,C,H,W): Bernoulli, or normal with that variance.

    tanh(a) in [-1, 1] is sigmoid(2 a) in [0, 1], so 2 a is the logit of a Bernoulli pixel.
    """
    if log_variance is None:
        entropy = F.binary_cross_entropy_with_logits(2 * values, (x + 1) / 2, reduction="none")
        return -entropy.flatten(1).sum(dim=1)
    distance = (x - torch.tanh(values)).square().flatten(1).sum(dim=1)
    pixels = values[0].numel()
    return -0.5 * (distance * torch.exp(-log_variance) + pixels * (log_variance + math.log(2 * math.pi)))


def images(coder: Coder, tensors: Tensors, z: Tensor) -> Tensor:
    """Means (n,C,H,W) in [-1, 1] of the decoder's law, in eval mode."""
    with torch.no_grad():
        return torch.tanh(coder.decoder(dict(tensors), {}, z, training=False))
