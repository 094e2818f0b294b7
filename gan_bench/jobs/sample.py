"""Samples of a trained generator, and the files they are written to."""

import io
from pathlib import Path

import numpy as np

from gan_bench.errors import UserError
from gan_bench.files import atomic_path


def write_samples(run: Path, n: int, seed: int, out: Path, label: int | None = None) -> None:
    """Write `n` samples of the run in folder `run` as `.npy` (n,C,H,W) or `.png` grid; of class `label` if given."""
    if n >= 1:  # an invalid n is reported first
        _check_suffix(out)
    write_images(samples_of(run, n, seed, label), out)


def samples_of(run: Path, n: int, seed: int, label: int | None = None, step: int | str | None = None) -> np.ndarray:
    """`n` samples (n,C,H,W) of the run in folder `run`: of class `label` if given, of the generator kept at `step`.

    UserError for a number or a step that is not valid.
    """
    from gan_bench.train.generate import sample

    if n < 1:
        raise UserError(f"--n is {n}; valid: 1 or more.")
    if isinstance(step, str):
        raise UserError(f"--step is {step!r}; valid: the number of a step at which the run kept its generator.")
    return sample(run, n, seed, label=label, step=step)


def write_images(images: np.ndarray, out: Path) -> None:
    """Write samples (n,C,H,W) as `.npy`, or as `.png` grid. UserError for another suffix."""
    _check_suffix(out)
    with atomic_path(out) as temporary:
        if out.suffix == ".npy":
            np.save(temporary, images, allow_pickle=False)
        else:
            temporary.write_bytes(png_grid(images))


def png_grid(images: np.ndarray) -> bytes:
    """Samples (n,C,H,W) in a grid, as PNG."""
    from gan_bench.train.snapshot import grid_image

    content = io.BytesIO()
    grid_image(images).save(content, format="PNG")
    return content.getvalue()


def _check_suffix(out: Path) -> None:
    if out.suffix not in (".npy", ".png"):
        raise UserError(f"--out is {str(out)!r}; valid: a path that ends in .npy or .png.")
