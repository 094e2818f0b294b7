"""Which feature spaces rank damaged pictures as worse, and how much CPU time they need.

    python benchmarks/feature_spaces.py PHOTOGRAPHS [--side 32] [--splits 5]

Photographs are divided at random into two halves. One half is the real set, the other half takes the place of samples.
A ladder is a list of sets: the samples unchanged, then sets with more and more damage. The right order of its sets is
therefore known. For each feature space the script prints the Fréchet distance of every set, as mean and range over the
divisions. It also prints how many pairs of neighbouring sets the distance puts in the right order, and the CPU seconds
per picture on one thread.
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gan_bench import bits

bits.choose()

import numpy as np
import torch
from PIL import Image, ImageFilter

from gan_bench import registry
from gan_bench.config.grammar.reference import resolve
from gan_bench.metrics.frechet import frechet_distance
from gan_bench.metrics.inputs.space import ExtractorData

SIZES = (64, 96, 128, 160, 224)
SPACES = [
    ("random_conv", {"name": "random_conv"}),
    *((f"efficientnet_lite0, {size} px", {"name": "efficientnet_lite0", "size": size}) for size in SIZES),
]
BLURS, NOISES, SHARES = (0.5, 1, 2, 4), (8, 24, 64, 160), (0.25, 0.5, 1.0)


def photographs(folder: Path, side: int) -> np.ndarray:
    """(N, 3, side, side) uint8."""
    pictures = [
        Image.open(path).convert("RGB").resize((side, side), Image.Resampling.BOX) for path in folder.glob("*.jpg")
    ]
    order = np.argsort([path.name for path in folder.glob("*.jpg")])
    return np.stack([np.asarray(pictures[i]).transpose(2, 0, 1) for i in order])


def blurred(images: np.ndarray, radius: float) -> np.ndarray:
    """Gaussian blur; `radius` is in pixels of a 32 px picture."""
    radius *= images.shape[2] / 32
    filtered = [Image.fromarray(x.transpose(1, 2, 0)).filter(ImageFilter.GaussianBlur(radius)) for x in images]
    return np.stack([np.asarray(x).transpose(2, 0, 1) for x in filtered])


def noisy(images: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    return np.clip(images + rng.normal(0, sigma, images.shape), 0, 255).round().astype(np.uint8)


def ladders(images: np.ndarray, train: np.ndarray, rng: np.random.Generator) -> dict[str, list[tuple[str, np.ndarray]]]:
    """Name of a ladder -> its sets, best first."""
    mean = np.broadcast_to(train.mean(axis=0).round().astype(np.uint8), images.shape)
    half = np.arange(len(images))
    real = ("photographs", images)
    return {
        "blur": [real, *((f"blur, {r} px", blurred(images, r)) for r in BLURS), ("mean image", mean)],
        "noise": [
            real,
            *((f"noise, sd {s}", noisy(images, s, rng)) for s in NOISES),
            ("uniform noise", rng.integers(0, 256, images.shape, dtype=np.uint8)),
        ],
        "mean image among them": [
            real,
            *(
                (f"{share:.0%} mean images", np.where((half < share * len(half))[:, None, None, None], mean, images))
                for share in SHARES
            ),
        ],
        "fewer": [real, *((f"{k} photographs, repeated", images[half % k]) for k in (32, 8, 2))],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--splits", type=int, default=5)
    args = parser.parse_args()
    torch.set_num_threads(1)
    images = photographs(args.folder, args.side)
    print(f"{len(images)} photographs, {args.side} px, {args.splits} divisions; {bits.machine_class()}")
    for title, reference in SPACES:
        ref = resolve("features", reference)
        module, settings = registry.load("features", ref.pop("name")), ref
        values: dict[str, list[float]] = {}
        right, pairs, seconds, pictures = 0, 0, 0.0, 0
        wrong: dict[str, int] = {}
        for split in range(args.splits):
            rng = np.random.default_rng(split)
            order = rng.permutation(len(images))
            real, rest = images[order[: len(order) // 2]], images[order[len(order) // 2 :]]
            weights, _ = module.fit(ExtractorData("photographs", real, rest, None, None), settings, 0)
            points = module.extract(weights, real, settings).features
            for steps in ladders(rest, real, rng).values():
                scores = []
                for name, pixels in steps:
                    start = time.process_time()
                    fake = module.extract(weights, np.ascontiguousarray(pixels), settings).features
                    seconds, pictures = seconds + time.process_time() - start, pictures + len(pixels)
                    scores.append(frechet_distance(points, fake))
                    values.setdefault(name, []).append(scores[-1])
                for (_, _), (worse, _), a, b in zip(steps, steps[1:], scores, scores[1:], strict=False):
                    right, pairs = right + (a < b), pairs + 1
                    if a >= b:
                        wrong[worse] = wrong.get(worse, 0) + 1
        print(f"\n{title}: {right} of {pairs} consecutive steps in order, {seconds / pictures:.4f} CPU s per picture")
        for name, scores in values.items():
            note = f"   not worse than the step before in {wrong[name]} of {args.splits}" if name in wrong else ""
            print(f"  {name:28s} {np.mean(scores):8.1f}  {min(scores):8.1f} to {max(scores):8.1f}{note}")


if __name__ == "__main__":
    main()
