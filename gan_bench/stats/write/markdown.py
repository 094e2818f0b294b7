"""Format numbers and text for Markdown tables and for the report page."""

import math
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

#: Which scores of a metric are better -> arrow beside the metric's name.
ARROW = {"lower": "↓", "higher": "↑", "half": "→ ½"}

#: Numbers of at least this size are written with an exponent.
LONG = 1e9
MOST_DECIMALS = 8


def estimate(row: Mapping[Any, Any]) -> tuple[str, str]:
    """Two texts from a row of the comparison: the centre, and its 95 % interval in brackets.

    The number of decimals is in the column "decimals" of the row (see `with_decimals`). Without this number, a single
    score has two significant digits. If all scores are equal, the text of the interval is "constant". It is empty for
    real images and for a single score.
    """
    centre, low, high = (row[name] for name in ("centre", "ci_low", "ci_high"))
    decimals = None if pd.isna(row.get("decimals")) else int(row["decimals"])
    if pd.notna(low):
        return between(centre, low, high, decimals)
    one_seed = bool(pd.notna(row["n_asked"]) and row["n_scored"] == 1)
    interval = "constant" if pd.notna(row["n_asked"]) and not one_seed else ""
    if decimals is not None:
        return _rounded(centre, _capped(centre, decimals)), interval
    return number(float(f"{centre:.2g}") if one_seed else centre), interval


def between(value: float, low: float, high: float, decimals: int | None = None) -> tuple[str, str]:
    """Texts of a number and of its interval in brackets, with equal decimals.

    `decimals`: number of decimals of the column. Decimals are dropped until the value has at most four significant
    digits. But one significant digit of the interval's half-width is always kept, unless all scores are equal. Without
    `decimals`, the half-width has two significant digits.
    """
    own = _decimals(value, low, high)
    # For equal scores, the width of the interval is at most a rounding error.
    real_width = high - low > 1e-6 * abs(value)
    places = own if decimals is None else max(_capped(value, decimals), own - 1 if real_width else 0)
    ends = (_fixed(end, places) for end in (low, high))
    return _rounded(value, places), f"[{', '.join(ends)}]"


def with_decimals(table: pd.DataFrame) -> pd.DataFrame:
    """The comparison with a column "decimals". Rows with the same data set and metric label have the same number there.

    In at least three quarters of the rows with an interval, this number of decimals shows at least two significant
    digits of the interval's half-width. The number is missing if none of these rows has an interval.
    """
    numbers = table[["centre", "ci_low", "ci_high"]].to_numpy(dtype=float, na_value=math.nan)
    needed = [float(_decimals(*row)) if 0 < row[2] - row[1] < math.inf else math.nan for row in numbers]
    columns = pd.Series(needed, table.index, dtype=float).groupby([table["dataset"], table["label"]], sort=False)
    return table.assign(decimals=columns.transform(lambda column: column.quantile(0.75, interpolation="higher")))


def _decimals(value: float, low: float, high: float) -> int:
    """Decimals for two digits of the half-width; if the half-width is 0 or not finite, for four digits of the value."""
    half = (high - low) / 2
    if 0 < half < math.inf:
        return min(max(1 - math.floor(math.log10(half)), 0), MOST_DECIMALS)
    return _capped(value, MOST_DECIMALS)


def _capped(value: float, decimals: int) -> int:
    """`decimals`, or fewer if the number would have more than four significant digits."""
    return (
        min(decimals, max(3 - math.floor(math.log10(abs(value))), 0)) if value and abs(value) < math.inf else decimals
    )


def _rounded(value: float, decimals: int) -> str:
    """A number with `decimals` decimals, or with two significant digits if the text would be 0 or very long."""
    text = _fixed(value, decimals)
    return number(float(f"{value:.2g}")) if value and float(text) == 0 else text


def _fixed(value: float, decimals: int) -> str:
    if abs(value) >= LONG or (decimals == MOST_DECIMALS and 0 < abs(value) < 1e-6):
        return number(float(f"{value:.2g}"))
    text = f"{value:.{decimals}f}"
    return text if float(text) else text.removeprefix("-")


def number(value: Any) -> str:
    """A number as text: four significant digits, or all digits before the point if they are more; a dash if missing.

    Only numbers below 1e-6 or from LONG on have an exponent.
    """
    if pd.isna(value):
        return "–"
    if float(value).is_integer() and abs(value) < LONG:
        return str(int(value))
    if 1e4 <= abs(value) < LONG:
        return f"{value:.0f}"
    text = f"{value:.4g}"
    return format(Decimal(text), "f") if 1e-6 <= abs(value) < LONG else text


def grouped(texts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Text -> all names with this text, from pairs (name, text)."""
    groups: dict[str, list[str]] = {}
    for name, text in texts:
        groups.setdefault(text, []).append(name)
    return groups


def markdown_table(rows: Iterable[Iterable[str]], right: Collection[int] = ()) -> str:
    """A Markdown table from rows of escaped texts, the head first. `right`: positions of right-aligned columns."""
    head, *body = (list(row) for row in rows)
    rule = ["---:" if i in right else "---" for i in range(len(head))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))


def escape(text: str) -> str:
    """Text with Markdown's special characters escaped, and with one space in place of any white space."""
    for character in ("\\", "|", "*", "_", "`", "<"):
        text = text.replace(character, "\\" + character)
    return " ".join(text.split())
