"""Write samples of a trained generator to a file."""

from pathlib import Path

import numpy as np

from gan_bench.errors import UserError
from gan_bench.files import atomic_path


def write_samples(run: Path, n: int, seed: int, out: Path, label: int | None = None) -> None:
    """Write `n` samples of the run in folder `run` as `.npy` (n,C,H,W) or `.png` grid; of class `label` if given."""
    from gan_bench.train.generate import sample
    from gan_bench.train.snapshot import grid_image

    if n < 1:
        raise UserError(f"--n is {n}; valid: 1 or more.")
    if out.suffix not in (".npy", ".png"):
        raise UserError(f"--out is {str(out)!r}; valid: a path that ends in .npy or .png.")
    images = sample(run, n, seed, label=label)
    with atomic_path(out) as temporary:
        if out.suffix == ".npy":
            np.save(temporary, images, allow_pickle=False)
        else:
            grid_image(images).save(temporary)
