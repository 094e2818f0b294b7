"""VAE-GAN: an autoencoder that compares images in a discriminator's features, and whose decoder plays against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench import losses, models, registry
from gan_bench.errors import UserError
from gan_bench.game.latent import draw_latents
from gan_bench.game.loss import BoundLoss, Loss, told_apart
from gan_bench.game.network import Network, Tensors, copy_of
from gan_bench.game.opinion import Opinion, formed
from gan_bench.game.player import Player, descend
from gan_bench.game.step import DISCRIMINATOR_STATS
from gan_bench.methods import Feed, Program, Setup
from gan_bench.methods._coder import decoder_of, divergence, encoder_of, reparametrised
from gan_bench.models._blocks import rebuilt
from gan_bench.models._init import initialise
from gan_bench.models._surgery import head_index

FACTS: dict[str, Any] = {
    "paper": "Larsen, Sonderby, Larochelle & Winther 2016, Autoencoding beyond pixels using a learned similarity "
    "metric, "
    "equations 7 to 9 and Algorithm 1 (arXiv:1512.09300)",
    "settings": {
        "gamma": {
            "type": "float",
            "default": 1e-2,
            "min": 0,
            "help": "weight of the reconstruction in the decoder's loss, per feature summed over D's features",
        },
        "layer": {
            "type": "int",
            "default": 1,
            "min": 1,
            "max": 100,
            "help": "hidden layer of D whose features are compared, counted from its output",
        },
    },
    "deviations": [
        "The decoder's adversarial half is the named loss's (non-saturating by default), where Algorithm 1 "
        "minimises the "
        "saturating log(1 - D).",
        "The reconstruction is a sum over features and a mean over images; gamma weighs that sum. The paper does "
        "not give "
        "its value for its own scale.",
        "Encoder, decoder and discriminator have networks of the model's pair; the paper's are for 64 pixels.",
    ],
    "uses": [
        "model", "loss", "g_optimizer", "d_optimizer", "batch_size", "ema", "budget", "log_points", "snapshots",
    ],
    "adversarial": True,
    "excludes": {"loss": ["relativistic", "began"]},
}  # fmt: skip

G_STATS = ("g_loss", "reconstruction", "kl", "gn_g")


class Judge(nn.Module):
    """A discriminator that gives its logit and the features of a hidden layer beside it: (B,), (B, F)."""

    def __init__(self, below: nn.Sequential, above: nn.Sequential) -> None:
        super().__init__()
        self.below, self.above = below, above

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.below(x)
        return self.above(features), features.flatten(1)


@dataclass(frozen=True)
class Parts:
    """The three networks, the adversarial loss and the decoder's weight gamma."""

    encoder: Network
    decoder: Network
    judge: Network
    loss: BoundLoss
    output: str
    threshold: float | None
    latent_dim: int
    gamma: float


def build(setup: Setup) -> Program:
    """Players "generator" (the decoder), "discriminator" and "encoder"; z ~ N(0, I) of the model's latent_dim.

    UserError for a loss that compares with real images or keeps a state, and for a layer that D does not have.
    """
    settings = setup.settings
    facts = registry.component("losses", settings["loss"]["name"]).facts
    if facts.get("generator_needs_real") or facts.get("state"):
        raise UserError(f"method 'vae_gan' takes no loss such as {settings['loss']['name']!r}; choose non_saturating.")
    pair = models.build(settings["model"], setup.shape)
    decoder, encoder = decoder_of(pair, settings["model"]), encoder_of(pair)
    discriminator = rebuilt(pair.discriminator, lambda row: row)
    loss = Loss(registry.load("losses", settings["loss"]["name"]), settings["loss"], {}).at({})
    gamma, dim = float(settings["method"]["gamma"]), pair.latent_dim
    judge = _split(discriminator, settings["method"]["layer"])
    side = losses.threshold(settings["loss"])
    parts = Parts(Network(encoder), Network(decoder), Network(judge), loss, facts["output"], side, dim, gamma)

    def fill(rng: np.random.Generator) -> None:
        for network in (decoder, discriminator, encoder):
            initialise(network, rng)

    g_ref = settings["g_optimizer"]
    return Program(
        networks={"generator": parts.decoder, "discriminator": parts.judge, "encoder": parts.encoder},
        optimizers={"generator": g_ref, "discriminator": settings["d_optimizer"], "encoder": g_ref},
        stats={"d": DISCRIMINATOR_STATS, "g": G_STATS},
        initialise=fill,
        draw=lambda rng, n: draw_latents(rng, n, dim),
        images=partial(images, parts),
        iterate=partial(iterate, parts),
        opinion=partial(opinion, parts),
    )


def iterate(parts: Parts, players: Mapping[str, Player], feed: Feed) -> None:
    """Algorithm 1: one minibatch, one forward pass, and a step of each network along its own loss."""
    x, _ = feed.real()
    rng = feed.rng("noise")
    noise, prior = (feed.tensor(draw_latents(rng, feed.batch_size, parts.latent_dim)) for _ in range(2))
    buffers = {name: copy_of(player.buffers) for name, player in players.items()}
    losses, d_stats, g_stats = objectives(parts, players, buffers, x, noise, prior)
    order = ("encoder", "generator", "discriminator")
    gradients = {
        name: torch.autograd.grad(losses[name], list(players[name].parameters.values()), retain_graph=True)
        for name in order
    }
    norms = {name: descend(players[name], gradients[name], buffers[name]) for name in order}
    feed.record("d", torch.cat((d_stats, norms["discriminator"])))
    feed.record("g", torch.cat((g_stats, norms["generator"])))


def objectives(
    parts: Parts,
    players: Mapping[str, Player],
    buffers: Mapping[str, dict[str, Tensor]],
    x: Tensor,
    noise: Tensor,
    prior: Tensor,
) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    """The loss of each player by name, and the stats of D and of the decoder without their norms.

    encoder: L_prior + L_llike; decoder ("generator"): gamma L_llike - L_GAN; D: the loss on x, dec(enc(x)), dec(z_p).
    `buffers` are moved; D's running means by the real images and by the reconstructions and samples together.
    """
    encoder, decoder = players["encoder"], players["generator"]
    code = parts.encoder(encoder.parameters, buffers["encoder"], x)
    z = torch.cat((reparametrised(code, noise), prior))
    made = torch.tanh(parts.decoder(decoder.parameters, buffers["generator"], z))
    d = players["discriminator"]
    (on_real, f_real), (on_made, f_made) = _judged(parts, d, buffers, x, made)
    likelihood = 0.5 * (f_made[: len(x)] - f_real).square().sum(dim=1).mean()
    kl = divergence(code).mean()
    real_half, fake_half = parts.loss.discriminator(on_real, on_made)
    adversarial = parts.loss.generator(None, on_made)
    losses = {
        "encoder": kl + likelihood,
        "generator": parts.gamma * likelihood + adversarial,
        "discriminator": real_half + fake_half,
    }
    shown = [torch.sigmoid(logits) if parts.output == "sigmoid" else logits for logits in (on_real, on_made)]
    d_stats = [real_half, fake_half, torch.zeros_like(kl), *(logits.mean() for logits in shown)]
    d_stats += [logits.std(correction=0) for logits in (on_real, on_made)]
    d_stats.append(torch.cat(told_apart(on_real, on_made, parts.threshold)).mean(dtype=on_real.dtype))
    g_stats = [adversarial, likelihood, kl]
    return losses, torch.stack(d_stats).detach(), torch.stack(g_stats).detach()


def images(parts: Parts, tensors: Mapping[str, Tensor], z: Tensor) -> Tensor:
    """Images (n,C,H,W) in [-1, 1] of the decoder in eval mode."""
    with torch.no_grad():
        return torch.tanh(parts.decoder(dict(tensors), {}, z, training=False))


def opinion(
    parts: Parts, discriminator: Player, real: Tensor, fake: Tensor, _classes: Tensor | None, _progress: Tensor
) -> Opinion:
    """What the discriminator says of real images and of samples; its features are those before its last layer."""
    call: Any = parts.judge

    def logits(buffers: Tensors) -> tuple[Tensor, Tensor]:
        return call(discriminator.parameters, buffers, real)[0], call(discriminator.parameters, buffers, fake)[0]

    return formed(parts.judge, discriminator, logits, parts.output, parts.threshold)


def _judged(
    parts: Parts, d: Player, buffers: Mapping[str, dict[str, Tensor]], x: Tensor, made: Tensor
) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    own = buffers["discriminator"]
    call: Any = parts.judge
    return call(d.parameters, own, x), call(d.parameters, own, made)


def _split(discriminator: nn.Sequential, layer: int) -> Judge:
    """D cut after the activation of its hidden layer number `layer`, counted from the output."""
    row = list(discriminator.children())
    ends = [i for i, part in enumerate(row[: head_index(row)]) if isinstance(part, nn.LeakyReLU | nn.ReLU | nn.ELU)]
    if layer > len(ends):
        raise UserError(f"method 'vae_gan': layer is {layer}; valid: 1 to {len(ends)}, the hidden layers of D.")
    cut = ends[-layer] + 1
    return Judge(nn.Sequential(*row[:cut]), nn.Sequential(*row[cut:]))
