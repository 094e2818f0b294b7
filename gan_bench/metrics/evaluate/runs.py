"""Metrics of a trained run against the real images, and the floor: the same metrics between two real sets."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.features.reference import Reference
from gan_bench.files import read_json
from gan_bench.metrics.evaluate.sets import Ref, Row, evaluate_sets, null_rows, seeded_rows
from gan_bench.paths import SETTINGS, STATUS
from gan_bench.registry import component
from gan_bench.seeds import generator

#: Seed of the choice of real images: all runs of a study are scored against the same ones.
REAL_SEED = 0


def evaluate_run(
    run_dir: Path | str,
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    n_samples: int | None,
    seed: int,
) -> dict[str, Any]:
    """metrics.json of a run: {"metrics": rows, "floor": rows, "protocol": {...}}.

    As many images are sampled (from `seed`) as real ones are used: min(n_samples, images of `split`), all of the split
    for None. A run that did not end "ok", or whose generator gives numbers that are not finite, has null values.
    A run that deals out images of `split` itself is scored between two halves of it.
    """
    real = _real(reference, split, n_samples)
    n = n_floor = len(real)
    note = _unfit(read_json(Path(run_dir) / STATUS))
    if not note and _deals(run_dir) == split:
        real, fake, remark = _halves(reference, split, n, seed)
        n = len(real)
        rows = evaluate_sets(real, fake, metric_refs, seed=seed, extractor_label=reference.label, split=split)
        rows = [{**row, "note": row["note"] or remark} for row in rows]
    elif note or (sampled := _sampled(run_dir, reference, n, seed)) is None:
        note = note or "the generator gives numbers that are not finite"
        place: dict[str, Any] = {"n_real": n, "n_fake": n, "extractor_label": reference.label, "split": split}
        rows = null_rows(metric_refs, note, **place)
    else:
        rows = evaluate_sets(real, sampled, metric_refs, seed=seed, extractor_label=reference.label, split=split)
    return {
        "metrics": rows,
        "floor": floor_rows(reference, metric_refs, split, n_floor),
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
            "floor": f"{_other(split)} against {split} split, {n_floor} real images of each",
        },
    }


def floor_rows(reference: Reference, metric_refs: Sequence[Ref], split: str, n: int) -> list[Row]:
    """The rows that a perfect generator would get: n real images of the other split in place of samples.

    No run enters it, so it is the same for all runs of a study. Null where the other split has fewer than n images.
    """
    real, other = _real(reference, split, n), reference.real(_other(split))
    if len(other) < n:
        note = f"the {_other(split)} split has {len(other)} images, the floor needs {n}"
        return null_rows(metric_refs, note, n_real=n, n_fake=len(other), extractor_label=reference.label, split=split)
    chosen = other.take(seeded_rows(len(other), n, REAL_SEED))
    return evaluate_sets(real, chosen, metric_refs, seed=REAL_SEED, extractor_label=reference.label, split=split)


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


def _other(split: str) -> str:
    return "train" if split == "test" else "test"


def _real(reference: Reference, split: str, n_samples: int | None) -> Features:
    """At most `n_samples` real images, the same for every run."""
    real = reference.real(split)
    if n_samples is not None and n_samples < 1:
        raise UserError(f"n_samples is {n_samples}; valid: 1 or more, or null for the whole split.")
    n = len(real) if n_samples is None else min(n_samples, len(real))
    return real.take(seeded_rows(len(real), n, REAL_SEED))


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
