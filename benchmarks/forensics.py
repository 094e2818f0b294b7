"""How often checks for defects of pictures give false alarms on photographs, and how each defect changes metrics.

    python benchmarks/forensics.py FOLDER [--trials 1000] [--splits 5] [--size 64]     prints Markdown tables

The checks are those of gan_bench/metrics/inputs/forensics: they report, for example, traces of JPEG compression in one
of two sets. FOLDER holds colour photographs larger than --size pixels. They are scaled down to this size, which removes
the traces of their own compression.
"""

import argparse
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from gan_bench.metrics.evaluate.sets import evaluate_sets
from gan_bench.metrics.inputs.files import DEFAULT_EXTRACTOR
from gan_bench.metrics.inputs.forensics import (
    _copies,
    examine,
    grey_among_colour,
    jpeg_traces,
    minmax_stretch,
    resampling_traces,
)
from gan_bench.metrics.inputs.forensics._sets import Trait, one_sided
from gan_bench.metrics.inputs.load import Points
from gan_bench.metrics.inputs.space import default_ref, embed

METRICS = ("frechet", "kid", "precision", "recall", "density", "coverage")
FAMILIES = ("frechet", "kid", "precision_recall", "density_coverage")
SHARES = (0.1, 0.5, 1.0)
BICUBIC = Image.Resampling.BICUBIC


def jpeg(quality: int) -> Callable[[Image.Image], Image.Image]:
    def change(picture: Image.Image) -> Image.Image:
        stream = io.BytesIO()
        picture.save(stream, "JPEG", quality=quality)
        return Image.open(stream).convert("RGB")

    return change


def enlarged(factor: float, method: Image.Resampling) -> Callable[[Image.Image], Image.Image]:
    def change(picture: Image.Image) -> Image.Image:
        side = round(picture.width / factor)
        return picture.resize((side, side), BICUBIC).resize(picture.size, method)

    return change


def stretched(picture: Image.Image) -> Image.Image:
    pixels = np.asarray(picture).astype(float)
    scaled = (pixels - pixels.min()) / max(pixels.max() - pixels.min(), 1) * 255
    return Image.fromarray(scaled.round().astype(np.uint8))


#: Name of a change of a picture -> (finding that should report the change, function that makes the change).
CHANGES = {
    "JPEG quality 95": ("jpeg_traces", jpeg(95)),
    "JPEG quality 75": ("jpeg_traces", jpeg(75)),
    "enlarged 4/3, bicubic": ("resampling_traces", enlarged(4 / 3, BICUBIC)),
    "enlarged 2, bicubic": ("resampling_traces", enlarged(2, BICUBIC)),
    "enlarged 2, nearest": ("resampling_traces", enlarged(2, Image.Resampling.NEAREST)),
    "stretched": ("minmax_stretch", stretched),
    "grey": ("grey_among_colour", lambda picture: picture.convert("L").convert("RGB")),
}


def points(array: np.ndarray) -> Points:
    return Points(Path("x"), array, images=True)


def array(pictures: list[Image.Image]) -> np.ndarray:
    return np.stack([np.asarray(picture).transpose(2, 0, 1) for picture in pictures])


def remember_traits() -> None:
    """Make the checks remember which pictures have a trait, such as JPEG traces. Each picture is then examined once."""
    for module, name in (
        *((jpeg_traces, "_traces"), (minmax_stretch, "_full_range"), (grey_among_colour, "_grey")),
        *((resampling_traces, "_smooth"), (resampling_traces, "_doubled")),
    ):
        setattr(module, name, _remembered(getattr(module, name)))
    resampling_traces.TRAITS = tuple(
        (getattr(resampling_traces, name), words)
        for name, (_, words) in zip(("_smooth", "_doubled"), resampling_traces.TRAITS, strict=True)
    )


def _remembered(trait: Callable[[Points], Trait]) -> Callable[[Points], Trait]:
    known: dict[bytes, bool] = {}

    def remembered(points: Points) -> Trait:
        keys = [image.tobytes() for image in points.array]
        new = {key: image for key, image in zip(keys, points.array, strict=True) if key not in known}
        for start in range(0, len(new), 100):
            part = list(new)[start : start + 100]
            known.update(zip(part, trait(replace(points, array=np.stack([new[key] for key in part]))).has, strict=True))
        return Trait(np.arange(len(keys)), np.array([known[key] for key in keys]))

    return remembered


def false_alarms(images: np.ndarray, trials: int) -> dict[str, int]:
    """Finding -> number of random splits of clean photographs in which only one half is reported to have the trait."""
    every, rng = points(images), np.random.default_rng(0)
    traits = {
        "jpeg_traces": [(jpeg_traces._traces, 0.0)],
        "resampling_traces": [(trait, 0.0) for trait, _ in resampling_traces.TRAITS],
        "minmax_stretch": [(minmax_stretch._full_range, minmax_stretch.LEAST)],
        "grey_among_colour": [(grey_among_colour._grey, 0.0)],
    }
    has = {name: [(trait(every).has, least) for trait, least in entries] for name, entries in traits.items()}
    counts = dict.fromkeys(traits, 0)
    for _ in range(trials):
        halves = np.array_split(rng.permutation(len(images)), 2)
        for name, entries in has.items():
            counts[name] += any(one_sided(*(Trait(part, h[part]) for part in halves), least) for h, least in entries)
    return counts


def nearest_pair(images: np.ndarray) -> float:
    """Smallest distance between two photographs. If it is above the limit, no half is reported to copy the other."""
    grids = _copies._grids(images)
    return float(_copies._nearest(grids, grids, same=True)[0].min())


def scores(real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    space = embed(real, fake, None, None, DEFAULT_EXTRACTOR, 0)
    refs = [default_ref("metrics", name) for name in FAMILIES]
    rows = evaluate_sets(space.real, space.fake, refs, seed=0, extractor_label=space.label, split=None)
    values = {row["name"]: row["value"] for row in rows}
    return np.array([values[name] for name in METRICS], dtype=float)


def copies(share: float, real: np.ndarray, fake: np.ndarray) -> np.ndarray:
    copied = round(share * len(fake))
    return np.concatenate([real[:copied], fake[copied:]])


def dose_table(pictures: list[Image.Image], splits: int) -> None:
    """Print a row for each change and share of changed pictures.

    A row has the number of splits in which the finding of the change is reported, and mean and sd of each metric over
    the splits. In the row "none", no picture is changed, and all findings are counted.
    """
    rng, images = np.random.default_rng(1), array(pictures)
    changed = {name: array([change(p) for p in pictures]) for name, (_, change) in CHANGES.items()}
    print(f"| change of generated pictures | share | found | {' | '.join(METRICS)} |\n{'|---' * (3 + len(METRICS))}|")
    orders = [rng.permutation(len(images)) for _ in range(splits)]
    half = len(images) // 2
    rows = [("none", "", 0.0)] + [(name, CHANGES[name][0], share) for name in CHANGES for share in SHARES]
    rows += [("copies of real ones", "identical_sets", share) for share in SHARES]
    for name, finding, share in rows:
        hits, values = 0, []
        for order in orders:
            real, fake = images[order[:half]], images[order[half : 2 * half]]
            if name in changed:
                fake = copies(share, changed[name][order[half : 2 * half]], fake)
            elif finding:
                fake = copies(share, real, fake)
            found = {entry["finding"] for entry in examine(points(real), points(fake), None)}
            hits += finding in found if finding else len(found)
            values.append(scores(real, fake))
        mean, sd = np.mean(values, axis=0), np.std(values, axis=0, ddof=1)
        cells = [f"{m:.3g} ± {s:.2g}" for m, s in zip(mean, sd, strict=True)]
        print(f"| {name} | {share:g} | {hits} of {splits} | {' | '.join(cells)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--size", type=int, default=64)
    args = parser.parse_args()
    files = sorted(file for file in args.folder.iterdir() if file.suffix in (".jpg", ".png"))
    pictures = [Image.open(file).convert("RGB").resize((args.size, args.size), BICUBIC) for file in files]
    remember_traits()
    images = array(pictures)
    alarms = false_alarms(images, args.trials)
    print(f"{len(images)} photographs at {args.size} px, {args.trials} random halves\n")
    print("| finding | false alarms |\n|---|---|")
    print("\n".join(f"| {name} | {count} |" for name, count in alarms.items()))
    print(f"\nnearest pair: {nearest_pair(images):.1f} levels, limit {_copies.LEVELS}\n", flush=True)
    dose_table(pictures, args.splits)


if __name__ == "__main__":
    main()
