"""The two pictures of docs/detector.md."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from field_judging import Result

from gan_bench.collapse.field_features import blocks

mpl.use("Agg")
from matplotlib import pyplot as plt

OUTCOMES = ("fine", "broke_down", "collapsed", "diverged", "never_learned", "noise", "unknown")
DPI = 110


def draw_answers(results: list[Result], path: Path) -> None:
    """Draw the probability of a failure of each log, in one column for each outcome; alarms are filled dots."""
    figure, axis = plt.subplots(figsize=(7.5, 3.2), layout="constrained")
    for place, outcome in enumerate(OUTCOMES):
        rows = sorted((row for row in results if row["outcome"] == outcome), key=lambda row: row["p_failure"] or 0)
        for i, row in enumerate(rows):
            x = place + 0.7 * ((i * 0.618) % 1 - 0.5)
            if row["p_failure"] is None:
                axis.plot(x, -0.06, "x", color="#777777", markersize=4)
                continue
            fill = "#D55E00" if row["alarm"] else "none"
            axis.plot(x, row["p_failure"], "o", color="#D55E00" if row["alarm"] else "#0072B2", mfc=fill, markersize=4)
    axis.set(ylabel="probability of a failure", ylim=(-0.1, 1.02), xticks=range(len(OUTCOMES)))
    axis.set_xticklabels([outcome.replace("_", " ") for outcome in OUTCOMES])
    axis.set_title("filled: alarm", fontsize=9, loc="right")
    axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
    plt.close(figure)


def draw_equal_curves(corpus: Path, path: Path) -> None:
    """Draw the healthy and the collapsed run with the most similar curves among pairs with equal data set and loss."""
    stored, runs = np.load(corpus / "trajectories.npz"), pd.read_parquet(corpus / "runs.parquet")
    channels = list(stored["channels"])
    curves = stored["traj"][:, :, [channels.index("d_loss"), channels.index("g_loss")]].astype(np.float64)
    chosen = list(_nearest_pair(curves, runs))
    figure, axes = plt.subplots(2, 3, figsize=(7.5, 3.6), layout="constrained", width_ratios=(1, 1, 0.8))
    for row, run in zip(axes, chosen, strict=True):
        for axis, values, name in zip(row, curves[run].T, ("D loss", "G loss"), strict=False):
            axis.plot(values, color="#0072B2", linewidth=0.8)
            axis.set_title(name, fontsize=9)
        for column in (0, 1):
            row[column].set_ylim(0, 1.1 * curves[chosen][:, :, column].max())
        shares = stored["hist"][run, -1].astype(np.float64)
        shares = shares[np.isfinite(shares)]
        row[2].bar(range(len(shares)), shares / shares.sum(), color="#D55E00")
        row[2].set_title("share of samples by mode", fontsize=9)
        row[2].set_ylim(0, 1)
        row[0].set_ylabel("collapsed" if runs["collapse"].iloc[run] else "healthy")
        for axis in row:
            axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
    plt.close(figure)


def _nearest_pair(curves: np.ndarray, runs: pd.DataFrame) -> tuple[int, int]:
    """Row numbers of the healthy and the collapsed run to draw. Critics and the data set `stacked` are left out."""
    smooth = np.stack([[blocks(column, 25) for column in run.T] for run in curves])
    best, pair = np.inf, (0, 0)
    for _, same in runs.reset_index(drop=True).groupby(["dataset", "loss"]):
        if same["loss"].iloc[0] in ("wgan", "wgangp") or same["dataset"].iloc[0] == "stacked":
            continue
        for a in same.index[same["healthy"].astype(bool)]:
            for b in same.index[same["collapse"].astype(bool)]:
                scale = smooth[a].mean(axis=1, keepdims=True)
                distance = float(np.abs((smooth[a] - smooth[b]) / scale)[:, 5:].mean())
                if np.isfinite(distance) and distance < best:
                    best, pair = distance, (int(a), int(b))
    return pair
