"""VAE-GAN: a VAE whose reconstruction error is measured in D's features, and whose decoder is also the G of a GAN."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench import losses, models, registry
from gan_bench.errors import UserError
from gan_bench.game.discriminator_report import DiscriminatorReport, report_from_logits
from gan_bench.game.latent import draw_latents
from gan_bench.game.loss import Loss, correctly_classified
from gan_bench.game.network import Network, Tensors, copy_of
from gan_bench.game.player import Player, descend
from gan_bench.game.step import DISCRIMINATOR_STATS
from gan_bench.methods import Feed, Program, Setup
from gan_bench.methods._coder import decoder_of, divergence, encoder_of, reparametrised
from gan_bench.models._blocks import rebuilt
from gan_bench.models._init import initialise
from gan_bench.models._surgery import head_index

FACTS: dict[str, Any] = {
    "paper": "Larsen, Sonderby, Larochelle & Winther 2016, Autoencoding beyond pixels using a learned similarity "
    "metric, equations 7 to 9 and Algorithm 1 (arXiv:1512.09300)",
    "settings": {
        "gamma": {
            "type": "float",
            "default": 1e-2,
            "min": 0,
            "help": "weight of the reconstruction error (a sum over D's features) in the decoder's loss",
        },
        "layer": {
            "type": "int",
            "default": 1,
            "min": 1,
            "max": 100,
            "help": "hidden layer of D whose features are compared, counted from the output",
        },
    },
    "deviations": [
        "The decoder's adversarial term is G's loss of the chosen loss (non-saturating by default); Algorithm 1 "
        "minimises the saturating log(1 - D).",
        "The reconstruction error is a sum over features and a mean over images, weighted by gamma. The paper does not "
        "give its value of gamma.",
        "The losses of reconstructions and of samples are averaged; Algorithm 1 sums the two. So D's optimum at equal "
        "distributions is 1/2, for which the loss declares its equilibrium, and not 1/3.",
        "Encoder, decoder and discriminator are made from the model's pair; the paper's networks are for 64 pixels.",
    ],
    "uses": [
        "model", "loss", "g_optimizer", "d_optimizer", "batch_size", "ema", "budget", "log_points", "snapshots",
    ],
    "adversarial": True,
    "excludes": {"loss": ["relativistic", "began"]},
}  # fmt: skip

G_STATS = ("g_loss", "reconstruction", "kl", "gn_g")


class SplitDiscriminator(nn.Module):
    """A discriminator divided after a hidden layer. It returns the logit (B,) and the layer's features (B, F)."""

    def __init__(self, below: nn.Sequential, above: nn.Sequential) -> None:
        super().__init__()
        self.below, self.above = below, above

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.below(x)
        return self.above(features), features.flatten(1)


class VaeGan(Program):
    """A program with the players "generator" (the decoder), "discriminator" and "encoder"; z ~ N(0, I)."""

    def __init__(self, setup: Setup) -> None:
        """Build the three networks.

        Raises:
            UserError: G's loss reads real images, the loss has a state, or D does not have the hidden layer `layer`.
        """
        settings = setup.settings
        loss_ref, g_optimizer = settings["loss"], settings["g_optimizer"]
        facts = registry.component("losses", loss_ref["name"]).facts
        if facts.get("generator_needs_real") or facts.get("state"):
            raise UserError(
                f"method 'vae_gan' cannot use the loss {loss_ref['name']!r}, which has a state or compares with real "
                "images in G's step; choose non_saturating."
            )
        pair = models.build(settings["model"], setup.shape)
        self.decoder, self.encoder = Network(decoder_of(pair, settings["model"])), Network(encoder_of(pair))
        self.discriminator_layers = rebuilt(pair.discriminator, lambda layers: layers)
        self.discriminator = Network(_split(self.discriminator_layers, settings["method"]["layer"]))
        self.loss = Loss(registry.load("losses", loss_ref["name"]), loss_ref, {}).at({})
        self.output, self.threshold = facts["output"], losses.threshold(loss_ref)
        self.gamma, self.latent_dim = float(settings["method"]["gamma"]), pair.latent_dim
        self.networks = {"generator": self.decoder, "discriminator": self.discriminator, "encoder": self.encoder}
        self.stats = {"d": DISCRIMINATOR_STATS, "g": G_STATS}
        self.optimizers = {"generator": g_optimizer, "discriminator": settings["d_optimizer"], "encoder": g_optimizer}

    def initialise(self, rng: np.random.Generator) -> None:
        for module in (self.decoder.module, self.discriminator_layers, self.encoder.module):
            initialise(module, rng)

    def draw(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return draw_latents(rng, n, self.latent_dim)

    def images(self, tensors: Tensors, z: Tensor) -> Tensor:
        with torch.no_grad():
            return torch.tanh(self.decoder(dict(tensors), {}, z, training=False))

    def iterate(self, players: Mapping[str, Player], feed: Feed) -> None:
        """Algorithm 1: one minibatch, one forward pass (`objectives`), and a step of each network on its own loss."""
        x, _ = feed.real()
        rng = feed.rng("noise")
        noise, prior = (feed.tensor(draw_latents(rng, feed.batch_size, self.latent_dim)) for _ in range(2))
        buffers = {name: copy_of(player.buffers) for name, player in players.items()}
        losses, d_stats, g_stats = self.objectives(players, buffers, x, noise, prior)
        order = ("encoder", "generator", "discriminator")
        gradients = {
            name: torch.autograd.grad(losses[name], list(players[name].parameters.values()), retain_graph=True)
            for name in order
        }
        norms = {name: descend(players[name], gradients[name], buffers[name]) for name in order}
        feed.record("d", torch.cat((d_stats, norms["discriminator"])))
        feed.record("g", torch.cat((g_stats, norms["generator"])))

    def objectives(
        self, players: Mapping[str, Player], buffers: Mapping[str, Tensors], x: Tensor, noise: Tensor, prior: Tensor
    ) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """The loss of each player.

        Encoder: L_prior (KL divergence) + L_llike (reconstruction error in D's features). Decoder ("generator"): gamma
        L_llike + L_GAN (adversarial loss). D: its loss on x, dec(enc(x)) and dec(z_p).

        Args:
            buffers: buffers of each player, updated in place. D's running statistics are updated with the real images,
                then with reconstructions and samples as one minibatch.
            x: real images (B,C,H,W).
            noise: N(0, 1) numbers (B,Z) for the encoder's z.
            prior: z_p (B,Z), latents drawn from the prior N(0, I).

        Returns:
            Losses by player, the stats of D, and the stats of the decoder; gradient norms are not among the stats.
        """
        encoder, decoder, d = players["encoder"], players["generator"], players["discriminator"]
        discriminate: Any = partial(self.discriminator, d.parameters, buffers["discriminator"])
        code = self.encoder(encoder.parameters, buffers["encoder"], x)
        z = torch.cat((reparametrised(code, noise), prior))
        generated = torch.tanh(self.decoder(decoder.parameters, buffers["generator"], z))
        (on_real, real_features), (on_fake, fake_features) = discriminate(x), discriminate(generated)
        reconstruction = 0.5 * (fake_features[: len(x)] - real_features).square().sum(dim=1).mean()
        kl = divergence(code).mean()
        real_half, fake_half = self.loss.discriminator(on_real, on_fake)
        adversarial = self.loss.generator(None, on_fake)
        losses = {
            "encoder": kl + reconstruction,
            "generator": self.gamma * reconstruction + adversarial,
            "discriminator": real_half + fake_half,
        }
        outputs = [torch.sigmoid(logits) if self.output == "sigmoid" else logits for logits in (on_real, on_fake)]
        d_stats = [real_half, fake_half, torch.zeros_like(kl), *(values.mean() for values in outputs)]
        d_stats += [logits.std(correction=0) for logits in (on_real, on_fake)]
        correct = correctly_classified(on_real, on_fake, self.threshold)
        # Because there are twice as many generated images as real ones, the accuracy is the mean of the accuracy on
        # real and the accuracy on generated images.
        d_stats.append(torch.stack([side.mean(dtype=on_real.dtype) for side in correct]).mean())
        g_stats = [adversarial, reconstruction, kl]
        return losses, torch.stack(d_stats).detach(), torch.stack(g_stats).detach()

    def opinion(
        self, discriminator: Player, real: Tensor, fake: Tensor, classes: Tensor | None, progress: Tensor
    ) -> DiscriminatorReport:
        def logits(buffers: Tensors) -> tuple[Tensor, Tensor]:
            discriminate: Any = partial(self.discriminator, discriminator.parameters, buffers)
            return discriminate(real)[0], discriminate(fake)[0]

        return report_from_logits(self.discriminator, discriminator, logits, self.output, self.threshold)


build = VaeGan


def _split(discriminator: nn.Sequential, layer: int) -> SplitDiscriminator:
    """D, divided after the activation of a hidden layer. `layer`: its number, counted from the output, from 1."""
    layers = list(discriminator.children())
    activations = nn.LeakyReLU | nn.ReLU | nn.ELU
    ends = [i for i, part in enumerate(layers[: head_index(layers)]) if isinstance(part, activations)]
    if layer > len(ends):
        raise UserError(f"method 'vae_gan': layer is {layer}; valid: 1 to {len(ends)}, the hidden layers of D.")
    cut = ends[-layer] + 1
    return SplitDiscriminator(nn.Sequential(*layers[:cut]), nn.Sequential(*layers[cut:]))
