"""Tests whether scores in feature spaces rank sets of samples in the same order as a person.

    python benchmarks/samples_by_eye.py draw PHOTOGRAPHS OUT     trains two GANs, writes OUT/grids/A.png, B.png, ...
    python benchmarks/samples_by_eye.py score OUT ORDER.txt      ORDER.txt: the letters, best first, by eye

The photographs are resized to 32 px: 128 train the GANs, 64 are the real set, and 64 are held out and take the place
of samples. The sets, of 64 pictures each, are the held-out photographs, the same photographs blurred, the mean image,
noise, and samples of two GANs at several steps. The letters are shuffled. OUT/key.json names the set of each letter;
only `score` may read it.
"""

import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gan_bench import bits

bits.choose()

import numpy as np
from PIL import Image, ImageFilter
from scipy.stats import spearmanr

from gan_bench.config.grammar.reference import resolve
from gan_bench.data import open_data, prepare
from gan_bench.metrics.evaluate import evaluate_sets
from gan_bench.metrics.inputs.space import embed
from gan_bench.train.generate import kept_steps, sample
from gan_bench.train.run import train_run

SIDE, TRAIN, COUNT = 32, 128, 64
#: Height and width of a picture in a grid, in pixels.
SHOWN = 96
RUNS = {
    "GAN 1": {"width": 24, "loss": "non_saturating", "lr": 5e-4},
    "GAN 2": {"width": 16, "loss": "least_squares", "lr": 1e-3},
}
SPACES = {"random_conv": "random_conv", "efficientnet_lite0, 128 px": '{"name": "efficientnet_lite0", "size": 128}'}
METRICS = {"frechet": "frechet", "kid": "kid", "cmmd": "cmmd", "precision": "precision_recall"}


def photographs(folder: Path) -> np.ndarray:
    """(n, 3, 32, 32) uint8, shuffled by seed 0."""
    files = sorted(folder.glob("*.jpg"))
    order = np.random.default_rng(0).permutation(len(files))
    pictures = [Image.open(files[i]).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX) for i in order]
    return np.stack([np.asarray(picture).transpose(2, 0, 1) for picture in pictures])


def blurred(images: np.ndarray, radius: float) -> np.ndarray:
    pictures = [Image.fromarray(x.transpose(1, 2, 0)).filter(ImageFilter.GaussianBlur(radius)) for x in images]
    return np.stack([np.asarray(x).transpose(2, 0, 1) for x in pictures])


def trained(images: np.ndarray, out: Path, steps: int) -> dict[str, np.ndarray]:
    """Train both GANs. Returns {name of the set: samples}, one set for each GAN and step with a stored generator."""
    (out / "train").mkdir(parents=True)
    for i, pixels in enumerate(images):
        Image.fromarray(pixels.transpose(1, 2, 0)).save(out / "train" / f"{i:03d}.png")
    dataset = {"name": "image_folder", "path": str(out / "train"), "size": SIDE, "channels": 3}
    prepare(resolve("data", dataset), out / "data", None)
    data, sets = open_data(out / "data"), {}
    for name, run in RUNS.items():
        optimizer = resolve("optimizers", {"name": "adam", "lr": run["lr"]})
        settings = {
            **{
                "dataset": {"name": data.name, **data.manifest["settings"]},
                "method": resolve("methods", "adversarial"),
            },
            **{"model": resolve("models", {"name": "dcgan", "width": run["width"]})},
            **{"loss": resolve("losses", run["loss"]), "penalty": resolve("penalties", "none"), "tricks": []},
            **{"g_optimizer": optimizer, "d_optimizer": optimizer, "d_steps": 1, "batch_size": 32, "ema": None},
            **{"budget": {"g_steps": steps}, "log_points": 10, "snapshots": 2, "checkpoints": 4, "threads": 1},
            **{"device": "cpu", "seed": 0},
        }
        start = time.process_time()
        train_run(settings, data, out / name)
        print(f"{name}: {steps} steps, {time.process_time() - start:.0f} CPU s", flush=True)
        for step in kept_steps(out / name):
            sets[f"{name}, step {step}"] = sample(out / name, COUNT, seed=0, step=step)
    return sets


def tiled(images: np.ndarray, columns: int) -> np.ndarray:
    """Images (n, 3, side, side) uint8 in rows of `columns`, as one picture (height, width, 3)."""
    n, _, side, _ = images.shape
    rows = images.reshape(n // columns, columns, 3, side, side).transpose(0, 3, 1, 4, 2)
    return rows.reshape(n // columns * side, columns * side, 3)


def grid(images: np.ndarray) -> Image.Image:
    """64 images as a grid of 8 x 8, each enlarged to SHOWN pixels."""
    return Image.fromarray(tiled(images, 8)).resize((8 * SHOWN, 8 * SHOWN), Image.Resampling.NEAREST)


def draw(folder: Path, out: Path, steps: int) -> None:
    images = photographs(folder)
    train, real, held = images[:TRAIN], images[TRAIN : TRAIN + COUNT], images[TRAIN + COUNT : TRAIN + 2 * COUNT]
    mean = np.broadcast_to(train.mean(axis=0).round().astype(np.uint8), held.shape)
    sets = {
        "held-out photographs": held,
        **{f"blurred, {radius} px": blurred(held, radius) for radius in (0.7, 1.5, 3)},
        "mean image": mean,
        "noise": np.random.default_rng(1).integers(0, 256, held.shape, dtype=np.uint8),
        **trained(train, out, steps),
    }
    letters = [chr(ord("A") + i) for i in np.random.default_rng().permutation(len(sets))]
    (out / "grids").mkdir()
    for letter, pixels in zip(letters, sets.values(), strict=True):
        grid(pixels).save(out / "grids" / f"{letter}.png")
    np.savez(out / "sets.npz", real=real, **dict(zip(letters, sets.values(), strict=True)))
    (out / "key.json").write_text(json.dumps(dict(zip(letters, sets, strict=True))))


def score(out: Path, order: Path) -> None:
    key, letters = json.loads((out / "key.json").read_text()), order.read_text().split()
    if sorted(letters) != sorted(key):
        raise SystemExit(f"{order} must hold each of {' '.join(sorted(key))} once.")
    arrays = np.load(out / "sets.npz")
    table: dict[str, list[float]] = {}
    for space, reference in SPACES.items():
        joined = np.concatenate([arrays[letter] for letter in letters])
        points = embed(arrays["real"], joined, None, None, reference, 0)
        for value, family in METRICS.items():
            column = table.setdefault(f"{space}: {value}", [])
            for i in range(len(letters)):
                part = points.fake.take(np.arange(i * COUNT, (i + 1) * COUNT))
                rows = evaluate_sets(
                    points.real, part, [resolve("metrics", family)], seed=0, extractor_label="", split=None
                )
                column.append(next(row["value"] for row in rows if row["name"] == value))
    print(f"| by eye | set | {' | '.join(table)} |\n|{'---|' * (2 + len(table))}")
    for place, letter in enumerate(letters):
        print(f"| {place + 1} | {key[letter]} | {' | '.join(f'{column[place]:.3g}' for column in table.values())} |")
    ranks = [spearmanr(np.arange(len(letters)), column).statistic for column in table.values()]
    signs = [-1 if name.endswith("precision") else 1 for name in table]
    print(f"| | rank correlation | {' | '.join(f'{s * r:.2f}' for s, r in zip(signs, ranks, strict=True))} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("photographs", type=Path)
    drawing.add_argument("out", type=Path)
    drawing.add_argument("--steps", type=int, default=2000)
    scoring = commands.add_parser("score")
    scoring.add_argument("out", type=Path)
    scoring.add_argument("order", type=Path)
    args = parser.parse_args()
    if args.command == "draw":
        draw(args.photographs, args.out, args.steps)
    else:
        score(args.out, args.order)


if __name__ == "__main__":
    main()
