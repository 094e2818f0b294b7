"""Images from the generator that a run left behind."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from gan_bench import models
from gan_bench.data.scaling import to_uint8
from gan_bench.errors import UserError
from gan_bench.paths import GENERATOR
from gan_bench.seeds import generator
from gan_bench.train._torch import deterministic
from gan_bench.train.game import Shape, draw_latents


def load_generator(run_dir: Path | str) -> tuple[nn.Module, dict[str, Any], Shape]:
    """The trained generator in eval mode on the CPU, the run's settings, and the shape (C,H,W) of its images.

    UserError where the file is missing, damaged, or not of the model that its settings name.
    """
    path = Path(run_dir) / GENERATOR
    if not path.is_file():
        raise UserError(f"{path}: no such file; a run that has finished training has one.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        settings, (channels, height, width) = json.loads(metadata["settings"]), json.loads(metadata["shape"])
    except (SafetensorError, KeyError, ValueError) as error:
        raise UserError(f"{path}: not the generator file of a run ({type(error).__name__}).") from None
    module = models.build(settings["model"], (channels, height, width)).generator
    try:
        module.load_state_dict(tensors)
    except RuntimeError:
        name = settings["model"]["name"]
        raise UserError(f"{path}: its tensors are not those of model {name!r}; was the model edited since?") from None
    return module.eval(), settings, (channels, height, width)


def sample(run_dir: Path | str, n: int, seed: int, batch: int = 256) -> np.ndarray:
    """`n` images of a run's generator, uint8 (n,C,H,W): eval mode, CPU, the run's number of threads.

    The latents come from the generator of purpose "evaluation" of `seed`, all drawn at once: they do not depend on
    `batch`, and a smaller n is a beginning of a larger one (pixels agree within rounding, one grey level).
    UserError where the generator gives a number that is not finite, as one of a diverged run does.
    """
    if n < 1 or batch < 1:
        raise UserError(f"n is {n} and batch {batch}; valid: 1 or more.")
    module, settings, shape = load_generator(run_dir)
    latent_dim = models.build(settings["model"], shape).latent_dim
    z = torch.from_numpy(draw_latents(generator(seed, "evaluation"), n, latent_dim))
    images = np.empty((n, *shape), np.uint8)
    with deterministic(settings["threads"], torch.device("cpu")), torch.no_grad():
        for first in range(0, n, batch):
            made = module(z[first : first + batch])
            if not torch.isfinite(made).all():
                raise UserError(f"{run_dir}: the generator gives numbers that are not finite, so nothing can be drawn.")
            images[first : first + batch] = to_uint8(made)
    return images
