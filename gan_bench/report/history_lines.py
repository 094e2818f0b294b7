"""The losses of one run as two small lines for an inline SVG: their points as text."""

import numpy as np
import pandas as pd

#: Width and height of the drawing, and largest number of points of a line.
WIDTH, HEIGHT, POINTS = 300, 90, 80


def lines(history: pd.DataFrame) -> dict[str, str] | None:
    """Points "x,y x,y ..." of both losses ("d", "g") and the axis labels "low", "high" and "last"; None without a line.

    The loss axis spans the 1st to the 99th percentile; values outside are drawn on its edge.
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
    points = {name: _points(x, y[:, i]) for i, name in enumerate("dg")}
    return {**points, "low": f"{low:.3g}", "high": f"{high:.3g}", "last": str(int(steps[-1]))}


def _points(x: np.ndarray, y: np.ndarray) -> str:
    finite = np.isfinite(y)
    return " ".join(f"{a:.0f},{b:.1f}" for a, b in zip(x[finite], y[finite], strict=True))
