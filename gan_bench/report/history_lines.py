"""The losses of one run as two small lines: their points as text, for an inline SVG without any style of its own."""

import numpy as np
import pandas as pd

#: Width and height of the drawing, and most points of a line.
WIDTH, HEIGHT, POINTS = 300, 90, 80


def lines(history: pd.DataFrame) -> dict[str, str] | None:
    """{"d", "g": points "x,y x,y ...", "low", "high", "last": words of the axes}; None without two finite rows.

    The loss axis holds all but one percent of the values at either end; what lies outside is drawn on its edge.
    """
    values = history[["d_loss", "g_loss"]].to_numpy(dtype=np.float64)
    steps = history["step"].to_numpy(dtype=np.float64)
    finite = values[np.isfinite(values)]
    if len(steps) < 2 or finite.size < 2:
        return None
    low, high = (float(end) for end in np.percentile(finite, [1, 99]))
    width = (high - low) or max(abs(high), 1.0)
    every = max(1, -(-len(steps) // POINTS))
    rows = np.unique(np.append(np.arange(0, len(steps), every), len(steps) - 1))
    x = WIDTH * steps[rows] / steps[-1]
    y = HEIGHT * (1 - (np.clip(values[rows], low, high) - low) / width)
    found = {name: _points(x, y[:, i]) for i, name in enumerate("dg")}
    return {**found, "low": f"{low:.3g}", "high": f"{high:.3g}", "last": str(int(steps[-1]))}


def _points(x: np.ndarray, y: np.ndarray) -> str:
    there = np.isfinite(y)
    return " ".join(f"{a:.0f},{b:.1f}" for a, b in zip(x[there], y[there], strict=True))
