"""Why the field detector gives its probability: properties of the log, in words, that raise or lower it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gan_bench.collapse.field_features import NAMES, Array, late_rows

#: Features that are judged together, since they measure the same property -> the property in words.
PROPERTIES: Mapping[str, tuple[tuple[str, ...], Callable[[Array, Array], str]]] = {
    "d_level": (
        ("d_late", "d_late_low", "d_late_high", "d_min", "d_iqr", "d_early", "d_low", "d_low_late", "d_below_03"),
        lambda d, g: f"D's loss ends at a median of {_end(d):.3g} and is below 0.1 in {_low(d):.0%} of the log",
    ),
    "g_level": (
        ("g_late", "g_late_low", "g_late_high", "g_min", "g_iqr", "g_early", "g_above_5"),
        lambda d, g: f"G's loss ends at a median of {_end(g):.3g}",
    ),
    "ratio": (
        ("ratio", "ratio_all"),
        lambda d, g: f"G's loss ends at {abs(_end(g)) / max(abs(_end(d)), 1e-9):.3g} times D's",
    ),
}
SHAPE = "shape"
#: Smaller changes of the logit are no reason.
LEAST_PULL = 0.05


def reasons(
    d: Array, g: Array, pulls: Array, logit_without: Callable[[float], float], logit: float, forest_rank: float
) -> list[dict[str, Any]]:
    """Properties by the size of their pull: the change of the logit when the property is that of an average log.

    Args:
        pulls: contribution of each feature to the line.
        logit_without: logit when the line is lower by this much; that of an average forest vote for NaN.
    """
    finite = np.isfinite(d) & np.isfinite(g)
    d, g = d[finite], g[finite]
    entries: list[dict[str, Any]] = []
    for name, (features, words) in PROPERTIES.items():
        part = float(pulls[np.isin(NAMES, features)].sum())
        entries.append({"feature": name, "says": words(d, g), "pull": round(logit - logit_without(part), 3)})
    entries.append(
        {"feature": SHAPE, "says": _shape_words(forest_rank), "pull": round(logit - logit_without(np.nan), 3)}
    )
    kept = [entry for entry in entries if abs(entry["pull"]) > LEAST_PULL]
    return sorted(kept, key=lambda entry: -abs(entry["pull"]))


def _shape_words(forest_rank: float) -> str:
    more, share = ("more", forest_rank) if forest_rank >= 0.5 else ("less", 1 - forest_rank)
    return f"its curves have {more} of a failed run's shape than {share:.0%} of the known logs"


def _low(d: Array) -> float:
    return float((d < 0.1).mean())


def _end(values: Array) -> float:
    """Median of the late part."""
    return float(np.median(values[late_rows(len(values))]))
