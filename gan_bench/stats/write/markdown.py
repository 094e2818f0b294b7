"""Numbers and text in the format of Markdown tables and of the report page."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

#: Better direction of a metric -> arrow beside its name.
ARROW = {"lower": "↓", "higher": "↑", "half": "→ ½"}


def estimate(row: Mapping[Any, Any]) -> tuple[str, str]:
    """Texts of a comparison row: its centre, and its 95 % interval in brackets.

    The number of decimals shows two significant digits of the interval's half-width. One seed gives two significant
    digits and no interval. Equal scores give "constant" instead of an interval. Real images have no interval.
    """
    centre, low, high = (row[name] for name in ("centre", "ci_low", "ci_high"))
    if pd.isna(low):
        if pd.isna(row["n_asked"]):
            return number(centre), ""
        return (number(float(f"{centre:.2g}")), "") if row["n_scored"] == 1 else (number(centre), "constant")
    half = (high - low) / 2
    decimals = min(max(1 - math.floor(math.log10(half)), 0), 8) if 0 < half < math.inf else 8
    texts = [_rounded(value, decimals) for value in (centre, low, high)]
    return texts[0], f"[{texts[1]}, {texts[2]}]"


def _rounded(value: float, decimals: int) -> str:
    """A number with `decimals` decimals, or with two significant digits if the text would be 0 or very long."""
    text = f"{value:.{decimals}f}"
    return number(float(f"{value:.2g}")) if (value and float(text) == 0) or abs(value) >= 1e6 else text


def number(value: Any) -> str:
    """Four significant digits, with an exponent only if the text would be long; a dash for a missing value."""
    if pd.isna(value):
        return "–"
    if float(value).is_integer() and abs(value) < 1e9:
        return str(int(value))
    return f"{value:.4g}"


def grouped(texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Text -> all names with this text, from pairs (name, text)."""
    groups: dict[str, list[str]] = {}
    for name, text in texts:
        groups.setdefault(text, []).append(name)
    return groups


def escape(text: str) -> str:
    """Text with Markdown's special characters escaped and runs of white space as one space."""
    for character in ("\\", "|", "*", "_", "`", "<"):
        text = text.replace(character, "\\" + character)
    return " ".join(text.split())
