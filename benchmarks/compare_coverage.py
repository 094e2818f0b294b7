"""How often the interval that `gan-bench compare` gives for one draw of n images contains the values of other draws.

    python benchmarks/compare_coverage.py [--draws 40] [--replicates 100] [--extractor random_conv]
    python benchmarks/compare_coverage.py --photographs FOLDER --n 50

Without photographs the real set is 1,500 drawn sunflowers at 32 px. The models are other drawn sunflowers (a perfect
model), the same pictures blurred, and thirty of the pictures, repeated. A draw takes n real and n generated images, as
`gan-bench compare --n` does; each draw has another seed. With 1,500 images, draws are nearly independent. With
photographs, one half of them is the real set, and the models are made from the other half. Because there are few
photographs, different draws share images, and differ less than independent draws.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gan_bench import bits

bits.choose()

import numpy as np
from PIL import Image, ImageFilter

from gan_bench.comparison import compare_files
from gan_bench.data import sunflowers
from gan_bench.metrics.inputs.space import embed

METRICS = ("frechet", "kid", "precision", "recall", "density", "coverage")


def drawn(count: int, seed: int) -> np.ndarray:
    """(count, 3, 32, 32) uint8 drawn sunflowers."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"size": 32, "channels": 3, "n_train": count, "n_test": 8, "seed": seed, "labels": False}
        return np.asarray(sunflowers.build(settings, Path(folder), None).images[:count])


def photographs(folder: Path) -> np.ndarray:
    files = sorted(folder.glob("*.jpg"))
    pictures = [Image.open(file).convert("RGB").resize((32, 32), Image.Resampling.BOX) for file in files]
    return np.stack([np.asarray(picture).transpose(2, 0, 1) for picture in pictures])


def blurred(images: np.ndarray) -> np.ndarray:
    pictures = [Image.fromarray(x.transpose(1, 2, 0)).filter(ImageFilter.GaussianBlur(1)) for x in images]
    return np.stack([np.asarray(x).transpose(2, 0, 1) for x in pictures])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photographs", type=Path)
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--replicates", type=int, default=100)
    parser.add_argument("--extractor", default="random_conv")
    parser.add_argument("--count", type=int, default=1500)
    args = parser.parse_args()
    if args.photographs:
        images = photographs(args.photographs)
        images = images[np.random.default_rng(0).permutation(len(images))]
        real, other = np.array_split(images, 2)
    else:
        real, other = drawn(args.count, 0), drawn(args.count, 1)
    models = {"other images": other, "blurred": blurred(other), "thirty repeated": other[np.arange(len(other)) % 30]}
    spaces = {name: embed(real, images, None, None, args.extractor, 0) for name, images in models.items()}
    kind = "photographs" if args.photographs else "drawn sunflowers"
    print(f"{len(real)} real {kind}, {args.extractor}, n = {args.n}, {args.draws} draws, {bits.machine_class()}\n")
    print("| value | model | mean | range of draws | values of other draws in the interval | means in the interval |")
    print("|---|---|---|---|---|---|")
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "real.npy", next(iter(spaces.values())).real.features)
        for name, space in spaces.items():
            np.save(Path(folder) / f"{name}.npy", space.fake.features)
        files = [Path(folder) / f"{name}.npy" for name in models]
        results = [
            compare_files(
                Path(folder) / "real.npy", files, metrics=METRICS, n=args.n, seed=seed, replicates=args.replicates
            )
            for seed in range(args.draws)
        ]
    for i, first in enumerate(results[0]["rows"]):
        rows = [result["rows"][i] for result in results]
        if first["value"] is None:  # n is too small for this value
            continue
        values = np.array([row["value"] for row in rows])
        low, high = (np.array([row[key] for row in rows], dtype=float) for key in ("low", "high"))
        inside = (low[:, None] <= values) & (values <= high[:, None]) & ~np.eye(len(rows), dtype=bool)
        means = (low <= values.mean()) & (values.mean() <= high)
        pairs, mean = len(rows) * (len(rows) - 1), f"{values.mean():.3g}"
        print(
            f"| `{first['metric']}` | {first['model']} | {mean} | {values.min():.3g} to {values.max():.3g} "
            f"| {inside.sum()} of {pairs} ({inside.sum() / pairs:.1%}) | {means.sum()} of {len(rows)} |"
        )
    print(f"\n{time.process_time() - start:.0f} CPU s")


if __name__ == "__main__":
    main()
