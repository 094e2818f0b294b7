"""Early stopping by a score on images set aside: when the generator is scored, and when the run stops.

The scores are columns of the history, so that an interrupted run stops at the same step as an uninterrupted run.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_bench.train.loop import Halt

#: Function (number of samples, seed) -> images of the current generator, uint8 or float32; None if any is not finite.
Images = Callable[[int, int], np.ndarray | None]


@dataclass(frozen=True)
class Scorer:
    """`score` returns the value of `metric` for the current generator, or None if the metric has no value.

    `badness` maps a value to a number that is lower if the value is better.
    """

    metric: str
    badness: Callable[[float], float]
    score: Callable[[Images], float | None]


def look(rows: Sequence[dict[str, float]], rule: Mapping[str, Any], scorer: Scorer, images: Images) -> Halt | None:
    """Score the generator if a score is due at the last row, and write the score into this row.

    Returns the reason to stop if at least `patience` scores have come after the best score, else None. A score is due
    at the first row at or after each multiple of `every` steps. Example: with `every` 100 and rows at steps 60, 120,
    180 and 240, scores are due at 120 and 240.
    """
    row, earlier = rows[-1], rows[:-1]
    before = earlier[-1]["step"] if earlier else 0
    if row["step"] // rule["every"] == before // rule["every"]:
        return None
    value = scorer.score(images)
    row["validation"] = math.nan if value is None else value
    best = next((other["validation_best"] for other in reversed(earlier) if _known(other["validation_best"])), math.nan)
    record = next((other["validation"] for other in earlier if other["step"] == best), math.nan)
    better = not _known(record) or scorer.badness(row["validation"]) < scorer.badness(record)
    if _known(row["validation"]) and better:
        best, record = row["step"], row["validation"]
    row["validation_best"] = best if _known(best) else 0  # 0: no score was finite
    scored = [other["step"] for other in rows if _known(other["validation_best"])]
    since = sum(step > row["validation_best"] for step in scored)
    if since < rule["patience"]:
        return None
    where = f"best {record:.4g} at step {int(best)}" if _known(record) else "no finite value"
    return Halt(
        f"stopped at step {int(row['step'])}: {scorer.metric} on the images set aside did not improve in {since} "
        f"scores in a row ({where})",
        "validation",
    )


def _known(value: float) -> bool:
    return math.isfinite(value)
