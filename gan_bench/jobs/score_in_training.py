"""Scores a generator during training, for `early_stop` with a metric.

The scores use the images that a study sets aside for choices (`evaluation.validation`). Reported scores do not use
these images.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.data import DataSet
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.features.reference import RECORD, Reference, open_reference, prepare_reference
from gan_bench.metrics import badness, values_of
from gan_bench.metrics.evaluate.validation import make_validation, split_parts, validation_rows
from gan_bench.registry import component, extractor_id
from gan_bench.train.validation_stop import Images, Scorer


def scorer_of(settings: Mapping[str, Any], data: DataSet) -> Scorer:
    """The function that computes the score named in `early_stop` of a run, with the metric's name and direction."""
    rule, seed = settings["early_stop"], settings["seed"]
    reference, refs = _reference(data, rule["extractor"]), [rule["metric"]]
    _, aside = split_parts(reference, rule["split"], rule["validation"])
    train = reference.real("train")
    validation = make_validation(aside, train, refs)
    assert validation is not None
    value = next(v for v in values_of(component("metrics", rule["metric"]["name"]).facts) if v.direction != "none")
    labels = {"extractor_label": reference.label, "split": rule["split"]}

    def score(images: Images) -> float | None:
        def sampled(n: int, sample_seed: int) -> Features | None:
            samples: np.ndarray | None = images(n, sample_seed)
            return None if samples is None else reference.extract(samples)

        rows = validation_rows(validation, sampled, refs, seed, train, labels)
        return next((row["value"] for row in rows if row["name"] == value.name), None)

    return Scorer(value.name, lambda number: badness(number, value.direction), score)


def _reference(data: DataSet, extractor: dict[str, Any]) -> Reference:
    """The fitted extractor in the data folder. If it is missing or damaged, it is fitted here."""
    folder: Path = data.folder / "reference" / extractor_id(extractor)
    if (folder / RECORD).is_file():
        try:
            return open_reference(folder)
        except UserError:
            pass
    prepare_reference(data.folder, extractor, folder)
    return open_reference(folder)
