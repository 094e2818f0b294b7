"""Numbers that compare generated with real images: the contract that every metric family keeps.

A family is a file of this folder. Beside the keys that all components declare, its `FACTS` hold

    "needs": [...]       what it reads, of NEEDS
    "values": {name: {"label", "direction", "range", "unit", "scale"}}
        direction: "lower", "higher", "half" (0.5 is best) or "none" (no score: it helps to read the others, and
        stands in runs.csv and comparison.csv but in no figure and no printed table)
        range: [low, high], either null where there is no end
        scale: optional, on which scores are averaged and compared: "log" for distances and divergences, "logit" for
            shares in [0, 1], "identity" for the rest. Without it: log for the range [0, None], logit for [0, 1].
    "min_n": int         rows of each set below which it has no value
    "estimator": str     how it estimates: bias, splits, corrections
    "splits": bool       optional: True where it splits or draws rows, so that a value depends on their order

and it has

    compute(sets: Sets, settings, rng) -> {name: float}     exactly the declared names
        rng: numpy Generator of this family alone. Raises MetricUndefined with a reason where there is no value; a
        single value that does not exist is a MetricUndefined in its place.

and, where some of its work reads the real images alone (it is then done once for a data set, not for each run),

    real_side(real: Features) -> {name: array}              which `compute` finds in `sets.side`

and, where it reads distances between all pairs of rows (all families that do share one pass over them),

    parts(request, settings) -> {name: Part}                which `compute` finds in `sets.parts`
        request(Class, **settings) gives one instance to all who ask for the same; see gan_bench.metrics.pairs. The rows
        they were read from are `sets.parts["pairs"]`.

Folders here (`evaluate`, `inputs`, `pairs`) and files whose name starts with an underscore are not families.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gan_bench.features import Features

if TYPE_CHECKING:
    from gan_bench.metrics.evaluate.access import RunAccess

DIRECTIONS = ("lower", "higher", "half", "none")

#: What a family may need, and how that is said.
NEEDS = {
    "features": "features",
    "log_probs": "class probabilities",
    "modes": "the modes of the data",
    "train": "training images",
    "run": "a run of this suite",
}


class MetricUndefined(Exception):  # noqa: N818 (a state of the data, not an error)
    """A family has no value for these sets; `str()` is the reason, which becomes the note of its rows."""


@dataclass(frozen=True)
class Sets:
    """What a family computes from: real and generated rows, and what it asked for besides.

    train: the training images, where they are known and are not the real rows themselves. side: what the family's
    `real_side` gave. parts: its parts, finished. run: access to the run that is scored; None for files and floors.
    device: where tensors are made. memo: what one family leaves for another that needs the same.
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
class Value:
    """One number of a family, as its file declares it. `low` and `high` are None where the range has no such end."""

    name: str
    label: str
    direction: str
    low: float | None
    high: float | None
    unit: str


def values_of(facts: Mapping[str, Any]) -> tuple[Value, ...]:
    """The values that a family's `FACTS` declare, in their order."""
    return tuple(
        Value(name, entry["label"], entry["direction"], entry["range"][0], entry["range"][1], entry.get("unit", ""))
        for name, entry in facts["values"].items()
    )
