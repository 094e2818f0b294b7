"""What every run of a data set is scored against, prepared once: real rows, their share of all metrics, the floor."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.features.reference import Reference
from gan_bench.files import digest_file, digest_of, read_json, write_json
from gan_bench.metrics.evaluate.families import RealSide, Ref, prepare_real
from gan_bench.metrics.evaluate.sets import Row, evaluate_sets, null_rows, seeded_rows
from gan_bench.metrics.evaluate.validation import Validation, make_validation, split_parts
from gan_bench.registry import component
from gan_bench.train.tensors import write_tensors

RECORD = "scoring.json"
TENSORS = "scoring.safetensors"

#: Seed of the choice of real images, which is the same for all runs of a study.
REAL_SEED = 0


@dataclass(frozen=True)
class Scoring:
    """The real rows of a protocol, all training rows, what metrics compute from them, and the floor.

    `pool`: all images of the split that may be reported on. `validation`: None if no images are set aside.
    """

    real: Features
    train: Features
    known: RealSide
    floor: Sequence[Row]
    pool: Features
    validation: Validation | None = None


def real_rows(reference: Reference, split: str, n_samples: int | None, validation: float | None = None) -> Features:
    """At most `n_samples` real images, the same for every run, without those set aside."""
    return _seeded_choice(split_parts(reference, split, validation)[0], n_samples)


def _seeded_choice(real: Features, n_samples: int | None) -> Features:
    if n_samples is not None and n_samples < 1:
        raise UserError(f"n_samples is {n_samples}; valid: 1 or more, or null for the whole split.")
    n = len(real) if n_samples is None else min(n_samples, len(real))
    return real.take(seeded_rows(len(real), n, REAL_SEED))


def make_scoring(
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    n_samples: int | None,
    validation: float | None = None,
) -> Scoring:
    """Compute the scoring. `validation`: share of the split's images that is set aside for model selection."""
    (pool, aside), train = split_parts(reference, split, validation), reference.real("train")
    real = _seeded_choice(pool, n_samples)
    known = prepare_real(real, train, metric_refs)
    floor = floor_rows(reference, metric_refs, split, len(real), known, validation)
    return Scoring(real, train, known, floor, pool, make_validation(aside, train, metric_refs))


def prepare_scoring(
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    n_samples: int | None,
    out: Path,
    validation: float | None = None,
) -> None:
    """Compute the scoring and write it to `out` (scoring.json) and a tensor file beside it, for `open_scoring`."""
    scoring = make_scoring(reference, metric_refs, split, n_samples, validation)
    tensors = {
        f"side/{key}/{name}": torch.from_numpy(np.array(value))
        for key, arrays in scoring.known.sides.items()
        for name, value in arrays.items()
    }
    for key, state in scoring.known.states.items():
        tensors |= {f"state/{key}/{name}": value for name, value in state.items()}
    write_tensors(out.parent / TENSORS, tensors, {})
    record = _identity(reference, metric_refs, split, n_samples, validation)
    sha256 = digest_file(out.parent / TENSORS)
    write_json(out, {"floor": list(scoring.floor), "identity": record, "tensors_sha256": sha256})


def open_scoring(
    path: Path,
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    n_samples: int | None,
    validation: float | None = None,
) -> Scoring:
    """Read what `prepare_scoring` wrote.

    Raises:
        UserError: a file is missing, damaged, or was made for another protocol.
    """
    record = read_json(path)
    if record["identity"] != _identity(reference, metric_refs, split, n_samples, validation):
        raise UserError(f"{path}: prepared for another protocol or other features; prepare it again.")
    tensors_path = path.parent / TENSORS
    if not tensors_path.is_file() or digest_file(tensors_path) != record["tensors_sha256"]:
        raise UserError(f"{tensors_path}: missing or damaged, its SHA-256 is not that of {RECORD}; prepare it again.")
    try:
        tensors = load_file(tensors_path)
    except SafetensorError as error:
        raise UserError(f"{tensors_path}: damaged: {error}; prepare it again.") from None
    sides: dict[str, dict[str, np.ndarray]] = {}
    states: dict[str, dict[str, torch.Tensor]] = {}
    for name, value in tensors.items():
        kind, key, part = name.split("/", 2)
        if kind == "side":
            sides.setdefault(key, {})[part] = value.numpy()
        else:
            states.setdefault(key, {})[part] = value
    (pool, aside), train = split_parts(reference, split, validation), reference.real("train")
    # The images set aside are few, so each job recomputes what metrics need from them.
    aside_known = make_validation(aside, train, metric_refs)
    return Scoring(_seeded_choice(pool, n_samples), train, RealSide(sides, states), record["floor"], pool, aside_known)


def floor_rows(
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    n: int,
    known: RealSide | None = None,
    validation: float | None = None,
) -> list[Row]:
    """The rows of an ideal generator: n real images of the other split in place of samples.

    It is the same for all runs of a study. Null if the other split has fewer than n images, and for metrics that look
    for repeated training images, since these are training images.
    """
    other_name = other_split(split)
    real, other = real_rows(reference, split, n, validation), reference.real(other_name)
    labels: dict[str, Any] = {"extractor_label": reference.label, "split": split}
    if len(other) < n:
        note = f"the {other_name} split has {len(other)} images, the floor needs {n}"
        return null_rows(metric_refs, note, n_real=n, n_fake=len(other), **labels)
    chosen = other.take(seeded_rows(len(other), n, REAL_SEED))
    rows = evaluate_sets(real, chosen, metric_refs, seed=REAL_SEED, known=known, **labels)
    reasons = {"train": f"the floor's images are themselves of the {other_name} split", "run": "the floor is not a run"}
    names: dict[str, str] = {}
    for ref in metric_refs:
        facts = component("metrics", ref["name"]).facts
        for need in set(facts["needs"]) & set(reasons):
            names |= dict.fromkeys(facts["values"], reasons[need])
    return [{**row, "note": names.get(row["name"], row["note"])} for row in rows]


def other_split(split: str) -> str:
    return "train" if split == "test" else "test"


def _identity(
    reference: Reference, metric_refs: Sequence[Ref], split: str, n_samples: int | None, validation: float | None
) -> dict[str, Any]:
    return {
        "features": reference.record["features_sha256"],
        "metrics": digest_of(list(metric_refs)),
        "split": split,
        "n_samples": n_samples,
        **({} if validation is None else {"validation": validation}),
    }
