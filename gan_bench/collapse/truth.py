"""What a run came to, from its samples: diverged, collapsed, severely collapsed, failed, healthy.

Of values at even checkpoints, the mean of the last three (with twenty kept, the last 15 % of training) decides. With
e = effective modes (exp of the entropy of the mode histogram) over those of as many real images, and r = mean distance
of two samples over that of two real images, in pixels:

    diverged  a number stopped being finite, or samples lie beyond ten times the range of the data
    collapse  e <= 0.5 or r <= 0.3
    severe    e <= 0.25 or r <= 0.15
    healthy   e >= 0.75 and quality >= 0.5 of that of real images
    failure   not healthy

Quality is the share of samples that pass for real ones; what that means depends on the data and is said with them. The
share of the largest mode, KL, 1-NN accuracy and duplicates are kept beside these and decide nothing. A label is None
where the values do not settle it: two conditions joined by "or" are settled by one that holds.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LAST = 3
COLLAPSE = {"coverage": 0.5, "pair_ratio": 0.3}
SEVERE = {"coverage": 0.25, "pair_ratio": 0.15}
HEALTHY = {"coverage": 0.75, "quality": 0.5}
#: Largest size of a sample's values, in ranges of the data, of a run that has not diverged.
MOST_SCALE = 10.0

LABELS = ("diverged", "collapse", "severe", "healthy", "failure")


def labels(
    values: Mapping[str, Any], real: Mapping[str, float], *, diverged: bool | None = None, last: int = LAST
) -> dict[str, bool | None]:
    """LABELS of a run from `values` (T,) at its checkpoints, in order; the last `last` of them are averaged.

    values: any of "eff_modes", "pair_ratio" (over the real one), "quality", "scale" (in ranges of the data).
    real: "eff_modes" and "quality" of as many real images. diverged: whether training met a number that is not finite,
    where that is known. NaN is missing, and so is a name left out. ValueError for fewer than `last` checkpoints.
    """
    seen = {name: _mean(values.get(name), last) for name in ("eff_modes", "pair_ratio", "quality", "scale")}
    coverage = _over(seen["eff_modes"], real.get("eff_modes"))
    quality = _over(seen["quality"], real.get("quality"))
    beyond = None if seen["scale"] is None else seen["scale"] > MOST_SCALE
    found = {"coverage": coverage, "pair_ratio": seen["pair_ratio"], "quality": quality}
    known = [part for part in (diverged, beyond) if part is not None]
    broken = any(known) if known else None
    if broken:
        return {"diverged": True, "collapse": False, "severe": False, "healthy": False, "failure": True}
    healthy = _all(_reaches(found["coverage"], HEALTHY["coverage"]), _reaches(found["quality"], HEALTHY["quality"]))
    return {
        "diverged": broken,
        "collapse": _any(*(_below(found[name], limit) for name, limit in COLLAPSE.items())),
        "severe": _any(*(_below(found[name], limit) for name, limit in SEVERE.items())),
        "healthy": healthy,
        "failure": None if healthy is None else not healthy,
    }


def _mean(values: Any, last: int) -> float | None:
    if values is None:
        return None
    values = np.asarray(values, dtype=np.float64)
    if len(values) < last:
        raise ValueError(f"{len(values)} checkpoints; {last} are needed")
    mean = float(values[len(values) - last :].mean())
    return mean if np.isfinite(mean) else None


def _over(value: float | None, usual: float | None) -> float | None:
    if value is None or usual is None or not usual > 0:
        return None
    return float(value / usual)


def _below(value: float | None, limit: float) -> bool | None:
    return None if value is None else bool(value <= limit)


def _reaches(value: float | None, limit: float) -> bool | None:
    return None if value is None else bool(value >= limit)


def _any(*parts: bool | None) -> bool | None:
    """True where one is; None where none is and one is not known."""
    if any(part is True for part in parts):
        return True
    return None if any(part is None for part in parts) else False


def _all(*parts: bool | None) -> bool | None:
    """False where one is; None where none is and one is not known."""
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True
