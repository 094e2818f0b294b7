"""Panels of shaded squares with a number in each. Rows are named at the left, columns below."""

from collections.abc import Container, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize

from gan_bench.report import style

POINTS = 6.5
#: MORE: colour scale from white to dark blue. SIGNED: from dark orange through white to dark blue.
MORE = LinearSegmentedColormap.from_list("more", ["#F4F9FD", "#A9CFE8", "#3E8FC4", "#084B7A"])
SIGNED = LinearSegmentedColormap.from_list("signed", ["#8A3200", "#E58A4B", "#FFFFFF", "#6DAEDA", "#084B7A"])
#: Colour of a square without a number.
BLANK = "#F1F1F1"


def put(
    ax: Axes,
    shades: np.ndarray,
    words: Sequence[Sequence[str]],
    colours: LinearSegmentedColormap,
    ends: tuple[float, float],
    bold: Container[tuple[int, int]] = (),
) -> None:
    """Draw squares with `words` in them.

    `shades` (rows, columns) are the values that colours stand for. `ends`: values of the first and the last colour.

    A square whose shade is NaN has the colour BLANK. `bold`: (row, column) of the squares with bold text.
    """
    import seaborn

    rows, columns = shades.shape
    seaborn.heatmap(
        np.ma.masked_invalid(shades),  # type: ignore[arg-type]
        ax=ax,
        cmap=colours,
        vmin=ends[0],
        vmax=ends[1],
        cbar=False,
        linewidths=0.8,
        linecolor="white",
        xticklabels=False,
        yticklabels=False,
    )
    ax.set_facecolor(BLANK)
    ax.grid(visible=False)
    ax.set(xlabel="", ylabel="")
    norm = Normalize(*ends)
    for i in range(rows):
        for j in range(columns):
            ink = ink_on(colours(norm(shades[i, j]))) if np.isfinite(shades[i, j]) else style.MUTED
            at: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": POINTS, "linespacing": 1.15}
            at |= {"fontweight": "bold"} if (i, j) in bold else {}
            ax.text(j + 0.5, i + 0.5, words[i][j], color=ink, **at)


def name_rows(ax: Axes, names: Sequence[str], inches: float) -> None:
    """Write the names at the left of the rows, each at most `inches` wide."""
    ax.set_yticks([i + 0.5 for i in range(len(names))], [style.fit(n, inches, POINTS) for n in names], rotation=0)
    ax.tick_params(axis="y", length=0, pad=3, labelsize=POINTS, labelcolor=style.INK)


def name_columns(ax: Axes, names: Sequence[str], inches: float, *, upright: bool = False) -> None:
    """Write the names below the columns, each at most `inches` long; `upright`: turned by 90 degrees."""
    texts = [style.fit(name, inches, POINTS) for name in names]
    ax.set_xticks([j + 0.5 for j in range(len(names))], texts, rotation=90 if upright else 0)
    ax.tick_params(axis="x", length=0, pad=2, labelsize=POINTS, labelcolor=style.INK)


def ink_on(colour: tuple[float, float, float, float]) -> str:
    """Dark or white ink, whichever is easier to read on `colour`."""
    red, green, blue, _ = colour
    return "#FFFFFF" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.2 else style.INK
