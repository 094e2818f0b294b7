"""How much work a run is: exact counts of steps, and a rough estimate of its CPU time."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

#: ESTIMATE. Images per second through a step of one network (forward, backward, Adam; batch 64, one thread of a
#: cloud CPU, torch 2.14), by model: ((values in an image, images per second), ...), for the default settings.
#: Between the rows the logarithms are interpolated; beyond them the last row's rate per value holds.
IMAGES_PER_SECOND: Mapping[str, tuple[tuple[int, float], ...]] = {
    "mlp": ((64, 8000.0), (784, 4300.0), (4096, 1000.0), (12288, 310.0)),
    "dcgan": ((64, 21000.0), (784, 840.0), (4096, 190.0), (12288, 64.0)),
}

#: ESTIMATE. A dcgan's rate goes with width to this power (measured at 28 x 28, widths 16 to 64).
WIDTH_POWER = -1.2
REFERENCE_WIDTH = 64

#: ESTIMATE. A discriminator's step with a gradient penalty against one without.
PENALTY_FACTOR = 1.8

#: ESTIMATE. CPU seconds of a process that imports torch, and of scoring one run.
SECONDS_PER_JOB = 4.0
SECONDS_PER_EVALUATION = 2.0

#: Images that a data set trains on when its n_train does not say; before its test_fraction is taken off.
TRAIN_IMAGES = {"digits": 1797, "mnist": 60000, "fashion_mnist": 60000}


@dataclass(frozen=True)
class Work:
    """What one run does. `images` are real images shown to the discriminator; `seconds` is an estimate or None."""

    g_steps: int
    d_steps: int
    images: int
    seconds: float | None


def work(settings: Mapping[str, Any], shape: tuple[int, int, int]) -> Work | None:
    """Work of one run on images of `shape` (C, H, W); None where it depends on a count of images that is not known.

    Steps are counted as gan_bench.train.schedule counts them: rounded down, so that no run exceeds its budget.
    """
    ((unit, amount),) = settings["budget"].items()
    per_step, batch = settings["d_steps"], settings["batch_size"]
    n_train = _train_images(settings["dataset"]) or 0
    if unit == "epochs" and not n_train:
        return None
    cost = {"g_steps": Fraction(1), "d_steps": Fraction(per_step), "images": Fraction(per_step * batch)}
    cost["epochs"] = Fraction(per_step * batch, n_train or 1)
    g_steps = max(1, int(Fraction(str(amount)) / cost[unit]))
    d_steps = g_steps * per_step
    return Work(g_steps, d_steps, d_steps * batch, _seconds(settings, shape, g_steps * batch, d_steps * batch))


def _train_images(dataset: Mapping[str, Any]) -> int | None:
    if dataset.get("n_train") is not None:
        return int(dataset["n_train"])
    known = TRAIN_IMAGES.get(dataset["name"])
    return None if known is None else round(known * (1 - dataset.get("test_fraction", 0)))


def _seconds(settings: Mapping[str, Any], shape: tuple[int, int, int], g_images: int, d_images: int) -> float | None:
    rate = _images_per_second(settings["model"], prod(shape))
    if rate is None:
        return None
    factor = PENALTY_FACTOR if settings["penalty"]["name"] == "gradient_penalty" else 1.0
    return (g_images + factor * d_images) / rate


def _images_per_second(model: Mapping[str, Any], values: int) -> float | None:
    table = IMAGES_PER_SECOND.get(model["name"])
    if table is None:
        return None
    sizes, rates = np.log([size for size, _ in table]), np.log([rate for _, rate in table])
    rate = float(np.exp(np.interp(np.log(values), sizes, rates))) * min(1.0, table[-1][0] / values)
    return rate * (model.get("width", REFERENCE_WIDTH) / REFERENCE_WIDTH) ** WIDTH_POWER
