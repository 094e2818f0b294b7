"""Everything that scoring needs besides the samples of a run. It is prepared once for all runs on a data set.

It consists of the real rows, the training rows, what metrics compute from these rows, and the floor (the scores of real
images in place of samples).
"""

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

#: Seed of the choice of real images. All runs on a data set are compared with the same images.
REAL_SEED = 0


@dataclass(frozen=True)
class Scoring:
    """The real rows of a split, all training rows, what metrics compute from them, and the floor.

    real: the real rows that runs are compared with.
    known: what metrics compute from `real` and `train` only.
    floor_text: which images the floor compares, in words.
    pool: all images of the split that are not set aside for model selection.
    validation: the images set aside; None if there are none.
    """

    real: Features
    train: Features
    known: RealSide
    floor: Sequence[Row]
    floor_text: str
    pool: Features
    validation: Validation | None = None


def real_rows(reference: Reference, split: str, n_samples: int | None, validation: float | None = None) -> Features:
    """At most `n_samples` real images, the same for every run. Images set aside for model selection are not used."""
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
    """Compute the scoring. `validation`: share of the split's images that are set aside for model selection."""
    (pool, aside), train = split_parts(reference, split, validation), reference.real("train")
    real = _seeded_choice(pool, n_samples)
    known = prepare_real(real, train, metric_refs)
    floor = floor_rows(reference, metric_refs, split, len(real), known, validation)
    text = floor_sets(reference, split, len(real), validation).text
    return Scoring(real, train, known, floor, text, pool, make_validation(aside, train, metric_refs))


def prepare_scoring(
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    n_samples: int | None,
    out: Path,
    validation: float | None = None,
) -> None:
    """Compute the scoring and write it to `out` (scoring.json) and a tensor file in the same folder."""
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
        UserError: a file is missing or damaged, or was made for another protocol or for other features.
    """
    record = read_json(path)
    if record["identity"] != _identity(reference, metric_refs, split, n_samples, validation):
        raise UserError(f"{path}: prepared for another protocol or other features; prepare it again.")
    tensors_path = path.parent / TENSORS
    if not tensors_path.is_file() or digest_file(tensors_path) != record["tensors_sha256"]:
        raise UserError(
            f"{tensors_path}: missing or damaged; its SHA-256 is not the one in {RECORD}; prepare it again."
        )
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
    # Results for the images set aside are not stored. Each job computes them again, because these images are few.
    aside_known = make_validation(aside, train, metric_refs)
    real, text = _seeded_choice(pool, n_samples), record["identity"]["floor"]
    return Scoring(real, train, RealSide(sides, states), record["floor"], text, pool, aside_known)


@dataclass(frozen=True)
class FloorSets:
    """The two sets of real images that the floor compares; `samples` takes the place of generated images.

    text: which images the two sets contain.
    known_real: whether `real` consists of the real images with which runs are compared.
    train_note: why metrics that read the training images have no floor; None if they have a floor.
    """

    real: Features
    samples: Features
    text: str
    known_real: bool
    train_note: str | None


def floor_sets(reference: Reference, split: str, n: int, validation: float | None = None) -> FloorSets:
    """Two sets of n real images (fewer if a split has fewer). One of them replaces samples.

    The extractor should not have been fitted to the set that replaces samples, because a classifier is more certain
    about its training images than about new images. The scored images are the n real images with which runs are
    compared. There are three cases:

    1. Runs are scored on the train split, or the extractor was not fitted to images. Then n images of the other split
       (all, if it has fewer) replace samples. They are compared with the scored images.
    2. Otherwise, the test split may have n further images that are not set aside for model selection. If so, these
       images replace samples. They are compared with the scored images.
    3. Otherwise, the scored images themselves replace samples. They are compared with n images of the train split (all,
       if it has fewer).
    """
    pool, _ = split_parts(reference, split, validation)
    chosen = seeded_rows(len(pool), n, REAL_SEED)
    scored, name = pool.take(chosen), other_split(split)
    other = reference.real(name)
    drawn = other.take(seeded_rows(len(other), min(n, len(other)), REAL_SEED))
    if split == "train" or not reference.fitted:
        note = f"the floor's images are themselves of the {name} split"
        return FloorSets(scored, drawn, f"{name} against {split} split, {n} real images of each", True, note)
    rest = np.setdiff1d(np.arange(len(pool)), chosen)
    if len(rest) >= n:
        samples = pool.take(rest[seeded_rows(len(rest), n, REAL_SEED)])
        text = (
            f"{n} images of the {split} split in place of samples, against the {n} scored images of the {split} split"
        )
        return FloorSets(scored, samples, f"{text}; the extractor was fitted to neither", True, None)
    text = (
        f"the {n} scored images of the {split} split in place of samples, against {n} images of the {name} split; the "
        f"extractor was fitted to the {name} split only"
    )
    return FloorSets(drawn, scored, text, False, f"the floor's real images are themselves of the {name} split")


def floor_rows(
    reference: Reference,
    metric_refs: Sequence[Ref],
    split: str,
    n: int,
    known: RealSide | None = None,
    validation: float | None = None,
) -> list[Row]:
    """Rows of values with n real images in place of samples (see `floor_sets`), the same for all runs on a data set.

    All values are null if the other split is needed and has fewer than n images. Metrics that need the run are null.
    Metrics that read the training images are null if one of the two sets consists of training images.
    """
    sets, name = floor_sets(reference, split, n, validation), other_split(split)
    labels: dict[str, Any] = {"extractor_label": reference.label, "split": split}
    if min(len(sets.real), len(sets.samples)) < n:
        few = min(len(sets.real), len(sets.samples))
        note = f"the {name} split has {few} images, the floor needs {n}"
        return null_rows(metric_refs, note, n_real=n, n_fake=few, **labels)
    options: dict[str, Any] = {"known": known if sets.known_real else None, **labels}
    train = None if sets.train_note else reference.real("train")
    rows = evaluate_sets(sets.real, sets.samples, metric_refs, seed=REAL_SEED, train=train, **options)
    reasons = {"run": "the floor is not a run", **({"train": sets.train_note} if sets.train_note else {})}
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
    n = len(real_rows(reference, split, n_samples, validation))
    return {
        "floor": floor_sets(reference, split, n, validation).text,
        "features": reference.record["features_sha256"],
        "metrics": digest_of(list(metric_refs)),
        "split": split,
        "n_samples": n_samples,
        **({} if validation is None else {"validation": validation}),
    }
