"""False alarms of the checks for defects (see benchmarks/forensics.py) on pictures from four sources.

    python benchmarks/forensics_false_alarms.py DATA_DIR [--trials 400] [--n 100]     prints a Markdown table

DATA_DIR holds mnist/ and fashion_mnist/ (idx files) and sunflowers/ (photographs). Drawn sunflowers are a fourth
source. The thresholds of the checks were set with the photographs; the other sources are new to the checks. In each
trial, a real, a generated and a training set of n different pictures are drawn from one source. All findings are
therefore false, except findings about pictures that occur twice in the source.
"""

import argparse
import gzip
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent), str(Path(__file__).resolve().parent)]

import numpy as np
from forensics import points, remember_traits
from PIL import Image
from scipy.stats import beta

from gan_bench.data import sunflowers
from gan_bench.metrics.inputs.forensics import examine, names


def idx(file: Path) -> np.ndarray:
    """The first 6,000 images (n, 1, 28, 28) of a gzipped idx file."""
    pixels = np.frombuffer(gzip.decompress(file.read_bytes()), np.uint8, offset=16)
    return pixels[: 6000 * 28 * 28].reshape(-1, 1, 28, 28)


def drawn(channels: int) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        settings = {"size": 64, "channels": channels, "n_train": 600, "n_test": 8, "seed": 0, "labels": False}
        return np.asarray(sunflowers.build(settings, Path(folder), None).images[:600])


def photographs(folder: Path) -> np.ndarray:
    pictures = [
        Image.open(file).convert("RGB").resize((64, 64), Image.Resampling.BICUBIC) for file in folder.glob("*.jpg")
    ]
    return np.stack([np.asarray(picture).transpose(2, 0, 1) for picture in pictures])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--n", type=int, default=100)
    args = parser.parse_args()
    remember_traits()
    sources = {
        "MNIST": lambda: idx(args.data_dir / "mnist" / "train-images-idx3-ubyte.gz"),
        "Fashion-MNIST": lambda: idx(args.data_dir / "fashion_mnist" / "train-images-idx3-ubyte.gz"),
        "drawn sunflowers, colour": lambda: drawn(3),
        "photographs": lambda: photographs(args.data_dir / "sunflowers"),
    }
    print(f"| pictures | trials | n | {' | '.join(names())} | upper end of 0, 95 % |\n|{'---|' * (4 + len(names()))}")
    for source, read in sources.items():
        images, rng, counts = read(), np.random.default_rng(0), Counter()
        n = min(args.n, len(images) // 3)
        for _ in range(args.trials):
            rows = rng.permutation(len(images))[: 3 * n].reshape(3, n)
            real, fake, train = (points(np.ascontiguousarray(images[part])) for part in rows)
            counts.update({finding["finding"] for finding in examine(real, fake, train)})
        cells = [f"{counts[name] / args.trials:.2%}" for name in names()]
        limit = beta.ppf(0.95, 1, args.trials)
        print(f"| {source} | {args.trials} | {n} | {' | '.join(cells)} | {limit:.2%} |", flush=True)


if __name__ == "__main__":
    main()
