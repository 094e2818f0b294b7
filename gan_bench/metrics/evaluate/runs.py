"""Scores a trained run against real images."""

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
from gan_bench.metrics.evaluate.best import best_generator
from gan_bench.metrics.evaluate.families import Ref
from gan_bench.metrics.evaluate.scoring import Scoring, make_scoring
from gan_bench.metrics.evaluate.sets import evaluate_sets, null_rows
from gan_bench.metrics.evaluate.validation import validation_rows, without_run
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
    """The metrics.json document of a run, without the scored samples; see `score_run`."""
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
    """The metrics.json document of a run, and the scored samples (None if there are none).

    The number of samples equals the number of real images used; `seed` draws the samples. All values are null if the
    run did not end "ok", or if its generator gives NaN or infinity. If the run's method returns real images of `split`
    as samples, two disjoint sets of images of this split are compared.

    If images are set aside for model selection, the document and each of its checkpoints have the key "validation": the
    values of the samples compared with these images. The key "best" names the best generator by these values; it is
    null if the values do not rank generators (see `best_generator`). A run without values has no "validation" and no
    "best".

    Args:
        scoring: result of `make_scoring` for the same reference, metrics and split.
        data: the data set, for metrics that need the run. Without it, these metrics are null.
    """
    rows, samples, n, note = _final_rows(run_dir, reference, metric_refs, split, seed, scoring, data)
    labels: dict[str, Any] = {"extractor_label": reference.label, "split": split}
    document: dict[str, Any] = {
        "metrics": rows,
        "checkpoints": [] if note else _checkpoint_rows(run_dir, reference, metric_refs, seed, scoring, labels),
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
            "floor": scoring.floor_text,
        },
    }
    if scoring.validation is not None and not note:
        document["validation"] = _validation_rows(run_dir, reference, metric_refs, seed, scoring, labels)
        document["protocol"]["n_validation"] = len(scoring.validation.real)
        g_steps = read_json(Path(run_dir) / STATUS).get("g_steps")
        document["best"] = None if g_steps is None else best_generator(document, g_steps)
    return document, samples


def score_in_space(
    run_dir: Path | str,
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    seed: int,
    scoring: Scoring,
) -> dict[str, Any]:
    """Scores of the run's samples in another feature space: {"extractor", "metrics": rows, "floor": rows}.

    Metrics that need the run are left out, and so are metrics that need only images and no features.
    """
    rows, *_ = _final_rows(run_dir, reference, _with_features(metric_refs), split, seed, scoring)
    return {"extractor": reference.label, "metrics": rows, "floor": list(scoring.floor)}


def _with_features(refs: Sequence[Ref]) -> list[Ref]:
    return [ref for ref in without_run(refs) if component("metrics", ref["name"]).facts["needs"] != ["images"]]


def _final_rows(
    run_dir: Path | str,
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    seed: int,
    scoring: Scoring,
    data: DataSet | None = None,
) -> tuple[list[dict[str, Any]], Features | None, int, str | None]:
    """Values of the final generator, its samples, the number of samples, and why there are no values (else None)."""
    real, n = scoring.real, len(scoring.real)
    labels: dict[str, Any] = {"extractor_label": reference.label, "split": split}
    note = _failure(read_json(Path(run_dir) / STATUS))
    samples: Features | None = None
    if not note and _dealt_split(run_dir) == split:
        real, samples, remark = _halves(scoring.pool, split, n, seed)
        rows = evaluate_sets(real, samples, metric_refs, seed=seed, train=scoring.train, **labels)
        return [{**row, "note": row["note"] or remark} for row in rows], samples, len(real), None
    if note or (samples := _samples(run_dir, reference, n, seed)) is None:
        note = note or "the generator gives numbers that are not finite"
        return null_rows(metric_refs, note, n_real=n, n_fake=n, **labels), None, n, note
    access = None if data is None else RunAccess(Path(run_dir), data, reference, seed)
    options: dict[str, Any] = {"seed": seed, "train": scoring.train, "known": scoring.known, "run": access}
    return evaluate_sets(real, samples, metric_refs, **options, **labels), samples, n, None


def _checkpoint_rows(
    run_dir: Path | str,
    reference: Reference,
    metric_refs: Sequence[Ref],
    seed: int,
    scoring: Scoring,
    labels: dict[str, Any],
) -> list[dict[str, Any]]:
    """[{"step", "metrics": rows}] of the stored generators. All get the same latents as the final generator.

    Metrics that need the run are left out, because they score the final generator only.
    """
    refs, n = without_run(metric_refs), len(scoring.real)
    checkpoints: list[dict[str, Any]] = []
    for step in kept_steps(run_dir):
        fake = _samples(run_dir, reference, n, seed, step)
        if fake is None:
            rows = null_rows(refs, "the generator gives numbers that are not finite", n_real=n, n_fake=n, **labels)
        else:
            options: dict[str, Any] = {"train": scoring.train, "known": scoring.known, "seed": seed}
            rows = evaluate_sets(scoring.real, fake, refs, **options, **labels)
        checkpoint: dict[str, Any] = {"step": step, "metrics": rows}
        if scoring.validation is not None:
            checkpoint["validation"] = _validation_rows(run_dir, reference, refs, seed, scoring, labels, step)
        checkpoints.append(checkpoint)
    return checkpoints


def _validation_rows(
    run_dir: Path | str,
    reference: Reference,
    refs: Sequence[Ref],
    seed: int,
    scoring: Scoring,
    labels: dict[str, Any],
    step: int | None = None,
) -> list[dict[str, Any]]:
    """Values of samples that are compared with the images set aside for model selection, as rows.

    If the run's method returns images of the split as samples, two halves of the images set aside are compared.
    """
    validation = scoring.validation
    assert validation is not None
    if _dealt_split(run_dir) == labels["split"]:
        real, fake, remark = _halves(validation.real, labels["split"], len(validation.real), seed)
        rows = evaluate_sets(real, fake, without_run(refs), seed=seed, train=scoring.train, **labels)
        return [{**row, "note": row["note"] or remark} for row in rows]

    def sampled(n: int, sample_seed: int) -> Features | None:
        return _samples(run_dir, reference, n, sample_seed, step)

    return validation_rows(validation, sampled, refs, seed, scoring.train, labels)


def _dealt_split(run_dir: Path | str) -> str | None:
    """The split whose images the run's method returns as samples; None for a method that generates images."""
    settings = read_json(Path(run_dir) / SETTINGS)
    split: str | None = component("methods", settings["method"]["name"]).facts.get("deals")
    return split


def _halves(pool: Features, split: str, n: int, seed: int) -> tuple[Features, Features, str]:
    """Two disjoint sets of m images of `pool`, drawn by `seed`, and a note that says what is compared.

    m is the smaller of n and half the number of images of `pool`. `split` is their split.
    """
    m = min(n, len(pool) // 2)
    order = generator(seed, "evaluation").spawn(2)[1].permutation(len(pool))
    remark = f"{m} images of the {split} split against {m} other images of this split"
    return pool.take(np.sort(order[:m])), pool.take(np.sort(order[m : 2 * m])), remark


def _failure(status: dict[str, Any]) -> str | None:
    """Why a run has no values; None for a run that ended "ok"."""
    kind, step, reason = status["status"], status.get("step"), status.get("reason")
    if kind == "ok":
        return None
    words = {"timeout": "run timed out"}.get(kind, f"run {kind}")
    at = "" if step is None else f" at step {step}"
    return words + at + (f": {reason}" if reason else "")


def _samples(run_dir: Path | str, reference: Reference, n: int, seed: int, step: int | None = None) -> Features | None:
    """Features of `n` samples; None if the generator gives NaN or infinity."""
    # This call raises UserError for a missing or damaged file. So a UserError of `sample` below means images that are
    # not finite.
    load_generator(run_dir, step)
    try:
        images = sample(run_dir, n, seed, step=step)
    except UserError:
        return None
    return reference.extract(images)
