"""Numbers that compare generated with real images: the contract that every metric family keeps.

A family is a file of this folder. Beside the keys that all components declare, its `FACTS` hold

    "needs": "features", "log_probs" or "modes"    what of the images it reads
    "values": {name: {"label", "direction", "range", "unit"}}
        direction: "lower", "higher", "half" (0.5 is best) or "none" (no score: it helps to read the others, and
        stands in runs.csv and comparison.csv but in no figure and no printed table)
        range: [low, high], high null where there is none
    "min_n": int                           rows of each set below which it has no value
    "estimator": str                       how it estimates: bias, splits, corrections

and it has one function:

    compute(real: Features, fake: Features, settings, rng) -> {name: float}     exactly the declared names
        rng: numpy Generator of this family alone. Raises MetricUndefined with a reason where there is no value.

Folders here (`evaluate`, `inputs`) and files whose name starts with an underscore are not families.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DIRECTIONS = ("lower", "higher", "half", "none")


class MetricUndefined(Exception):  # noqa: N818 (a state of the data, not an error)
    """A family has no value for these sets; `str()` is the reason, which becomes the note of its rows."""


@dataclass(frozen=True)
class Value:
    """One number of a family, as its file declares it. `high` is None where the range has no upper end."""

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
