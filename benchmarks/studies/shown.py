"""Shared by the scripts of studies: an interval as text, and names of lines at their ends."""

from collections.abc import Mapping
from typing import Any

import numpy as np


def interval_text(value: float, low: float, high: float) -> str:
    """A value and its interval with three significant digits, such as "4.97 [4.65, 5.32]"."""
    return f"{value:.3g} [{low:.3g}, {high:.3g}]"


def name_lines(axis: Any, x: float, ends: Mapping[str, tuple[float, str]], gap: float) -> None:
    """Write the name of each line beside its end. The y axis is logarithmic.

    Args:
        axis: the axes of Matplotlib.
        x: place of the names on the x axis.
        ends: name -> (value at the end of the line, colour).
        gap: least distance of two names, in units of log y. Names that would overlap are moved up.
    """
    place = -np.inf
    for name, (value, colour) in sorted(ends.items(), key=lambda item: item[1][0]):
        place = max(np.log(value), place + gap)
        axis.text(x, np.exp(place), name, color=colour, va="center", fontsize=9)
