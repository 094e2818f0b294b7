"""The work of a run: exact numbers of steps, and a rough estimate of its CPU time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import ceil, prod
from typing import Any

import numpy as np

from gan_bench import registry

#: ESTIMATE. Speed of a training step of one network (forward, backward, Adam; batch 64, one thread of a cloud CPU,
#: torch 2.14). Model with default settings -> ((values in an image, images per second), ...). Between two entries,
#: the logarithms are interpolated linearly. Beyond the last entry, the time per value is constant.
IMAGES_PER_SECOND: Mapping[str, tuple[tuple[int, float], ...]] = {
    "mlp": ((64, 8000.0), (784, 4300.0), (4096, 1000.0), (12288, 310.0)),
    "dcgan": ((64, 21000.0), (784, 840.0), (4096, 190.0), (12288, 64.0)),
    "gan_mlp": ((64, 5100.0), (784, 3100.0), (3072, 1250.0)),
    "cgan_mlp": ((64, 5300.0), (784, 3000.0), (3072, 1100.0)),
    "points_mlp": ((2, 7700.0),),
    "infogan_net": ((64, 3400.0), (784, 330.0), (3072, 290.0)),
    "wgan_gp_net": ((64, 2100.0), (784, 340.0), (3072, 280.0)),
    "sndcgan": ((64, 700.0), (784, 95.0), (3072, 70.0)),
    "began_net": ((64, 530.0), (784, 39.0), (3072, 28.0)),
}

#: ESTIMATE. Images per second are proportional to this power of the width (measured for dcgan at 28 x 28 pixels and
#: widths of 16 to 64).
WIDTH_POWER = -1.2
REFERENCE_WIDTH = 64

#: ESTIMATE. Time of a D step with a gradient penalty, divided by the time of a D step without a penalty.
PENALTY_FACTORS = {"gradient_penalty": 1.8, "dragan": 1.8, "r1": 1.8, "r1_r2": 2.6}

#: ESTIMATE. Method -> function that computes, from the method's settings, the passes through one network for each
#: image: (in G's step, in each D step). For the method unrolled, G's step includes the inner D steps, forward and
#: backward.
PASSES: Mapping[str, Callable[[Mapping[str, Any]], tuple[float, float]]] = {
    "adversarial": lambda method: (1.0, 1.0),
    "unrolled": lambda method: (1.0 + 4.0 * method.get("steps", 5), 1.0),
    "vae": lambda method: (2.0, 0.0),
    "vae_gan": lambda method: (4.0, 2.0),
}

#: ESTIMATE. CPU seconds for starting a process that imports torch, and for scoring one run.
SECONDS_PER_JOB = 4.0
SECONDS_PER_EVALUATION = 2.0

#: By default, a training job has enough seeds to last JOB_SECONDS (estimated), but at least FEWEST_SEEDS and at most
#: MOST_SEEDS seeds.
JOB_SECONDS, FEWEST_SEEDS, MOST_SEEDS = 30.0, 4, 64

#: If a trick changes the number of D steps during training, D steps are counted one by one, up to this many G steps.
MAX_COUNTED = 1_000_000

#: Number of training images if n_train is not set. For digits, it includes the share test_fraction that is held out.
TRAIN_IMAGES = {"digits": 1797, "mnist": 60000, "fashion_mnist": 60000}


@dataclass(frozen=True)
class Work:
    """The work of one run. `images`: real images shown. `seconds`: estimated CPU time of training; None if unknown."""

    g_steps: int
    d_steps: int
    images: int
    seconds: float | None


def work(settings: Mapping[str, Any], shape: tuple[int, int, int]) -> Work | None:
    """Work of one run on images of `shape` (C, H, W).

    None if the work depends on an unknown number of images. None also if a trick changes the number of D steps and
    there are more than MAX_COUNTED G steps.

    Steps are counted as in gan_bench.train.schedule. They are rounded down, so that a run does not exceed its budget,
    but there is at least one G step. A method without training has no steps. A method without a discriminator reads one
    minibatch in each step.
    """
    if settings["budget"] is None:
        return Work(0, 0, 0, 0.0)
    ((unit, amount),) = settings["budget"].items()
    batch, n_train = settings["batch_size"], train_images(settings["dataset"]) or 0
    if unit == "epochs" and not n_train:
        return None
    total, changing = Fraction(str(amount)), _d_steps_of(settings)
    if unit == "g_steps":
        g_steps = max(1, int(total))
    else:
        limit = int(total / {"d_steps": 1, "images": batch, "epochs": Fraction(batch, n_train or 1)}[unit])
        g_steps = _g_steps_within(limit, settings["d_steps"] or 1, changing)
    if changing is not None and g_steps > MAX_COUNTED:
        return None
    if settings["d_steps"] is None:
        return Work(g_steps, 0, g_steps * batch, _seconds(settings, shape, g_steps * batch, 0))
    d_steps = g_steps * settings["d_steps"] if changing is None else sum(map(changing, range(g_steps)))
    return Work(g_steps, d_steps, d_steps * batch, _seconds(settings, shape, g_steps * batch, d_steps * batch))


def seeds_of_a_job(settings: Mapping[str, Any], shape: Sequence[int]) -> int:
    """Number of seeds in a training job. Jobs with short runs get more seeds, so that imports cost little."""
    channels, height, width = shape
    done = work(settings, (channels, height, width))
    if done is None or done.seconds is None:
        return FEWEST_SEEDS
    return min(max(FEWEST_SEEDS, ceil(JOB_SECONDS / (done.seconds + SECONDS_PER_EVALUATION))), MOST_SEEDS)


def _d_steps_of(settings: Mapping[str, Any]) -> Callable[[int], int] | None:
    """A trick's function: number of finished G steps -> D steps of the next G step. None without such a trick."""
    for ref in settings["tricks"]:
        if registry.component("tricks", ref["name"]).facts.get("d_steps"):
            d_steps = registry.load("tricks", ref["name"]).d_steps
            return lambda step: max(1, int(d_steps(step, settings["d_steps"], settings=ref)))
    return None


def _g_steps_within(limit: int, d_steps: int, changing: Callable[[int], int] | None) -> int:
    """Largest number of G steps with at most `limit` D steps in total, but at least 1.

    If the number of D steps changes during training, counting stops after MAX_COUNTED G steps; the result is then
    larger than MAX_COUNTED.
    """
    if changing is None:
        return max(1, limit // d_steps)
    spent = accumulate(map(changing, range(MAX_COUNTED + 1)))
    return max(1, next((step for step, done in enumerate(spent) if done > limit), MAX_COUNTED + 1))


def train_images(dataset: Mapping[str, Any]) -> int | None:
    """Number of training images of a data set; None if it is not known before the data is prepared."""
    if dataset.get("n_train") is not None:
        return int(dataset["n_train"])
    known = TRAIN_IMAGES.get(dataset["name"])
    return None if known is None else round(known * (1 - dataset.get("test_fraction", 0)))


def _seconds(settings: Mapping[str, Any], shape: tuple[int, int, int], g_images: int, d_images: int) -> float | None:
    rate = None if settings["model"] is None else _images_per_second(settings["model"], prod(shape))
    if rate is None or settings["method"]["name"] not in PASSES:
        return None
    per_g, per_d = PASSES[settings["method"]["name"]](settings["method"])
    penalty = settings["penalty"]
    factor = 1.0 if penalty is None else PENALTY_FACTORS.get(penalty["name"], 1.0)
    return (per_g * g_images + factor * per_d * d_images) / rate


def _images_per_second(model: Mapping[str, Any], values: int) -> float | None:
    table = IMAGES_PER_SECOND.get(model["name"])
    if table is None:
        return None
    sizes, rates = np.log([size for size, _ in table]), np.log([rate for _, rate in table])
    rate = float(np.exp(np.interp(np.log(values), sizes, rates))) * min(1.0, table[-1][0] / values)
    return rate * (model.get("width", REFERENCE_WIDTH) / REFERENCE_WIDTH) ** WIDTH_POWER
