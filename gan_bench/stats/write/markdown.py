"""Numbers and text as they are written in Markdown tables and on the report page."""

import math
from typing import Any

import pandas as pd

#: Arrow beside a metric's name, by the direction that is better.
ARROW = {"lower": "↓", "higher": "↑", "half": "→ ½"}


def spread(mean: float, sd: float | None) -> str:
    """Mean ± sd: two significant digits of the sd, the mean with as many decimals; the mean alone if sd is None."""
    if sd is None:
        return number(mean)
    if sd <= 0:
        return f"{number(mean)} ± 0"
    decimals = min(max(1 - math.floor(math.log10(sd)), 0), 8)
    return f"{mean:.{decimals}f} ± {sd:.{decimals}f}"


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
