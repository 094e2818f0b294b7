"""Writes all results of `gan-bench explore` for a run: pictures, tables and explore.json in one folder."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.errors import UserError
from gan_bench.explore import latents
from gan_bench.explore.attribute import classifier_for
from gan_bench.explore.knock_out import Dropped, KnockOut, knock_out
from gan_bench.explore.sheet import write_animation, write_sheet
from gan_bench.explore.subject import FEWEST, Share, Subject
from gan_bench.files import read_json, write_json
from gan_bench.metrics.evaluate.diagnostics import interpolates
from gan_bench.paths import CHECKPOINTS, EXPLORE, EXPLORED, GENERATOR, STATUS
from gan_bench.stats.write.table_files import write_csv
from gan_bench.store import require_as_recorded
from gan_bench.train.generate import load_generator

#: Default number of samples on which classes are counted.
SAMPLES = 1000


def explore(
    run: Path,
    out: Path | None = None,
    *,
    step: int | None = None,
    label: int | None = None,
    attribute: str | None = None,
    sums: Sequence[str] = (),
    layer: int = 1,
    n: int = SAMPLES,
    seed: int = 0,
) -> tuple[Path, list[str]]:
    """Write pictures and numbers of the run in folder `run`.

    Returns the output folder, and texts on each part and on the classifier.

    Args:
        out: output folder. None: the folder in the run's study that the report page reads, or RUN/explore if the run
            belongs to no study.
        step: step of a stored generator; None for the final generator.
        label: class of all images of a conditional run; None to draw classes as in training.
        attribute: class to knock out, by name; None for the class that most samples show.
        sums: sums "A-B+C" of mean latents; if empty, sums of the three most frequent classes.
        layer: hidden layer of the knock-out; 1 is the last one. If the layer does not exist, the knock-out is left out;
            if `attribute` is given, this is an error.
        n: number of samples on which classes are counted; the knock-out draws 2 n new samples.

    Raises:
        UserError: an argument is not valid; the run's generator does not make pictures in one pass of a network; or
            `attribute` or `sums` are given, but there is no classifier.
    """
    subject, classifier = _subject(run, out := out or folder_of(run), step, label, n, seed)
    if subject.log_probs is None and (attribute or sums):
        raise UserError(classifier)
    parts: list[dict[str, Any]] = [_paths(subject, out), _sweeps(subject, out), _truncation(subject, out)]
    if subject.log_probs is not None:
        z = subject.draw(n, 1)
        shown = subject.classes(subject.images(z))
        counts = Counter({name: int((shown == i).sum()) for i, name in enumerate(subject.names)})
        asked = [latents.parse_sum(text, subject.names) for text in sums] or latents.usual_sums(counts)
        parts += [
            _part("arithmetic", lambda: _arithmetic(subject, out, asked, z, shown), bool(sums)),
            _part(
                "knock_out", lambda: _knock_out(subject, out, attribute or _usual(counts), n, layer), bool(attribute)
            ),
        ]
    status = read_json(run / STATUS) if (run / STATUS).is_file() else {}
    document = {
        "run": str(run),
        "checksum": status.get("checksum"),
        "step": step,
        "label": label,
        "seed": seed,
        "n": n,
        "classifier": classifier,
        "parts": parts,
    }
    write_json(out / EXPLORED, document)
    return out, [f"{part['title']}: {part['text']}" for part in parts] + [f"Attributes: {classifier}"]


def folder_of(run: Path) -> Path:
    """STUDY/explore/DATASET/CELL/seedSEED for a run of a study; RUN/explore for any other run."""
    run = run.resolve()
    study = run.parents[3] if len(run.parents) > 3 and run.parents[2].name == "runs" else None
    return run / EXPLORE if study is None else study / EXPLORE / run.relative_to(study / "runs")


def _subject(run: Path, out: Path, step: int | None, label: int | None, n: int, seed: int) -> tuple[Subject, str]:
    """The generator with its classifier; and a text that describes the classifier, or says why there is none."""
    require_as_recorded(run, GENERATOR if step is None else CHECKPOINTS)
    generate = load_generator(run, step)
    if not interpolates(generate) or generate.dtype != "uint8":
        raise UserError(f"{run}: explore needs a generator that makes pictures in one pass of a network.")
    columns, classes = generate.program.class_columns, generate.setup.classes
    if label is not None and (columns is None or not 0 <= label < classes):
        valid = "none, the run is not conditional" if columns is None else f"0 to {classes - 1}"
        raise UserError(f"--label is {label}; valid: {valid}.")
    if n < 2 * FEWEST:
        raise UserError(f"--n is {n}; valid: {2 * FEWEST} or more.")
    # RESULTS/STUDY/explore/DATASET/CELL/seedSEED
    place = folder_of(run)
    results = place.parents[4] if place.parents[2].name == EXPLORE else None
    try:
        dataset = generate.setup.settings["dataset"]
        reference, names = classifier_for(dataset, results, run, out / "classifier")
    except UserError as error:
        return Subject(generate, seed, label), str(error)

    def log_probs(images: np.ndarray) -> np.ndarray:
        values = reference.extract(images).log_probs
        assert values is not None
        return values

    return Subject(generate, seed, label, log_probs, tuple(names)), reference.label


def _part(name: str, make: Callable[[], dict[str, Any]], asked_for: bool) -> dict[str, Any]:
    """The part of the result that `make` computes.

    If `make` raises UserError, and the user requested the part (`asked_for`), the error is raised. If the user did not
    request it, the part contains the reason instead.
    """
    try:
        return make()
    except UserError as error:
        if asked_for:
            raise
        return {"name": name, "title": name.replace("_", " "), "text": f"Left out: {error}", "files": []}


def _usual(counts: Mapping[str, int]) -> str:
    return max(counts, key=lambda name: counts[name])


def _paths(subject: Subject, out: Path) -> dict[str, Any]:
    write_sheet(out / "paths.png", [(f"path {i + 1}", row) for i, row in enumerate(latents.paths(subject))])
    write_animation(out / "walk.gif", latents.walk(subject))
    text = (
        "each row leads from one sample to another: along a great circle for normal latents, along a straight line for "
        "bounded latents. Every network is a continuous function, so images without jumps are no evidence against "
        "memorised images."
    )
    return {"name": "paths", "title": "Paths", "text": text, "files": ["paths.png", "walk.gif"]}


def _sweeps(subject: Subject, out: Path) -> dict[str, Any]:
    table, images = latents.sweeps(subject)
    rows = [(f"z[{sweep.dimension}]", row) for sweep, row in zip(table, images, strict=False)]
    steps = np.linspace(latents.QUANTILE, 1 - latents.QUANTILE, 2)
    write_sheet(
        out / "sweeps.png", rows, [f"{100 * steps[0]:.0f} %", *[""] * (latents.VALUES - 2), f"{100 * steps[1]:.0f} %"]
    )
    write_csv(out / "sweeps.csv", pd.DataFrame(map(asdict, table)))
    changes = [sweep.change for sweep in table]
    text = (
        "one dimension of z at a time goes from its 1 % to its 99 % quantile; the others are fixed. Shown are the "
        f"{len(rows)} of {len(table)} dimensions that change images most. Root mean square change over "
        f"{latents.BASES} samples: "
        f"{changes[0]:.1f} grey values for z[{table[0].dimension}], {np.median(changes):.1f} for the median dimension."
    )
    return {"name": "sweeps", "title": "Single dimensions", "text": text, "files": ["sweeps.png", "sweeps.csv"]}


def _truncation(subject: Subject, out: Path) -> dict[str, Any]:
    numbers, images = latents.truncation(subject)
    headings = [f"x {row['scale']:g}" for row in numbers]
    write_sheet(out / "truncation.png", [(f"sample {i + 1}", row) for i, row in enumerate(images)], headings)
    half, full = (next(row for row in numbers if row["scale"] == scale) for scale in (0.5, 1.0))
    text = (
        "z is multiplied by a factor; below 1, images are more typical and less varied. Root mean square difference of "
        "two samples: "
        f"{full['spread']:.0f} grey values as trained, {half['spread']:.0f} at half the scale"
    )
    if "confidence" in full:
        text += f"; mean confidence of the classifier: {full['confidence']:.2f} and {half['confidence']:.2f}"
    files = ["truncation.png"]
    return {"name": "truncation", "title": "Truncation", "text": f"{text}.", "files": files, "numbers": numbers}


def _arithmetic(
    subject: Subject, out: Path, sums: Sequence[latents.Sum], z: np.ndarray, shown: np.ndarray
) -> dict[str, Any]:
    if not sums:
        raise UserError(f"fewer than three classes have {FEWEST} samples among {len(z)}.")
    if subject.conditional and subject.label is None:
        raise UserError("the class of a conditional run is not in its noise; name one class with --label.")
    results = [latents.arithmetic(subject, total, z, shown) for total in sums]
    headings = ["A", "B", "C", "A-B+C", "near it"]
    write_sheet(out / "arithmetic.png", [(n["sum"], images) for n, images in results], headings, gaps=(3, 4))
    numbers = [numbers for numbers, _ in results]
    words = "; ".join(
        f"{row['sum']} shows " + ", ".join(f"{name} in {_percent(s['around'])}" for name, s in row["shares"].items())
        for row in numbers
    )
    text = (
        "mean latent of the samples that show A, minus that of B, plus that of C; each is scaled to the usual length "
        "before it is drawn. "
        f"Share of samples around the result that show each class (95 % interval): {words}."
    )
    files = ["arithmetic.png"]
    return {"name": "arithmetic", "title": "Arithmetic", "text": text, "files": files, "numbers": numbers}


def _knock_out(subject: Subject, out: Path, attribute: str, n: int, layer: int) -> dict[str, Any]:
    result = knock_out(subject, attribute, n, layer)
    if not result.curve:
        raise UserError(f"no unit has a positive weight for {attribute}.")
    all_units = result.curve[-1]
    names = ("as trained", f"without {len(result.units)} units", "without random units")
    heads = {"attribute": f"shows {attribute}, ", "others": "others, "}
    rows = [
        (heads[key] + name, images)
        for key, kinds in result.images.items()
        for name, images in zip(names, kinds, strict=True)
    ]
    write_sheet(out / "knock_out.png", rows)
    columns = ["n_units", "share", "low", "high", "n", "random_share", "random_low", "random_high"]
    none = Dropped(0, result.before, [result.before])
    curve = pd.DataFrame([_curve_row(dropped) for dropped in [none, *result.curve]], columns=columns)
    write_csv(out / "knock_out.csv", curve)
    weights = sorted(enumerate(result.weights), key=lambda pair: -pair[1])
    write_csv(out / "knock_out_weights.csv", pd.DataFrame(weights, columns=["unit", "weight"]))
    files = ["knock_out.png", "knock_out.csv", "knock_out_weights.csv"]
    numbers = {
        "attribute": attribute,
        "layer": layer,
        "units": len(result.weights),
        "dropped": result.units.tolist(),
        "accuracy": result.accuracy,
        "majority": result.majority,
        "before": result.before.json,
        "after": all_units.share.json,
        "random": [share.json for share in all_units.at_random],
    }
    text = _knock_out_words(result, all_units)
    return {"name": "knock_out", "title": "Knock-out of units", "text": text, "files": files, "numbers": numbers}


def _knock_out_words(result: KnockOut, all_units: Dropped) -> str:
    random = [share.hits / share.n for share in all_units.at_random]
    return (
        f"{len(result.units)} of {len(result.weights)} units of a hidden layer have a positive weight for "
        f"{result.attribute} in a logistic regression, which is right on {100 * result.accuracy:.0f} % of new samples "
        f"(a constant answer: {100 * result.majority:.0f} %). Share of samples that show {result.attribute}: "
        f"{result.before} as trained, {all_units.share} without these units, {100 * min(random):.1f} to "
        f"{100 * max(random):.1f} % without equally many random units ({len(random)} draws). "
        f"{_verdict(all_units, random)}"
    )


def _verdict(all_units: Dropped, random: Sequence[float]) -> str:
    if all_units.share.json["high"] < min(random):
        return "The attribute needs these units more than others."
    return "No evidence that the attribute needs these units more than others."


def _curve_row(dropped: Dropped) -> Iterable[Any]:
    random = [share.hits / share.n for share in dropped.at_random]
    return [dropped.n_units, *dropped.share.json.values(), float(np.mean(random)), min(random), max(random)]


def _percent(numbers: Mapping[str, Any]) -> str:
    return str(Share(round(numbers["share"] * numbers["n"]), numbers["n"]))
