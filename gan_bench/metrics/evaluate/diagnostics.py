"""Diagnostic files of a run: latent interpolations, samples with their nearest training images, and a class histogram.

The files are in the run's folder. Writing them again for the same run gives the same bytes. A run without finite
samples has none of them.

    interpolation.png   ROWS paths between two latents, COLUMNS images each; only if images are a smooth function of
                        latents (see `interpolates`)
    neighbours.png      ROWS samples, each followed by its NEAREST nearest training images in the metrics' feature
                        space; the text entry "distances" of the PNG file lists their distances from the sample
    modes.json          number of samples and real images in each class or mode; only if the extractor gives classes or
                        modes

For points in the plane, only modes.json is written.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gan_bench.data import DataSet
from gan_bench.data.scaling import to_uint8
from gan_bench.features import Features
from gan_bench.features.reference import Reference
from gan_bench.files import atomic_path, digest_file, write_json
from gan_bench.metrics._diagnostic_files import FILES, INTERPOLATION, MODES, NEIGHBOURS
from gan_bench.metrics.class_histogram import histogram
from gan_bench.seeds import generator
from gan_bench.train._torch import deterministic
from gan_bench.train.generate import Generator, load_generator, sample

ROWS, COLUMNS, NEAREST = 6, 8, 5
#: Images are enlarged by the largest integer factor with which their longer side has at most this many pixels. Larger
#: images keep their size.
TILE = 32
#: PADDING: number of pixels between images. GAP: number of pixels between a sample and its nearest training images.
#: BACKGROUND: grey value of these pixels.
PADDING, GAP, BACKGROUND = 1, 6, 255
#: Number of training rows whose distances from the samples are computed at a time.
BLOCK = 4096


def write_diagnostics(
    run_dir: Path, reference: Reference, data: DataSet, real: Features, samples: Features | None, seed: int
) -> dict[str, str]:
    """Write the diagnostic files of a run and return {file: SHA-256}.

    Diagnostic files of an earlier evaluation are removed first.

    Args:
        real, samples: the features that the run's metrics compared. `samples` is None if there are no finite samples.
    """
    for name in FILES:
        (run_dir / name).unlink(missing_ok=True)
    if samples is None:
        return {}
    modes = mode_counts(real, samples, data.classes)
    if modes is not None:
        write_json(run_dir / MODES, {**modes, "extractor": reference.label})
    if data.shape[1:] != (1, 1):
        run_generator = load_generator(run_dir)
        if interpolates(run_generator):
            _write_sheet(run_dir / INTERPOLATION, interpolation(run_generator, seed))
        images, distances = neighbours(sample(run_dir, ROWS, seed), reference, data)
        _write_sheet(run_dir / NEIGHBOURS, images, gap=GAP, text=json.dumps(distances.round(6).tolist()))
    return {name: digest_file(run_dir / name) for name in FILES if (run_dir / name).is_file()}


def mode_counts(real: Features, samples: Features, classes: Sequence[str] | None) -> dict[str, Any] | None:
    """Number of images in each mode, or else in each class; None if neither is known for both sets.

    Returns: {"kind", "names", "real", "samples", "outside"}.
        kind: "modes", or "classes" (an image counts in its most probable class).
        names: names of the classes; None if there are no names, or not as many names as counts.
        real, samples: the counts.
        outside: number of samples that belong to no mode. If the extractor gives their nearest modes, `samples` counts
            them in these modes.
    """
    sample_use, real_use, outside = samples.mode_use, real.mode_use, 0
    if samples.modes is not None and sample_use is not None and real_use is not None:
        kind, outside = "modes", int((samples.modes < 0).sum())
    elif samples.log_probs is not None and real.log_probs is not None:
        kind = "classes"
        sample_use, real_use = histogram(samples.log_probs), histogram(real.log_probs)
    else:
        return None
    return {
        "kind": kind,
        "names": list(classes) if classes is not None and len(classes) == len(sample_use) else None,
        "real": real_use.astype(int).tolist(),
        "samples": sample_use.astype(int).tolist(),
        "outside": outside,
    }


def interpolates(run_generator: Generator) -> bool:
    """Whether a network computes images from latents in one pass, so that images are a smooth function of latents."""
    return run_generator.setup.settings["model"] is not None and run_generator.program.one_pass


def interpolation(run_generator: Generator, seed: int) -> np.ndarray:
    """(ROWS, COLUMNS, C, H, W) uint8 images. Each row goes from one latent to another; both are drawn by `seed`."""
    ends = run_generator.program.draw(generator(seed, "evaluation"), 2 * ROWS)
    z = paths_between(ends[:ROWS], ends[ROWS:], COLUMNS)
    with deterministic(run_generator.setup.settings["threads"] or 1, torch.device("cpu")):
        images = to_uint8(run_generator(torch.from_numpy(z.reshape(ROWS * COLUMNS, -1))))
    return np.asarray(images).reshape(ROWS, COLUMNS, *images.shape[1:])


def paths_between(first: np.ndarray, last: np.ndarray, steps: int) -> np.ndarray:
    """(n, steps, d) float32 paths from `first` to `last` (n, d).

    If all values are in [-1, 1], paths are straight. Otherwise they are spherical interpolations, because a straight
    line between normal vectors passes near the origin, where normal vectors are very rare (White 2016, arXiv
    1609.04468). Columns that contain only 0 and 1 encode a choice (a class, a code) and keep the values of `first`.
    """
    both = np.concatenate([first, last]).astype(np.float64)
    choice = np.isin(both, (0.0, 1.0)).all(axis=0)
    a, b = (np.where(choice, 0.0, part) for part in (both[: len(first)], both[len(first) :]))
    t = np.linspace(0.0, 1.0, steps)[None, :, None]
    if np.abs(both).max() <= 1.0:
        path = (1 - t) * a[:, None] + t * b[:, None]
    else:
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        cosine = np.einsum("nd,nd->n", a, b) / np.maximum(lengths, np.finfo(np.float64).tiny)
        angle = np.arccos(np.clip(cosine, -1.0, 1.0))[:, None, None].clip(1e-6, np.pi - 1e-6)
        path = (np.sin((1 - t) * angle) * a[:, None] + np.sin(t * angle) * b[:, None]) / np.sin(angle)
    return (path + np.where(choice, first, 0.0)[:, None]).astype(np.float32)


def neighbours(images: np.ndarray, reference: Reference, data: DataSet) -> tuple[np.ndarray, np.ndarray]:
    """Each image with its nearest training images (n, 1 + NEAREST, C, H, W) uint8, and the distances (n, NEAREST).

    If there are fewer than NEAREST training images, all of them are returned. Distances are Euclidean distances in
    feature space, between the image and these training images. Training images at equal distances are in the order of
    the data set.
    """
    near, distances = nearest_rows(reference.extract(images).features, reference.real("train").features, NEAREST)
    train = data.images("train")
    return np.concatenate([images[:, None], np.stack([train[np.array(row)] for row in near])], axis=1), distances


def nearest_rows(points: np.ndarray, pool: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices (n, min(k, N)) of the rows of `pool` (N, d) nearest to each row of `points` (n, d), and their distances.

    Distances are computed in float64.
    """
    squares = np.empty((len(points), len(pool)))
    for start in range(0, len(pool), BLOCK):
        part = pool[start : start + BLOCK].astype(np.float64)
        for i, point in enumerate(points.astype(np.float64)):
            squares[i, start : start + len(part)] = np.square(part - point).sum(axis=1)
    rows = np.argsort(squares, axis=1, kind="stable")[:, :k]
    return rows, np.sqrt(np.take_along_axis(squares, rows, axis=1))


def _write_sheet(path: Path, images: np.ndarray, gap: int = PADDING, text: str | None = None) -> None:
    """Write images (rows, columns, C, H, W) as one PNG, with `gap` pixels between the first and the second column.

    Images that have neither 1 nor 3 channels are shown as the mean of their channels. `text` is written into the file
    as the entry "distances".
    """
    rows, columns, channels, height, width = images.shape
    if channels not in (1, 3):
        images = images.mean(axis=2, keepdims=True).round().astype(np.uint8)
        channels = 1
    factor = max(1, TILE // max(height, width))
    h, w = height * factor, width * factor
    sheet = np.full((rows * (h + PADDING) - PADDING, columns * (w + PADDING) - 2 * PADDING + gap, channels), BACKGROUND)
    for row in range(rows):
        for column in range(columns):
            tile = np.kron(images[row, column].transpose(1, 2, 0), np.ones((factor, factor, 1), np.uint8))
            y, x = row * (h + PADDING), column * (w + PADDING) + (gap - PADDING if column else 0)
            sheet[y : y + h, x : x + w] = tile
    pixels = sheet.astype(np.uint8)
    entries = PngInfo()
    if text is not None:
        entries.add_text("distances", text)
    with atomic_path(path) as temporary:
        Image.fromarray(pixels if channels == 3 else pixels[:, :, 0]).save(temporary, format="PNG", pnginfo=entries)
