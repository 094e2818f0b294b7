"""Log-likelihood of test images under a generator with Gaussian pixel noise, by annealed importance sampling.

    p(x) = integral of N(z; 0, I) N(x; G(z), sigma^2 I) dz,     x and G(z) in [-1, 1]

Values are log densities of the stored pixels, scaled to [-1, 1]^D, in nats per image. No dequantisation noise is added,
because one grey level is much smaller than the default sigma of 0.1 (12.75 grey levels). A value of v nats is (log
127.5 - v / D) / log 2 bits per dimension, for 256 grey levels. If the generator takes uniform latents, they are
computed from normal z as 2 Phi(z) - 1.

Each estimate of p(x) is unbiased, so its logarithm is too low in expectation. This bias grows with fewer `steps`,
smaller sigma and more latents. It was measured on random linear decoders, whose likelihood is known, with 784 pixels
and sigma 0.1. With 100 latents, the bias at 100, 400 and 1000 steps is 59, 9 and 3 nats. With 20 latents, it is 14, 3
and less than 1 nat.

Two bounds, together called the bracket, show how much bias to expect (bidirectional Monte Carlo, Grosse et al. 2015).
The bounds are computed for simulated images (generated images plus pixel noise), equal in number to the scored test
images. `ais_lower` is computed like the estimate of the test images. `ais_upper` comes from chains that run in the
opposite direction, from the posterior to the prior. These chains start from the latents of the simulated images, which
are exact samples of the posterior. In expectation, the true mean log-likelihood of the simulated images is between the
two bounds. The number of steps is doubled until the bounds differ by less than one nat, or until the next doubling
would exceed `max_steps`; `ais_steps` is the final number. The bounds hold for the simulated images only. If real images
are far from all generated images, the bias of their estimate can be larger.

Two cautions. First, the value depends mostly on sigma. A small sigma requires the exact pixels: a stroke shifted by one
pixel costs hundreds of nats, and a generator of blurred images that covers all test images scores better than a
generator of sharp images that does not. Second, the value says little about sample quality: if 99 of 100 images of a
good generator were noise, the value would fall by at most log 100 = 4.6 nats (Theis et al. 2016). This is less than
some of the biases given above.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.data.scaling import to_unit
from gan_bench.game.latent import LatentLayout
from gan_bench.methods import Program
from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._annealed import LogLikelihood, annealed, betas_of, upper_bounds
from gan_bench.seeds import generator
from gan_bench.train.generate import Generator
from gan_bench.tricks import latent_law

FACTS = {
    "paper": "Wu et al. 2017, arXiv:1611.04273; Neal 2001, Statistics and Computing 11:125; why likelihoods say little "
    "about samples: Theis et al. 2016, arXiv:1511.01844; bracket: Grosse et al. 2015, arXiv:1511.02543",
    "settings": {
        "images": {"type": "int", "default": 8, "min": 2, "help": "test images, the same for every run"},
        "chains": {"type": "int", "default": 4, "min": 1, "help": "chains for each image, besides one pilot chain"},
        "steps": {
            "type": "int",
            "default": 100,
            "min": 2,
            "help": "initial number of distributions from the prior to the posterior",
        },
        "max_steps": {
            "type": "int",
            "default": 400,
            "min": 2,
            "help": "limit of the number of steps when it is doubled",
        },
        "leapfrog": {"type": "int", "default": 10, "min": 1, "help": "leapfrog steps of each transition"},
        "sigma": {
            "type": "float",
            "default": 0.1,
            "above": 0,
            "help": "standard deviation of the pixel noise, for pixels in [-1, 1]",
        },
        "seed": {"type": "int", "default": 0, "min": 0, "help": "seed of the choice of images"},
    },
    "deviations": [
        "sigma is a setting; Wu et al. choose it on validation images for each model. They use 16 chains of 10 000 "
        "steps",
        "step sizes adapt to the acceptance of a pilot chain without weight, not to the acceptance of the weighted "
        "chain, so weights stay unbiased",
        "the images are always from the test split",
    ],
    "needs": ["run"],
    "values": {
        "ais_log_likelihood": {
            "label": "AIS log-likelihood",
            "direction": "higher",
            "range": [None, None],
            "unit": "nats per image",
        },
        "ais_se": {
            "label": "AIS log-likelihood, standard error",
            "direction": "none",
            "range": [0.0, None],
            "unit": "nats per image",
        },
        "ais_acceptance": {"label": "AIS acceptance", "direction": "none", "range": [0.0, 1.0], "unit": ""},
        "ais_lower": {
            "label": "AIS lower bound, simulated images",
            "direction": "none",
            "range": [None, None],
            "unit": "nats per image",
        },
        "ais_upper": {
            "label": "AIS upper bound, simulated images",
            "direction": "none",
            "range": [None, None],
            "unit": "nats per image",
        },
        "ais_steps": {"label": "AIS steps", "direction": "none", "range": [2.0, None], "unit": "steps"},
    },
    "min_n": 1,
    "estimator": "mean over test images of the log of the mean weight of their chains, a lower bound in expectation; "
    "standard error over images; depends mostly on sigma and says little about sample quality; float64 weights",
}

Decoder = Callable[[Tensor], Tensor]

#: Steps are doubled until the bracket is narrower than this, in nats.
NATS = 1.0


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    assert sets.run is not None
    run_generator = sets.run.generator
    law = law_of(run_generator)
    width, decoder = law.width, decoder_of(run_generator, law.width)
    stored = sets.run.data.images("test")
    chosen = np.sort(generator(settings["seed"], "evaluation").permutation(len(stored))[: settings["images"]])
    if len(chosen) < 2:
        raise MetricUndefined(f"needs 2 test images; there are {len(stored)}")
    x = to_unit(torch.from_numpy(np.array(stored[chosen])))
    bracket = bracketed(lambda z: decoder(law.to_latents(z)), width, len(x), settings, rng.spawn(1)[0])
    log_likelihood = pixel_noise(lambda z: decoder(law.to_latents(z)), x, settings["sigma"])
    betas = betas_of(bracket.steps)
    result = annealed(log_likelihood, rng, len(x), settings["chains"], width, betas, settings["leapfrog"])
    values = result.estimates
    return {
        "ais_log_likelihood": float(values.mean()),
        "ais_se": float(values.std()) / len(values) ** 0.5,
        "ais_acceptance": float(result.acceptance.mean()),
        "ais_lower": float(bracket.lower.mean()),
        "ais_upper": float(bracket.upper.mean()),
        "ais_steps": float(bracket.steps),
    }


@dataclass(frozen=True)
class Bracket:
    """Bounds of log-likelihoods.

    x: simulated images.
    lower, upper: (images,) bounds, in expectation, of the log-likelihood of each simulated image.
    steps: number of steps with which the bounds were computed.
    """

    x: Tensor
    lower: Tensor
    upper: Tensor
    steps: int


def bracketed(decoder: Decoder, width: int, images: int, settings: dict[str, Any], rng: np.random.Generator) -> Bracket:
    """Bounds for images simulated from `decoder`.

    Steps are doubled until the mean bounds are less than NATS apart, or until twice the steps would exceed `max_steps`.
    """
    latents = torch.from_numpy(rng.standard_normal((images, width)))
    with torch.no_grad():
        x = decoder(latents.float()).double()
    x = x + settings["sigma"] * torch.from_numpy(rng.standard_normal(tuple(x.shape)))
    log_likelihood, steps = pixel_noise(decoder, x, settings["sigma"]), settings["steps"]
    while True:
        betas, chains, leapfrog = betas_of(steps), settings["chains"], settings["leapfrog"]
        forward = annealed(log_likelihood, rng, images, chains, width, betas, leapfrog)
        upper = upper_bounds(log_likelihood, rng, latents, chains, betas, forward.steps, leapfrog)
        if float((upper - forward.estimates).mean()) < NATS or 2 * steps > settings["max_steps"]:
            return Bracket(x, forward.estimates, upper, steps)
        steps *= 2


def pixel_noise(decoder: Decoder, x: Tensor, sigma: float) -> LogLikelihood:
    """Function from z (n, chains, width) to log N(x; G(z), sigma^2 I) of images x (n, ...), as (n, chains) float64.

    `decoder` maps z (n * chains, width), float32, to images and is differentiable.
    """
    flat = x.double().flatten(1)
    constant = flat.shape[1] * (np.log(sigma) + 0.5 * np.log(2.0 * np.pi))

    def log_likelihood(z: Tensor) -> Tensor:
        images = decoder(z.flatten(0, 1).float()).double().reshape(*z.shape[:2], -1)
        return (flat[:, None] - images).square().sum(-1) / (-2.0 * sigma**2) - constant

    return log_likelihood


@dataclass(frozen=True)
class Law:
    """Distribution of `width` latents: the first `uniform` of them are uniform in [-1, 1), the others N(0, 1)."""

    width: int
    uniform: int = 0

    def to_latents(self, normal: Tensor) -> Tensor:
        """(n, width) N(0, 1) numbers -> latents; a uniform latent is 2 Phi(u) - 1 of a normal number u."""
        if not self.uniform:
            return normal
        return torch.cat([torch.erf(normal[:, : self.uniform] / 2**0.5), normal[:, self.uniform :]], dim=1)


def law_of(run_generator: Generator) -> Law:
    """The distribution of the generator's latents; MetricUndefined if `Law` cannot express it.

    A method's program does not declare the distribution of its latents. So its draws are compared with draws from known
    layouts: noise alone, and noise followed by the random numbers that layers of the generator read.
    """
    if run_generator.program.class_columns is not None:
        raise MetricUndefined("the generator takes a class: its latents are not only noise")
    rows = 8
    z = run_generator.program.draw(np.random.default_rng(0), rows)
    if z.ndim == 2:
        width = z.shape[1]
        noise = min(width, (run_generator.setup.settings.get("model") or {}).get("latent_dim", width))
        for layout in (LatentLayout(width), LatentLayout(noise, random=width - noise)):
            if np.array_equal(layout.draw(np.random.default_rng(0), rows), z):
                return Law(width)
            if np.array_equal(replace(layout, noise_law=_uniform).draw(np.random.default_rng(0), rows), z):
                return Law(width, layout.noise)
    raise MetricUndefined("the generator's latents are neither normal nor uniform noise, which AIS starts from")


def _uniform(rng: np.random.Generator, n: int, dim: int) -> np.ndarray:
    return latent_law.latent(rng, n, dim, {"law": "uniform"})


def decoder_of(run_generator: Generator, width: int) -> Decoder:
    """Decoder from z (n, width) to images, with a gradient; MetricUndefined if the method has none.

    Most programs make images without recording gradients. For such a program, the decoder is the generator's network,
    or tanh of the network's output (for methods whose network ends before the tanh). The decoder that gives the same
    images as the program is chosen.
    """
    z = torch.from_numpy(np.random.default_rng(0).standard_normal((4, width), dtype=np.float32))
    expected = run_generator(z)
    for decoder in _decoders(run_generator):
        try:
            with torch.enable_grad():
                output = decoder(z.clone().requires_grad_())
        except (NotImplementedError, TypeError, RuntimeError):  # no network, or it needs other inputs
            continue
        if (
            output.requires_grad
            and output.shape == expected.shape
            and torch.allclose(output.detach(), expected, atol=1e-5)
        ):
            return decoder
    method = run_generator.setup.settings["method"]["name"]
    raise MetricUndefined(f"images of method {method!r} have no gradient in their latents")


def _decoders(run_generator: Generator) -> Iterator[Decoder]:
    program: Program = run_generator.program
    network = program.networks["generator"]
    yield lambda z: program.images(run_generator.tensors, z)
    yield lambda z: network(dict(run_generator.tensors), {}, z, training=False)
    yield lambda z: torch.tanh(network(dict(run_generator.tensors), {}, z, training=False))
