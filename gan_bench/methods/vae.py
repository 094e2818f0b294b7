"""Variational autoencoder: encoder and decoder maximise a lower bound of the likelihood; no discriminator."""

import math
from collections.abc import Callable, Mapping
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
            "help": "distribution of a pixel: Bernoulli (cross-entropy with its value in [0, 1]), or normal with one "
            "learned variance for all pixels",
        },
    },
    "deviations": [
        "The encoder is the model's discriminator with an output for each mean and log-variance; the decoder is the "
        "model's generator. So a VAE and a GAN of the same model have the same networks.",
        "Images are means of the decoder's distribution; samples of it would have noise in every pixel.",
    ],
    "uses": ["model", "g_optimizer", "batch_size", "ema", "budget", "log_points", "snapshots"],
    "adversarial": False,
}

STATS = ("g_loss", "reconstruction", "kl", "gn_g")


class Decoder(nn.Module):
    """A decoder z (B, Z) -> a (B, C, H, W) with a learnt log-variance of pixels; the image is tanh(a)."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.log_variance = nn.Parameter(torch.zeros(()))

    def forward(self, z: Tensor) -> Tensor:
        return self.body(z)


class Vae(Program):
    """A program with the players "generator" (the decoder) and "encoder"; z ~ N(0, I) has latent_dim numbers."""

    def __init__(self, setup: Setup) -> None:
        settings = setup.settings
        pair = models.build(settings["model"], setup.shape)
        body, gaussian = decoder_of(pair, settings["model"]), settings["method"]["likelihood"] == "gaussian"
        self.latent_dim = pair.latent_dim
        self.encoder = Network(encoder_of(pair))
        self.decoder = Network(Decoder(body) if gaussian else body)
        self.networks = {"generator": self.decoder, "encoder": self.encoder}
        self.stats = {"d": (), "g": STATS}
        self.optimizers = {"generator": settings["g_optimizer"], "encoder": settings["g_optimizer"]}

    def initialise(self, rng: np.random.Generator) -> None:
        decoder = self.decoder.module
        initialise(decoder.body if isinstance(decoder, Decoder) else decoder, rng)
        initialise(self.encoder.module, rng)

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return draw_latents(rng, n, self.latent_dim)

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        """Means of the decoder's distribution of pixels."""
        with torch.no_grad():
            return torch.tanh(self.decoder(dict(tensors), {}, z, training=False))

    def iterate(self, players: Mapping[str, Player], feed: Feed) -> None:
        """One optimizer step of both players on the loss `negative_bound` of a minibatch, with one z for each image."""
        x, _ = feed.real()
        noise = feed.tensor(draw_latents(feed.rng("noise"), feed.batch_size, self.latent_dim))
        encoder, decoder = players["encoder"], players["generator"]
        e_buffers, d_buffers = copy_of(encoder.buffers), copy_of(decoder.buffers)
        encode = partial(self.encoder, encoder.parameters, e_buffers)
        decode = partial(self.decoder, decoder.parameters, d_buffers)
        loss, stats = negative_bound(encode, decode, decoder.parameters.get("log_variance"), x, noise)
        gradients = torch.autograd.grad(loss, [*decoder.parameters.values(), *encoder.parameters.values()])
        count = len(decoder.parameters)
        norms = [descend(decoder, gradients[:count], d_buffers), descend(encoder, gradients[count:], e_buffers)]
        feed.record("g", torch.cat((stats, torch.linalg.vector_norm(torch.cat(norms)).unsqueeze(0))))


build = Vae


def negative_bound(
    encode: Callable[[Tensor], Tensor],
    decode: Callable[[Tensor], Tensor],
    log_variance: Tensor | None,
    x: Tensor,
    noise: Tensor,
) -> tuple[Tensor, Tensor]:
    """Negative evidence lower bound in nats, mean over images, a scalar (equation 10).

    For each image, the bound is an upper bound on -log p(x). With the Bernoulli likelihood, p is the probability of
    pixels in [0, 1]; with the Gaussian likelihood, it is the density of pixels in [-1, 1].

    Args:
        encode: images -> codes (B,2Z).
        decode: z (B,Z) -> values (B,C,H,W).
        log_variance: log-variance of a Gaussian pixel; None for Bernoulli pixels.
        x: images (B,C,H,W).
        noise: N(0, 1) numbers (B,Z).

    Returns:
        The loss, and the stats (loss, reconstruction, kl).
    """
    code = encode(x)
    values = decode(reparametrised(code, noise))
    reconstruction = -log_likelihood(values, x, log_variance).mean()
    kl = divergence(code).mean()
    loss = reconstruction + kl
    return loss, torch.stack((loss, reconstruction, kl)).detach()


def log_likelihood(values: Tensor, x: Tensor, log_variance: Tensor | None) -> Tensor:
    """log p(x | z) of each image in nats, (B,).

    Pixels are normal with the given log-variance; if it is None, they are Bernoulli. A pixel tanh(a) in [-1, 1] is
    sigmoid(2 a) in [0, 1], so 2 a is the logit of a Bernoulli pixel.

    Args:
        values: the decoder's output a (B,C,H,W).
    """
    if log_variance is None:
        entropy = F.binary_cross_entropy_with_logits(2 * values, (x + 1) / 2, reduction="none")
        return -entropy.flatten(1).sum(dim=1)
    distance = (x - torch.tanh(values)).square().flatten(1).sum(dim=1)
    pixels = values[0].numel()
    return -0.5 * (distance * torch.exp(-log_variance) + pixels * (log_variance + math.log(2 * math.pi)))
