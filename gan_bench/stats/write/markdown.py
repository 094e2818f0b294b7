"""Numbers and text as they are written in Markdown tables and on the report page."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

#: Arrow beside a metric's name, by the direction that is better.
ARROW = {"lower": "↓", "higher": "↑", "half": "→ ½"}


def estimate(row: Mapping[Any, Any]) -> tuple[str, str]:
    """Centre of a row of the comparison, and its 95 % interval in brackets, with two significant digits of its half-
    width.

    One seed has two significant digits and no interval; seeds that agree have "constant" in its place; real images have
    a single number.
    """
    centre, low, high = (row[name] for name in ("centre", "ci_low", "ci_high"))
    if pd.isna(low):
        if pd.isna(row["n_asked"]):
            return number(centre), ""
        return (number(float(f"{centre:.2g}")), "") if row["n_scored"] == 1 else (number(centre), "constant")
    decimals = min(max(1 - math.floor(math.log10((high - low) / 2)), 0), 8)
    ends = (f"{end:.{decimals}f}" if abs(end) < 1e6 else f"{end:.2g}" for end in (low, high))
    return f"{centre:.{decimals}f}", f"[{', '.join(ends)}]"


def number(value: Any) -> str:
    """Four significant digits, without an exponent where that stays short; a dash for a missing value."""
    if pd.isna(value):
        return "–"
    if float(value).is_integer() and abs(value) < 1e9:
        return str(int(value))
    return f"{value:.4g}"


def escape(text: str) -> str:
    """Text with Markdown's special characters escaped and runs of white space as one space."""
    for character in ("\\", "|", "*", "_", "`", "<"):
        text = text.replace(character, "\\" + character)
    return " ".join(text.split())
