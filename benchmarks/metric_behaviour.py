"""Reaction of metrics to real images that are damaged in one way at a time, at rising doses.

    python benchmarks/metric_behaviour.py                    digits, about a quarter of a minute on one core
    python benchmarks/metric_behaviour.py --data-dir DIR     also MNIST, from its files in DIR: about three minutes
    python benchmarks/metric_behaviour.py --table            no measurement: makes the table from the stored numbers

Writes docs/metric_behaviour.csv and the tables of docs/metrics.md. Training images take the place of generated images,
and real images are test images, so that no image is in both sets. Each repetition draws three sets: samples, real
images, and the training images that are passed to the metrics. Samples and passed training images differ, except with
the damage "memorised". The reaction of a metric is the difference between its values at the strongest dose and without
damage, divided by the standard deviation between repetitions (`classify`).
"""

import argparse
import math
import os
import re
import tempfile
import textwrap
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter
from scipy.stats import rankdata

from gan_bench import registry
from gan_bench.config.grammar.reference import resolve
from gan_bench.data import DataSet, open_data, prepare
from gan_bench.features import Features
from gan_bench.features.reference import Reference, open_reference, prepare_reference
from gan_bench.files import write_text
from gan_bench.metrics.evaluate import evaluate_sets

DOCS = Path(__file__).resolve().parent.parent / "docs"
CSV, PAGE = DOCS / "metric_behaviour.csv", DOCS / "metrics.md"
START, END = "<!-- written by benchmarks/metric_behaviour.py -->", "<!-- end of what is written -->"

GIVEN = {"features", "log_probs", "train"}
REPETITIONS = 5
#: A reaction is a difference divided by the pooled sd. Its absolute value gives a word: "none" below SOME, "weak" from
#: SOME to CLEAR. Above CLEAR the word is "mixed" if the rank correlation of value and dose is below MONOTONE.
SOME, CLEAR, MONOTONE = 1.0, 3.0, 0.8


@dataclass(frozen=True)
class Bench:
    """Source of the sets. `n`: rows of each set. `known`: number of training images that are passed to the metrics."""

    data: DataSet
    reference: Reference
    n: int
    known: int


@dataclass(frozen=True)
class Draw:
    """One repetition. Indices of training images: the metrics get `known`, and samples are made from `held`."""

    bench: Bench
    known: np.ndarray
    held: np.ndarray
    rng: np.random.Generator
    n: int

    def labels(self) -> np.ndarray:
        return np.asarray(self.bench.data.labels("train"))[self.held]

    def fakes(self, rows: np.ndarray) -> Features:
        return self.bench.reference.real("train").take(rows)

    def edited(self, rows: np.ndarray, edit: Callable[[np.ndarray], np.ndarray]) -> Features:
        images = edit(self.bench.data.images("train")[rows].astype(np.float64))
        return self.bench.reference.extract(np.clip(np.rint(images), 0, 255).astype(np.uint8))


def classes(draw: Draw, left: float) -> Features:
    labels = draw.labels()
    kept = draw.rng.permutation(np.unique(labels))[: int(left)]
    return draw.fakes(draw.held[np.isin(labels, kept)][: draw.n])


def invented(draw: Draw, share: float) -> Features:
    some = round(share * draw.n)
    plain = draw.fakes(draw.held[some : draw.n])
    if not some:
        return plain
    new = draw.edited(draw.held[:some], lambda x: 255 - x)
    both = ((getattr(new, part), getattr(plain, part)) for part in ("features", "log_probs"))
    return Features(*map(np.concatenate, both))


def memorised(draw: Draw, share: float) -> Features:
    some = round(share * draw.n)
    return draw.fakes(np.concatenate([draw.known[:some], draw.held[some : draw.n]]))


def blurred(draw: Draw, sigma: float) -> Features:
    return draw.edited(draw.held[: draw.n], lambda x: gaussian_filter(x, (0, 0, sigma, sigma)))


def noisy(draw: Draw, sigma: float) -> Features:
    return draw.edited(draw.held[: draw.n], lambda x: x + sigma * draw.rng.standard_normal(x.shape))


def imbalanced(draw: Draw, ratio: float) -> Features:
    """Unequal classes: their probabilities fall geometrically, and the largest is `ratio` times the smallest."""
    labels = draw.labels()
    of_class = draw.rng.permutation(np.unique(labels))
    shares = ratio ** -np.linspace(0, 1, len(of_class))
    counts = draw.rng.multinomial(draw.n, shares / shares.sum())
    rows = [draw.held[labels == k][:count] for k, count in zip(of_class, counts, strict=True)]
    return draw.fakes(np.concatenate(rows))


def repeated(draw: Draw, times: float) -> Features:
    return draw.fakes(np.resize(draw.held[: -(-draw.n // int(times))], draw.n))


def fewer(draw: Draw, n: float) -> Features:
    return draw.fakes(draw.held[: int(n)])


def swapped(draw: Draw, share: float) -> Features:
    """A share of the samples is replaced by other images of the same distribution."""
    some = round(share * draw.n)
    return draw.fakes(np.concatenate([draw.held[draw.n : draw.n + some], draw.held[some : draw.n]]))


@dataclass(frozen=True)
class Change:
    """A kind of damage: make(draw, dose), rising doses, heading of the table's column, unit of the doses in words."""

    make: Callable[[Draw, float], Features]
    doses: tuple[float, ...]
    heading: str
    unit: str


def changes(data: str, n: int) -> dict[str, Change]:
    """The kinds of damage by name.

    Doses depend on the data set: a class of digits has too few images to be used alone, and blur is in pixels.
    """
    large = data == "mnist"
    return {
        "classes": Change(classes, (10, 8, 5, 2, *((1,) if large else ())), "classes dropped", "classes left"),
        "invented": Change(invented, (0, 0.1, 0.3, 0.6), "modes invented", "share of inverted images"),
        "memorised": Change(memorised, (0, 0.3, 0.6, 1), "memorised", "share of copies of training images"),
        "blurred": Change(blurred, (0, 1, 2, 4) if large else (0, 0.4, 0.8, 1.5), "blurred", "px"),
        "noisy": Change(noisy, (0, 8, 16, 32, 64), "noisy", "sd, of 255"),
        "imbalanced": Change(imbalanced, (1, 4, 20, 100), "imbalanced", "commonest over rarest class"),
        "repeated": Change(repeated, (1, 2, 5, 20), "few distinct", "times each image occurs"),
        "fewer": Change(fewer, (n, n // 2, n // 4, n // 8), "fewer samples", "rows of each set"),
        "swapped": Change(
            swapped, (0, 0.3, 0.6, 1), "nothing changed", "share of other images of the same distribution"
        ),
    }


def families() -> list[dict[str, Any]]:
    """Metric families that need neither a training run nor known modes, with their default settings."""
    return [resolve("metrics", c.name) for c in registry.components("metrics") if set(c.facts["needs"]) <= GIVEN]


def measure(
    bench: Bench, kinds: Mapping[str, Change], repetitions: int, refs: Sequence[dict[str, Any]] | None = None
) -> pd.DataFrame:
    """One row for each metric value, change and dose, with mean, sd, and the reaction as a number and as a word."""
    refs = families() if refs is None else refs
    measured = []
    for name, change in kinds.items():
        for place, dose in enumerate(change.doses):
            for repetition in range(repetitions):
                values = _scored(bench, name, change, place, repetition, refs)
                measured += [(row["name"], name, dose, row["value"]) for row in values]
    table = pd.DataFrame(measured, columns=["metric", "change", "dose", "value"]).astype({"value": float})
    groups = table.groupby(["metric", "change", "dose"], sort=False)["value"]
    # Mean and sd are rounded before the reaction is computed, so that the stored numbers give the stored word.
    short = groups.agg(["mean", "std", "count"]).reset_index().rename(columns={"std": "sd", "count": "repetitions"})
    short[["mean", "sd"]] = short[["mean", "sd"]].map(lambda value: float(f"{value:.6g}"))
    short.insert(0, "data", bench.data.name)
    short.insert(1, "accuracy", round(bench.reference.record["report"]["test_accuracy"], 4))
    short.insert(2, "n", bench.n)
    return with_reactions(short)


def _scored(
    bench: Bench, name: str, change: Change, place: int, repetition: int, refs: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of one evaluation. Each evaluation draws its own images; shared ones would make the sd too small."""
    rng = np.random.default_rng([zlib.crc32(name.encode()), place, repetition])
    n = int(change.doses[place]) if change.make is fewer else bench.n
    test, train = bench.reference.real("test"), bench.reference.real("train")
    order = rng.permutation(len(train))
    known, held = order[: bench.known], order[bench.known :]
    real = test.take(rng.permutation(len(test))[:n])
    fake = change.make(Draw(bench, known, held, rng, n), change.doses[place])
    if len(fake) != n:
        raise SystemExit(f"{bench.data.name}: {name} needs {n} images and has {len(fake)}.")
    place_of = {"extractor_label": bench.reference.label, "split": "test"}
    return evaluate_sets(real, fake, refs, seed=repetition, train=train.take(known), **place_of)


def declared() -> dict[str, dict[str, Any]]:
    """Label, direction and range of each value of each family."""
    return {name: value for c in registry.components("metrics") for name, value in c.facts["values"].items()}


def with_reactions(table: pd.DataFrame) -> pd.DataFrame:
    """`table`, whose rows are in the order of doses, with two more columns: size and reaction."""
    known, parts = declared(), []
    for (_, metric, _), part in table.groupby(["data", "metric", "change"], sort=False):
        size, word = classify(known[metric]["direction"], part["mean"], part["sd"], part["repetitions"])
        parts.append(part.assign(size=float(f"{size:.3g}"), reaction=word))
    return pd.concat(parts).sort_index()


def classify(direction: str, means: Sequence[float], sds: Sequence[float], counts: Sequence[int]) -> tuple[float, str]:
    """Difference between the strongest dose and no damage, divided by the pooled sd, and a word for it.

    A positive number means better or, for a value that cannot rank models, larger. If one of the two doses has fewer
    than 2 repetitions with a value, the result is NaN and "no value".
    """
    mean, sd, enough = np.asarray(means, float), np.asarray(sds, float), np.asarray(counts) >= 2
    if not (enough[0] and enough[-1]):
        return math.nan, "no value"
    good = {"higher": mean, "none": mean, "lower": -mean, "half": -np.abs(mean - 0.5)}[direction]
    change, pooled = good[-1] - good[0], math.sqrt((sd[0] ** 2 + sd[-1] ** 2) / 2)
    size = float(change / pooled) if pooled else math.copysign(math.inf, change) if change else 0.0
    if abs(size) <= CLEAR:
        return size, "none" if abs(size) < SOME else "weak"
    # For "half" (best value 1/2), the means themselves are ranked, because their distance from 1/2 is noise at small
    # doses. Equal means, such as those of a value at its bound, count as ordered by the dose.
    moved = (mean if direction == "half" else good)[enough]
    ranks = rankdata(moved if moved[-1] > moved[0] else -moved, method="ordinal")
    if np.corrcoef(ranks, np.arange(len(ranks)))[0, 1] < MONOTONE - 1e-9:
        return size, "mixed"
    if direction == "none":
        return size, "up" if size > 0 else "down"
    side = f", to {int(mean[-1] > 0.5)}" if direction == "half" and size < 0 else ""
    return size, ("better" if size > 0 else "worse") + side


def tables(stored: pd.DataFrame) -> str:
    """The text between the markers of the page: for each data set the protocol and the table."""
    parts = []
    for data, rows in stored.groupby("data", sort=False):
        n, accuracy = int(rows["n"].iloc[0]), float(rows["accuracy"].iloc[0])
        kinds = {name: change for name, change in changes(str(data), n).items() if name in set(rows["change"])}
        doses = [f"{c.heading} {', '.join(f'{dose:g}' for dose in c.doses)} ({c.unit})" for c in kinds.values()]
        parts += [
            f"### {data}\n\n{n} real test images and {n} samples, {int(rows['repetitions'].max())} repetitions; "
            f"features: classifier ({data}, {100 * accuracy:.1f} % test accuracy).\n"
            + textwrap.fill(f"Doses: {'; '.join(doses)}.", 120, break_long_words=False, break_on_hyphens=False),
            _table(rows, kinds),
        ]
    return "\n\n".join(parts)


def _table(rows: pd.DataFrame, kinds: Mapping[str, Change]) -> str:
    last = rows.drop_duplicates(["metric", "change"], keep="last").set_index(["metric", "change"])
    cells = {key: _cell(row["reaction"], row["size"]) for key, row in last.iterrows()}
    lines = [["value", *(change.heading for change in kinds.values())], ["---"] * (len(kinds) + 1)]
    for metric in rows["metric"].unique():
        label = declared()[metric]["label"].replace("||", "‖")  # a bar would end the cell
        lines.append([f"{label} `{metric}`", *(cells.get((metric, name), "") for name in kinds)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(word: str, size: float) -> str:
    if math.isnan(size):
        return "–"
    sign = "−" if size <= -0.05 else "+" if size >= 0.05 else ""
    shown = f"{sign}{'>99' if abs(size) > 99 else f'{abs(size):.1f}'}"
    return f"**{word}** {shown}" if word == "better" else f"{word} {shown}"


def bench_of(data: str, n: int, known: int, data_dir: Path | None, folder: Path) -> Bench:
    prepare(resolve("data", data), folder / "data", data_dir)
    prepare_reference(folder / "data", resolve("features", "classifier"), folder / "reference")
    return Bench(open_data(folder / "data"), open_reference(folder / "reference"), n, known)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--data-dir", type=Path, help="folder of MNIST's files, to measure on it too")
    parser.add_argument("--table", action="store_true", help="only write the table again")
    arguments = parser.parse_args()
    stored = pd.read_csv(CSV) if CSV.exists() else pd.DataFrame({"data": []})
    wanted = [("digits", 180, 200, None)] + ([("mnist", 1000, 2000, arguments.data_dir)] if arguments.data_dir else [])
    for name, n, known, data_dir in [] if arguments.table else wanted:
        with tempfile.TemporaryDirectory() as folder:
            bench = bench_of(name, n, known, data_dir, Path(folder))
            table = measure(bench, changes(name, n), REPETITIONS)
        stored = pd.concat([table, stored[stored["data"] != name]]).sort_values("data", kind="stable")
        write_text(CSV, stored.to_csv(index=False))
    text = tables(pd.read_csv(CSV))
    pattern = re.compile(f"{re.escape(START)}.*?{re.escape(END)}", re.DOTALL)
    write_text(PAGE, pattern.sub(lambda _: f"{START}\n\n{text}\n\n{END}", PAGE.read_text()))
    print(text)


if __name__ == "__main__":
    main()
