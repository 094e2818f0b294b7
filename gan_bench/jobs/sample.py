"""Draws samples of a trained generator and writes them to files."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.errors import UserError
from gan_bench.files import atomic_path, read_json
from gan_bench.paths import CHECKPOINTS, GENERATOR, METRICS, STATUS
from gan_bench.store import require_as_recorded


def write_samples(
    run: Path,
    n: int,
    seed: int,
    out: Path | None,
    label: int | None = None,
    *,
    step: int | None = None,
    folder: Path | None = None,
) -> None:
    """Write `n` samples of the run in folder `run`.

    Args:
        label: class of the samples; None for random classes, or for a run that is not conditional.
        step: step of a kept generator; None for the final generator.
        out: path that ends in `.npy` (n,C,H,W), or in `.png` for a grid of pictures.
        folder: instead of `out`, a new or empty folder for one picture per sample.
    """
    _check_number(n)
    _check_places(out, folder)
    images = samples_of(run, n, seed, label, step)
    if folder is not None:
        write_pictures(folder, images)
    elif out is not None:
        write_images(images, out)


def _check_places(out: Path | None, folder: Path | None) -> None:
    if (out is None) == (folder is None):
        raise UserError("give exactly one of --out and --folder.")
    if out is not None:
        _check_suffix(out)
    if folder is not None:
        _check_folder(folder)


def _check_number(n: int) -> None:
    if n < 1:
        raise UserError(f"--n is {n}; valid: 1 or more.")


def _check_folder(folder: Path) -> None:
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UserError(f"--folder is {str(folder)!r}, which is not empty; give a new or an empty folder.")


def samples_of(run: Path, n: int, seed: int, label: int | None = None, step: int | None = None) -> np.ndarray:
    """`n` samples (n,C,H,W) of the run in folder `run`, of class `label` if given.

    They come from the generator that was kept at `step`, or from the final generator if `step` is None. UserError if an
    argument is not valid, or if the file of the generator is damaged.
    """
    from gan_bench.train.generate import sample

    _check_number(n)
    require_as_recorded(run, GENERATOR if step is None else CHECKPOINTS)
    return sample(run, n, seed, label=label, step=step)


def write_images(images: np.ndarray, out: Path) -> None:
    """Write samples (n,C,H,W) as `.npy`, or as one `.png` grid. UserError for another suffix."""
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


def write_pictures(folder: Path, images: np.ndarray) -> None:
    """Write each image, without scaling, as a PNG: 00000.png, 00001.png ...

    UserError if the folder is not empty, or if the samples are not images with 1 or 3 channels.
    """
    from PIL import Image

    _check_folder(folder)
    if images.dtype != np.uint8 or images.shape[1] not in (1, 3):
        kind = "points" if images.dtype != np.uint8 else f"images of {images.shape[1]} channels"
        raise UserError(
            f"--folder: the run makes {kind}, which cannot be written as pictures; use --out with a path that ends in "
            ".npy."
        )
    for i, image in enumerate(images):
        pixels = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
        with atomic_path(folder / f"{i:05d}.png") as temporary:
            Image.fromarray(pixels).save(temporary)


def chosen_step(run: Path, text: str) -> tuple[int | None, str]:
    """The step of the generator that `text` ("final", "best" or a number) selects, and the choice in words.

    The step is None for the final generator. UserError if there is no such generator.
    """
    from gan_bench.train.generate import kept_steps

    if text == "final":
        return None, "final generator"
    kept = kept_steps(run)
    final: int | None = read_json(run / STATUS).get("g_steps") if (run / STATUS).is_file() else None
    if text == "best":
        best = _best(run, final)
        step = None if best["step"] == final else best["step"]
        words = f"step {best['step']}, the best of {best['n_generators']} generators by validation {best['metric']}"
        return step, f"{words} ({best['value']:.4g}; final {best['final_value']:.4g})"
    if not text.isdigit() or int(text) not in (*kept, final):
        steps = ", ".join(map(str, sorted({*kept, *([] if final is None else [final])})))
        raise UserError(f"--step is {text!r}; valid: final, best, or a step with a kept generator: {steps or 'none'}.")
    return (int(text) if int(text) in kept else None), f"step {text}"


def _best(run: Path, g_steps: int | None) -> dict[str, Any]:
    """The result of `best_generator` for a run. UserError if the run has no validation scores."""
    from gan_bench.metrics.evaluate.best import best_generator

    document = read_json(run / METRICS) if (run / METRICS).is_file() else None
    best = None if document is None or g_steps is None else best_generator(document, g_steps)
    if best is None:
        raise UserError(
            f"--step is 'best', but {run} has no validation scores. A study has them if it sets evaluation.validation "
            "(the share of images set aside) and checkpoints (the number of generators to keep)."
        )
    return best
