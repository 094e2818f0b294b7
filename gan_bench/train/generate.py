"""Images from the stored generator of a run."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open

from gan_bench.data.scaling import to_uint8
from gan_bench.errors import UserError
from gan_bench.game.latent import one_hot
from gan_bench.game.network import Tensors
from gan_bench.methods import Program, Setup, build
from gan_bench.paths import CHECKPOINTS, GENERATOR
from gan_bench.seeds import generator
from gan_bench.sources import with_sources
from gan_bench.train._torch import deterministic

#: If z has at most WIDE columns, all latents of a sample are drawn at once, else in blocks of BLOCK rows.
WIDE = 4096
BLOCK = 256


@dataclass(frozen=True)
class Generator:
    """A trained generator on the CPU. `dtype`: type of the data set's values, "uint8" pixels or "float32" points."""

    program: Program
    tensors: Tensors
    setup: Setup
    dtype: str

    def __call__(self, z: torch.Tensor) -> torch.Tensor:
        """Images (n,C,H,W) in [-1, 1] for latents z, in eval mode."""
        with torch.no_grad():
            return self.program.images(self.tensors, z)


def load_generator(run_dir: Path | str, step: int | None = None) -> Generator:
    """The generator of a run: the final generator, or the generator that was kept at `step`.

    If a user's component was edited or renamed after the run, the copy that is stored in the run's folder is used
    (gan_bench.sources).

    Raises:
        UserError: the file is missing or damaged, its settings were written by another version of gan-bench, its
            tensors do not fit the settings, or no generator was kept at this step.
    """
    path = Path(run_dir) / (GENERATOR if step is None else CHECKPOINTS)
    prefix = "" if step is None else f"{step}/"
    if not path.is_file():
        raise UserError(f"{path}: no such file; a run that has finished training has one.")
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118 (not a mapping)
            tensors = {name[len(prefix) :]: file.get_tensor(name) for name in names}
        settings, about = json.loads(metadata["settings"]), json.loads(metadata["data"])
        (channels, height, width), classes = about["shape"], about["classes"]
        dtype = about["dtype"]
    except (SafetensorError, KeyError, ValueError) as error:
        raise UserError(f"{path}: not the generator file of a run ({type(error).__name__}).") from None
    setup = Setup(with_sources(settings, Path(run_dir)), (channels, height, width), classes)
    try:
        program = build(setup)
    except KeyError as missing:
        raise UserError(
            f"{path}: the settings of this run have no {missing}; they were written by another version of gan-bench, "
            "so train the run again with this version, or use that version."
        ) from None
    if step is not None and not tensors:
        raise UserError(f"{path}: no generator was kept at step {step}.")
    if not _belongs(tensors, program):
        kind = "method" if settings["model"] is None else "model"
        raise UserError(
            f"{path}: its tensors do not fit the {kind} {settings[kind]['name']!r}; was it edited after the run?"
        )
    return Generator(program, tensors, setup, dtype)


def kept_steps(run_dir: Path | str) -> list[int]:
    """Steps at which a run kept its generator, ascending; empty for most runs."""
    path = Path(run_dir) / CHECKPOINTS
    if not path.is_file():
        return []
    try:
        with safe_open(path, framework="pt") as file:
            names = {name.partition("/")[0] for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except SafetensorError as error:
        raise UserError(f"{path}: damaged ({type(error).__name__}).") from None
    return sorted(int(step) for step in names if step.isdigit())


def sample(
    run_dir: Path | str, n: int, seed: int, batch: int = 256, label: int | None = None, step: int | None = None
) -> np.ndarray:
    """`n` images of a run's generator, (n,C,H,W) uint8, or float32 for points.

    Images are made in eval mode on the CPU, with the run's number of threads. The latents are drawn from the stream
    "evaluation" of `seed` and do not depend on `batch`. With the same seed, a sample of 10 images has the same images
    as the first 10 of a larger sample; rounding may change a pixel by one grey level. `label` selects one class; `step`
    selects a generator that was kept.

    Raises:
        UserError: as in `load_generator`. Also if `n` or `batch` is below 1, the run does not have the given label, or
            the generator's output is not finite (as it can be in a diverged run).
    """
    if n < 1 or batch < 1:
        raise UserError(f"n is {n} and batch {batch}; valid: 1 or more.")
    generate = load_generator(run_dir, step)
    columns, classes = generate.program.class_columns, generate.setup.classes
    if label is not None and (columns is None or not 0 <= label < classes):
        valid = "none, the run is not conditional" if columns is None else f"0 to {classes - 1}"
        raise UserError(f"label is {label}; valid: {valid}.")
    images = np.empty((n, *generate.setup.shape), np.dtype(generate.dtype))
    rng = generator(seed, "evaluation")
    block = n if generate.program.draw(generator(seed, "snapshot"), 1).size <= WIDE else BLOCK
    with deterministic(generate.setup.settings["threads"] or 1, torch.device("cpu")):
        for start in range(0, n, block):
            z = generate.program.draw(rng, min(block, n - start))
            if label is not None:
                z[:, columns] = one_hot(np.full(len(z), label), classes)
            for first in range(0, len(z), batch):
                images_of_batch = generate(torch.from_numpy(z[first : first + batch]))
                if not torch.isfinite(images_of_batch).all():
                    raise UserError(f"{run_dir}: the generator's images contain numbers that are not finite.")
                drawn = to_uint8(images_of_batch) if generate.dtype == "uint8" else images_of_batch
                images[start + first : start + first + len(images_of_batch)] = drawn.numpy()
    return images


def images_of(program: Program, tensors: Tensors, n: int, seed: int) -> np.ndarray | None:
    """`n` images of the generator of a run that still trains; None if any image is not finite.

    Latents come from the same random stream as in `sample`, but they are always drawn in blocks of BLOCK rows. The
    first BLOCK images are those of `sample`. Later images differ if `sample` draws all latents at once (see WIDE) and z
    contains more than noise: classes, codes or numbers for random layers.
    """
    rng, device, batches = generator(seed, "evaluation"), next(iter(tensors.values())).device, []
    for start in range(0, n, BLOCK):
        z = torch.from_numpy(program.draw(rng, min(BLOCK, n - start))).to(device)
        batches.append(program.images(tensors, z).cpu())
    images = torch.cat(batches)
    if not torch.isfinite(images).all():
        return None
    return np.asarray(images if images.shape[2:] == (1, 1) else to_uint8(images))


def _belongs(tensors: dict[str, Any], program: Program) -> bool:
    """Whether `tensors` have the same names and shapes as the tensors of the generator of `program`.

    Shapes are not compared for methods with `fit`, because the shapes of their tensors depend on the data.
    """
    module = program.networks["generator"].module
    expected = dict([*module.named_parameters(), *module.named_buffers()])
    if set(expected) != set(tensors):
        return False
    return program.fit is not None or all(expected[name].shape == tensors[name].shape for name in expected)
