"""Ground-truth labels of a run from its samples: diverged, collapsed, severely collapsed, failed, healthy.

They are computed from values at evenly spaced checkpoints, averaged over the last three checkpoints. With twenty
checkpoints, these cover the last 15 % of training.

e is the number of effective modes (exp of the entropy of the mode histogram), divided by the same number for equally
many real images. r is the mean pairwise distance of samples in pixels, divided by that of real images:

    diverged  a value became NaN or infinite, or samples exceed ten times the range of the data
    collapse  e <= 0.5 or r <= 0.3
    severe    e <= 0.25 or r <= 0.15
    healthy   e >= 0.75 and quality >= 0.5 times the quality of real images
    failure   not healthy

A diverged run is a failure, and counts neither as a collapse nor as severe. Quality is the share of samples that count
as good; its definition depends on the data set. A label is None if the values do not determine it. For example,
e <= 0.5 is enough for a collapse even if r is unknown.
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
#: Largest absolute sample value, in units of the data range, for a run that has not diverged.
MOST_SCALE = 10.0

LABELS = ("diverged", "collapse", "severe", "healthy", "failure")


def labels(
    values: Mapping[str, Any], real: Mapping[str, float], *, diverged: bool | None = None, last: int = LAST
) -> dict[str, bool | None]:
    """LABELS of a run.

    Args:
        values: arrays (T,) at the run's T checkpoints, in order: any of "eff_modes", "pair_ratio" (relative to real
            images), "quality", "scale" (in units of the data range). NaN counts as missing.
        real: "eff_modes" and "quality" of equally many real images.
        diverged: whether training met a NaN or infinite value; None if unknown.
        last: number of final checkpoints to average.

    Raises:
        ValueError: fewer than `last` checkpoints.
    """
    means = {name: _mean(values.get(name), last) for name in ("eff_modes", "pair_ratio", "quality", "scale")}
    coverage = _over(means["eff_modes"], real.get("eff_modes"))
    quality = _over(means["quality"], real.get("quality"))
    beyond = None if means["scale"] is None else means["scale"] > MOST_SCALE
    measured = {"coverage": coverage, "pair_ratio": means["pair_ratio"], "quality": quality}
    known = [part for part in (diverged, beyond) if part is not None]
    broken = any(known) if known else None
    if broken:
        return {"diverged": True, "collapse": False, "severe": False, "healthy": False, "failure": True}
    healthy = _all(*(_reaches(measured[name], limit) for name, limit in HEALTHY.items()))
    return {
        "diverged": broken,
        "collapse": _any(*(_below(measured[name], limit) for name, limit in COLLAPSE.items())),
        "severe": _any(*(_below(measured[name], limit) for name, limit in SEVERE.items())),
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


def _over(value: float | None, reference: float | None) -> float | None:
    if value is None or reference is None or not reference > 0:
        return None
    return float(value / reference)


def _below(value: float | None, limit: float) -> bool | None:
    return None if value is None else bool(value <= limit)


def _reaches(value: float | None, limit: float) -> bool | None:
    return None if value is None else bool(value >= limit)


def _any(*parts: bool | None) -> bool | None:
    """True if any part is True; else None if any part is None; else False."""
    if any(part is True for part in parts):
        return True
    return None if any(part is None for part in parts) else False


def _all(*parts: bool | None) -> bool | None:
    """False if any part is False; else None if any part is None; else True."""
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True
