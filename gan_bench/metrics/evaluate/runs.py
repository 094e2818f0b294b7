"""Metrics of a trained run against the real images."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.data import DataSet
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.features.reference import Reference
from gan_bench.files import read_json
from gan_bench.metrics.evaluate.access import RunAccess
from gan_bench.metrics.evaluate.families import Ref
from gan_bench.metrics.evaluate.scoring import Scoring, make_scoring, other_split
from gan_bench.metrics.evaluate.sets import evaluate_sets, null_rows
from gan_bench.metrics.evaluate.validation import rows as validation_rows
from gan_bench.metrics.evaluate.validation import without_run
from gan_bench.paths import SETTINGS, STATUS
from gan_bench.registry import component
from gan_bench.seeds import generator
from gan_bench.train.generate import kept_steps, load_generator, sample


def evaluate_run(
    run_dir: Path | str,
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    n_samples: int | None,
    seed: int,
    scoring: Scoring | None = None,
    data: DataSet | None = None,
    validation: float | None = None,
) -> dict[str, Any]:
    """metrics.json of a run, without the samples that it scores; see `score_run`."""
    scoring = scoring or make_scoring(reference, metric_refs, split, n_samples, validation)
    return score_run(run_dir, reference, metric_refs, split, seed, scoring, data)[0]


def score_run(
    run_dir: Path | str,
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    seed: int,
    scoring: Scoring,
    data: DataSet | None = None,
) -> tuple[dict[str, Any], Features | None]:
    """metrics.json of a run: {"metrics": rows, "checkpoints": [...], "floor": rows, "protocol": {...}}; and the samples
    that were scored, None where there are none. With images set aside for choices "validation" holds the rows against
    those, here and in each checkpoint.

    As many images are sampled (from `seed`) as real ones are used: min(n_samples, images of `split`), all of the split
    for None. A run that did not end "ok", or whose generator gives numbers that are not finite, has null values.
    A run that deals out images of `split` itself is scored between two halves of it. scoring: what `make_scoring` gives
    for this protocol. data: the data set, for metrics that train a classifier or sample anew.
    """
    real = scoring.real
    n = n_floor = len(real)
    place: dict[str, Any] = {"extractor_label": reference.label, "split": split}
    note, shown = _unfit(read_json(Path(run_dir) / STATUS)), None
    if not note and _deals(run_dir) == split:
        real, fake, remark = _halves(scoring.pool, split, n, seed)
        n, shown = len(real), fake
        rows = evaluate_sets(real, fake, metric_refs, seed=seed, train=scoring.train, **place)
        rows = [{**row, "note": row["note"] or remark} for row in rows]
    elif note or (sampled := _sampled(run_dir, reference, n, seed)) is None:
        note = note or "the generator gives numbers that are not finite"
        rows = null_rows(metric_refs, note, n_real=n, n_fake=n, **place)
    else:
        shown = sampled
        access = None if data is None else RunAccess(Path(run_dir), data, reference, seed)
        rows = evaluate_sets(
            real, sampled, metric_refs, seed=seed, train=scoring.train, known=scoring.known, run=access, **place
        )
    document: dict[str, Any] = {
        "metrics": rows,
        "checkpoints": [] if note else _curve(run_dir, reference, metric_refs, seed, scoring, place),
        "floor": list(scoring.floor),
        "protocol": {
            "split": split,
            "n_real": n,
            "n_fake": n,
            "seed": seed,
            "extractor": reference.label,
            "extractor_settings": reference.record["settings"],
            "extractor_sha256": reference.record["sha256"],
            "data_digest": reference.record["data"]["digest"],
            "metrics": list(metric_refs),
            "floor": f"{other_split(split)} against {split} split, {n_floor} real images of each",
        },
    }
    if scoring.validation is not None and not note:
        document["validation"] = _validated(run_dir, reference, metric_refs, seed, scoring, place)
        document["protocol"]["n_validation"] = len(scoring.validation.real)
    return document, shown


def _curve(
    run_dir: Path | str,
    reference: Reference,
    metric_refs: Sequence[Ref],
    seed: int,
    scoring: Scoring,
    place: dict[str, Any],
) -> list[dict[str, Any]]:
    """[{"step", "metrics": rows}] of the generators that the run kept, with the latents of the final one's samples.

    Families that need the run itself are left out: they are of the final generator.
    """
    refs, n = without_run(metric_refs), len(scoring.real)
    found: list[dict[str, Any]] = []
    for step in kept_steps(run_dir):
        sampled = _sampled(run_dir, reference, n, seed, step)
        if sampled is None:
            rows = null_rows(refs, "the generator gives numbers that are not finite", n_real=n, n_fake=n, **place)
        else:
            more: dict[str, Any] = {"train": scoring.train, "known": scoring.known, "seed": seed}
            rows = evaluate_sets(scoring.real, sampled, refs, **more, **place)
        kept: dict[str, Any] = {"step": step, "metrics": rows}
        if scoring.validation is not None:
            kept["validation"] = _validated(run_dir, reference, refs, seed, scoring, place, step)
        found.append(kept)
    return found


def _validated(
    run_dir: Path | str,
    reference: Reference,
    refs: Sequence[Ref],
    seed: int,
    scoring: Scoring,
    place: dict[str, Any],
    step: int | None = None,
) -> list[dict[str, Any]]:
    """Rows against the images set aside; a run that deals out real images is scored between two halves of them."""
    found = scoring.validation
    assert found is not None
    if _deals(run_dir) == place["split"]:
        real, fake, remark = _halves(found.real, place["split"], len(found.real), seed)
        rows = evaluate_sets(real, fake, without_run(refs), seed=seed, train=scoring.train, **place)
        return [{**row, "note": row["note"] or remark} for row in rows]

    def sampled(n: int, of: int) -> Features | None:
        return _sampled(run_dir, reference, n, of, step)

    return validation_rows(found, sampled, refs, seed, scoring.train, place)


def _deals(run_dir: Path | str) -> str | None:
    """The split whose images the run's method deals out as samples; None for a method that makes its own."""
    settings = read_json(Path(run_dir) / SETTINGS)
    found: str | None = component("methods", settings["method"]["name"]).facts.get("deals")
    return found


def _halves(pool: Features, split: str, n: int, seed: int) -> tuple[Features, Features, str]:
    """Two sets of m = min(n, half) images of a split without an image in common, chosen by `seed`; and a remark."""
    m = min(n, len(pool) // 2)
    order = generator(seed, "evaluation").spawn(2)[1].permutation(len(pool))
    remark = f"{m} images of the {split} split against {m} others of it"
    return pool.take(np.sort(order[:m])), pool.take(np.sort(order[m : 2 * m])), remark


def _unfit(status: dict[str, Any]) -> str | None:
    """Why a run has no values; None for a run that ended well."""
    kind, step, reason = status["status"], status.get("step"), status.get("reason")
    if kind == "ok":
        return None
    words = {"timeout": "run timed out"}.get(kind, f"run {kind}")
    at = "" if step is None else f" at step {step}"
    return words + at + (f": {reason}" if reason else "")


def _sampled(run_dir: Path | str, reference: Reference, n: int, seed: int, step: int | None = None) -> Features | None:
    """Features of `n` samples; None where the generator gives numbers that are not finite."""
    # A file that is missing or damaged is the user's to mend; it is named here.
    load_generator(run_dir, step)
    try:
        images = sample(run_dir, n, seed, step=step)
    except UserError:  # all that is left: not finite
        return None
    return reference.extract(images)
