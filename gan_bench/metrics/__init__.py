"""Metrics that compare generated with real images: the contract of a metric family.

A metric family is a Python file that computes one or several metric values. It is a file of this folder or a user's own
file. Here a row of a set is the feature vector of one image. The dictionary `FACTS` of the file has the keys that all
components declare, and these keys:

    "needs": [...]       the inputs that it reads:
        "features": `sets.real.features` and `sets.fake.features`, (n, d) float32
        "images": `sets.real.images` and `sets.fake.images`, (n, c, h, w) uint8; float32 for points in the plane
        "log_probs": `sets.fake.log_probs`, (n, classes), from an extractor with classes. `sets.real.log_probs`
            can be None even if `sets.fake.log_probs` is given
        "modes": `sets.real.modes` and `sets.fake.modes`, (n,) mode numbers, from an extractor that knows the modes of
            the data
        "train": `sets.train.features`, (N, d) features of the training images
        "run": `sets.run`, the trained run with its generator
    "values": {name: {"label", "direction", "range", "unit", "scale"}}
        direction: which values are better: "lower", "higher", "half" (0.5 is best) or "none". A value with the
            direction "none" is not a score but helps to interpret the scores. runs.csv, comparison.csv and the table of
            `gan-bench evaluate` include such values; figures, and the comparison tables in Markdown and LaTeX, leave
            them out.
        range: [low, high]; None for an unbounded end
        scale: optional, the scale on which scores are averaged and compared: "log" for distances and divergences,
            "logit" for shares in [0, 1], "identity" for the rest. Default: "log" for the range [0, None], "logit" for
            [0, 1], else "identity".
    "min_n": int         smallest number of rows that the real and the generated set must have
    "estimator": str     how the values are estimated: bias, splits, corrections
    "splits": bool       optional: True if the family divides a set into parts or draws some of its rows; the
                         values then depend on the order of rows
    "reads_checkpoints": bool   optional: True if the family has values only for runs that keep checkpoints

The file also defines

    compute(sets: Sets, settings, rng) -> {name: float}     with exactly the names in "values"
        rng: numpy Generator that no other family uses. `compute` raises MetricUndefined with a reason if the family has
        no value. If only some values are undefined, the dictionary has a MetricUndefined in place of each of them.

If part of the computation needs only the real images, the file defines the function below. Its result is computed once
and shared by all runs:

    real_side(real: Features) -> {name: array}              `compute` finds the result in `sets.side`

If the computation needs the distances between all pairs of rows, the file can define the function below. The distances
are computed once for all families that define it. A Part accumulates a statistic of these distances (see
gan_bench.metrics.pairs):

    parts(request, settings) -> {name: Part}                `compute` finds the finished parts in `sets.parts`
        request(Class, **settings) returns the same instance for equal arguments. The compared sets are
        `sets.parts["pairs"]`.

The subfolders (`evaluate`, `inputs`, `pairs`) and files whose name starts with an underscore are not families.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from gan_bench.features import Features

if TYPE_CHECKING:
    import pandas as pd

    from gan_bench.metrics.evaluate.access import RunAccess

Values = TypeVar("Values", float, "np.ndarray", "pd.Series")

#: Inputs that a family may need -> their names in messages.
NEEDS = {
    "features": "features",
    "images": "images",
    "log_probs": "class probabilities",
    "modes": "the modes of the data",
    "train": "training images",
    "run": "a run of this suite",
}


def badness(values: Values, direction: str) -> Values:
    """Values of a metric, changed so that lower is better; values with the direction "none" are not changed."""
    if direction == "half":
        return abs(values - 0.5)
    return -values if direction == "higher" else values


class MetricUndefined(Exception):  # noqa: N818 (a state of the data, not an error)
    """A family has no value for these sets. The message is the reason. It becomes the note in the family's results."""


@dataclass(frozen=True)
class Sets:
    """Input of a family's `compute`.

    real, fake: features of real and generated images. `real.images` and `fake.images` are the images themselves, (N, C,
        H, W) uint8 (float32 for points in the plane), for a family that needs "images".
    train: features of the training images; None if they are unknown. Also None for the floor (the score of real images
        in place of samples) if the floor itself uses training images.
    side: result of the family's `real_side`.
    parts: the family's finished parts.
    run: access to the run whose final generator made the samples; None for other sets, such as samples in a file or the
        real images of the floor.
    device: device on which tensors are created.
    memo: results that families share, by name.
    """

    real: Features
    fake: Features
    train: Features | None = None
    side: Mapping[str, np.ndarray] = field(default_factory=dict)
    parts: Mapping[str, Any] = field(default_factory=dict)
    run: RunAccess | None = None
    device: str = "cpu"
    memo: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class MetricValue:
    """One value that a family declares. `low` and `high` are None if the range is unbounded there."""

    name: str
    label: str
    direction: str
    low: float | None
    high: float | None
    unit: str
    scale: str | None = None


def values_of(facts: Mapping[str, Any]) -> tuple[MetricValue, ...]:
    """The values declared in a family's `FACTS`, in their order."""
    return tuple(
        MetricValue(
            name,
            fields["label"],
            fields["direction"],
            fields["range"][0],
            fields["range"][1],
            fields.get("unit", ""),
            fields.get("scale"),
        )
        for name, fields in facts["values"].items()
    )
