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
from gan_bench.paths import SETTINGS, STATUS
from gan_bench.registry import component
from gan_bench.seeds import generator


def evaluate_run(
    run_dir: Path | str,
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    n_samples: int | None,
    seed: int,
    scoring: Scoring | None = None,
    data: DataSet | None = None,
) -> dict[str, Any]:
    """metrics.json of a run: {"metrics": rows, "floor": rows, "protocol": {...}}.

    As many images are sampled (from `seed`) as real ones are used: min(n_samples, images of `split`), all of the split
    for None. A run that did not end "ok", or whose generator gives numbers that are not finite, has null values.
    A run that deals out images of `split` itself is scored between two halves of it. scoring: what `make_scoring` gives
    for this protocol, where it is known. data: the data set, for metrics that train a classifier or sample anew.
    """
    scoring = scoring or make_scoring(reference, metric_refs, split, n_samples)
    real = scoring.real
    n = n_floor = len(real)
    place: dict[str, Any] = {"extractor_label": reference.label, "split": split}
    note = _unfit(read_json(Path(run_dir) / STATUS))
    if not note and _deals(run_dir) == split:
        real, fake, remark = _halves(reference, split, n, seed)
        n = len(real)
        rows = evaluate_sets(real, fake, metric_refs, seed=seed, train=scoring.train, **place)
        rows = [{**row, "note": row["note"] or remark} for row in rows]
    elif note or (sampled := _sampled(run_dir, reference, n, seed)) is None:
        note = note or "the generator gives numbers that are not finite"
        rows = null_rows(metric_refs, note, n_real=n, n_fake=n, **place)
    else:
        access = None if data is None else RunAccess(Path(run_dir), data, reference, seed)
        rows = evaluate_sets(
            real, sampled, metric_refs, seed=seed, train=scoring.train, known=scoring.known, run=access, **place
        )
    return {
        "metrics": rows,
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


def _deals(run_dir: Path | str) -> str | None:
    """The split whose images the run's method deals out as samples; None for a method that makes its own."""
    settings = read_json(Path(run_dir) / SETTINGS)
    found: str | None = component("methods", settings["method"]["name"]).facts.get("deals")
    return found


def _halves(reference: Reference, split: str, n: int, seed: int) -> tuple[Features, Features, str]:
    """Two sets of m = min(n, half) images of a split without an image in common, chosen by `seed`; and a remark."""
    pool = reference.real(split)
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


def _sampled(run_dir: Path | str, reference: Reference, n: int, seed: int) -> Features | None:
    """Features of `n` samples; None where the generator gives numbers that are not finite."""
    from gan_bench.train.generate import load_generator, sample

    # A file that is missing or damaged is the user's to mend; it is named here.
    load_generator(run_dir)
    try:
        images = sample(run_dir, n, seed)
    except UserError:  # all that is left: not finite
        return None
    return reference.extract(images)
