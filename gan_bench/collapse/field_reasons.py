"""Why the field detector gives its probability: properties of the log that raise or lower it, in words."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gan_bench.collapse.field_features import NAMES, Array, late_rows

#: Property -> the features that measure it, and a function that describes it in words.
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
#: A property that changes the logit by no more than this is not listed.
LEAST_PULL = 0.05


def reasons(
    d: Array, g: Array, pulls: Array, logit_without: Callable[[float], float], logit: float, forest_rank: float
) -> list[dict[str, Any]]:
    """Properties of the log, sorted by the absolute value of their pull, the largest first.

    Properties whose pull is at most LEAST_PULL in absolute value are left out. The pull of a property is the logit
    minus the logit of the same log with an average value of this property.

    Args:
        pulls: contribution of each feature to the score of the logistic regression.
        logit: logit of the probability.
        logit_without: x -> the logit if the score of the logistic regression were lower by x; for NaN, the logit if
            the vote of the forest were the median of the known logs.
        forest_rank: rank of the forest's vote among the known logs, in (0, 1).
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
    listed = [entry for entry in entries if abs(entry["pull"]) > LEAST_PULL]
    return sorted(listed, key=lambda entry: -abs(entry["pull"]))


def _shape_words(forest_rank: float) -> str:
    more, share = ("more", forest_rank) if forest_rank >= 0.5 else ("less", 1 - forest_rank)
    return f"its curves are {more} typical of a failed run than those of {share:.0%} of the known logs"


def _low(d: Array) -> float:
    return float((d < 0.1).mean())


def _end(values: Array) -> float:
    """Median of the last 30 % of a loss."""
    return float(np.median(values[late_rows(len(values))]))
