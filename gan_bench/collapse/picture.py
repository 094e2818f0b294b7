"""A picture of one log: losses, D's outputs, signs, and the probability behind the verdict over time."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.collapse.answer import stated_probability, verdict_words
from gan_bench.collapse.field_verdict import with_failure
from gan_bench.collapse.inputs import Judged
from gan_bench.collapse.trajectory import LOSSES
from gan_bench.collapse.verdict import judge
from gan_bench.errors import UserError

SUFFIXES = (".png", ".pdf", ".svg")
#: Number of points of the curve of the probability.
POINTS = 24
D_COLOUR, G_COLOUR, INK, ALARM, MUTED = "#0072B2", "#D55E00", "#222222", "#A63C00", "#767676"
#: Largest number of points of a curve. A longer log is cut into this many parts, and the curve shows the median and the
#: range of each part.
DRAWN = 600
#: If the ratio of the sizes of the two losses is above this, each loss has a separate panel.
UNLIKE = 5


def draw(judged: Judged, path: Path) -> None:
    """Write the picture of one log. UserError if the suffix of the path is not in SUFFIXES."""
    if path.suffix.lower() not in SUFFIXES:
        raise UserError(f"--plot {path}: valid suffixes: {', '.join(SUFFIXES)}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"Software": None} if path.suffix.lower() == ".png" else None
    _figure(judged).savefig(path, dpi=110, metadata=metadata)


def picture(judged: Judged) -> bytes:
    """The picture of one log as PNG."""
    content = io.BytesIO()
    _figure(judged).savefig(content, dpi=110, format="png", metadata={"Software": None})
    return content.getvalue()


def _figure(judged: Judged) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    history, document = judged.history, judged.document
    names = ["d_loss", "g_loss"] if _unlike(history) else ["losses"]
    names += ["outputs"] if {"d_real", "d_fake"} & set(history.columns) else []
    panels = {**dict.fromkeys(names, 2.4), "signs": 0.5 + 0.25 * len(_fired(document)), "probability": 2.0}
    figure = Figure(figsize=(8, 1.1 + sum(panels.values())), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=list(panels.values()))[:, 0]
    for axis, name in zip(axes, panels, strict=True):
        {"outputs": _outputs, "signs": _signs, "probability": _probability}.get(name, _losses)(axis, judged, name)
        axis.spines[["top", "right"]].set_visible(False)
        if document["began_step"] is not None:
            axis.axvline(document["began_step"], color=ALARM, linewidth=1, linestyle=":")
    axes[-1].set_xlabel(
        f"step ({document['recognised']['step']})" if document["recognised"]["step"] != "step" else "step"
    )
    verdict = verdict_words(document["verdict"])
    since = "" if document["began_step"] is None else f" since step {document['began_step']} (dotted)"
    pair = f", pair {document['pair']}" if document["pair"] else ""
    figure.suptitle(f"{Path(document['file']).name}{pair}: {verdict}{since}", fontsize=11, x=0.01, ha="left")
    return figure


def _curve(axis: Any, history: pd.DataFrame, name: str, colour: str, label: str) -> None:
    """A curve; for a log with more than DRAWN rows, the median and the range of each of DRAWN parts."""
    step, values = history["step"].to_numpy(), history[name].to_numpy(dtype=np.float64)
    values = np.where(np.isfinite(values), values, np.nan)
    if len(step) > DRAWN:
        parts = np.array_split(np.arange(len(step)), DRAWN)
        usable = [part for part in parts if np.isfinite(values[part]).any()]
        low, middle, high = (
            np.array([f(values[part]) for part in usable]) for f in (np.nanmin, np.nanmedian, np.nanmax)
        )
        step = np.array([step[part[-1]] for part in usable])
        axis.fill_between(step, low, high, color=colour, alpha=0.2, linewidth=0)
        values = middle
    axis.plot(step, values, color=colour, linewidth=1.2, label=label, marker="." if len(step) < 30 else None)


def _losses(axis: Any, judged: Judged, panel: str) -> None:
    history, recognised = judged.history, judged.document["recognised"]
    losses = [name for name in LOSSES if panel in (name, "losses")]
    for name in losses:
        player, colour = {"d_loss": ("D", D_COLOUR), "g_loss": ("G", G_COLOUR)}[name]
        _curve(axis, history, name, colour, f"{player}: {recognised[name]}")
    level = ((judged.facts or {}).get("equilibrium") or {}).get("d_loss")
    if level and "d_loss" in losses:
        axis.axhline(level, color=D_COLOUR, linewidth=0.8, linestyle="--", label=f"D at equilibrium, {level:.3g}")
    values = history[losses].to_numpy(dtype=np.float64)
    size = np.abs(values[np.isfinite(values)])
    if len(size) and size.max() > 100 * max(float(np.quantile(size, 0.75)), 1e-9):
        axis.set_yscale("symlog", linthresh=max(float(np.quantile(size, 0.75)), 1e-3))
        axis.set_ylim(bottom=0 if np.nanmin(values) >= 0 else None)
    lost = history["step"][~np.isfinite(values).all(axis=1)]
    if len(lost):
        axis.plot(lost, np.zeros(len(lost)), "x", color=ALARM, markersize=5, label="not finite", transform=_below(axis))
    axis.set_ylabel({"d_loss": "D's loss", "g_loss": "G's loss"}.get(panel, "loss"))
    axis.legend(fontsize=8, loc="best", frameon=False)


def _unlike(history: pd.DataFrame) -> bool:
    """Whether the losses differ so much in size that the smaller one would look flat in a common panel."""
    values = np.abs(history[list(LOSSES)].to_numpy(dtype=np.float64))
    values = values[np.isfinite(values).all(axis=1)]
    if not len(values):
        return False
    low, high = sorted(np.quantile(values, 0.9, axis=0))
    return bool(high > UNLIKE * low)


def _below(axis: Any) -> Any:
    """Transform with x in steps, and y from 0 at the bottom of the panel to 1 at its top."""
    return axis.get_xaxis_transform()


def _outputs(axis: Any, judged: Judged, _: str) -> None:
    for name, colour, label in (("d_real", D_COLOUR, "D on real"), ("d_fake", G_COLOUR, "D on generated")):
        if name in judged.history:
            _curve(axis, judged.history, name, colour, f"{label}: {judged.document['recognised'].get(name, name)}")
    axis.set_ylabel("D's output")
    axis.legend(fontsize=8, loc="best", frameon=False)


def _signs(axis: Any, judged: Judged, _: str) -> None:
    """A bar for each entry of `_fired`, from its `began_step` to the last step of its window.

    If `began_step` is None, the bar starts at the first step of the window.
    """
    entries = _fired(judged.document)
    for row, (entry, colour) in enumerate(entries):
        start = entry["began_step"] if entry["began_step"] is not None else entry["window"][0]
        axis.plot([start, max(entry["window"][1], start)], [row, row], color=colour, linewidth=5, solid_capstyle="butt")
    axis.set_yticks(range(len(entries)), [entry["sign"].replace("_", " ") for entry, _ in entries], fontsize=8)
    axis.set_ylim(max(len(entries), 1) - 0.4, -0.6)
    if not entries:
        axis.text(0.5, 0.5, "no sign of failure fires", transform=axis.transAxes, ha="center", va="center", color=MUTED)
    elif any(colour == MUTED for _, colour in entries):
        axis.set_ylabel("signs\n(grey: weak)")
    else:
        axis.set_ylabel("signs")


def _fired(document: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], str]]:
    """The first five entries of evidence and weak signs that have a window of steps, with the colours of their bars."""
    entries = [(entry, ALARM) for entry in document["evidence"]] + [(entry, MUTED) for entry in document["weak_signs"]]
    return [(entry, colour) for entry, colour in entries if entry["window"][1] is not None][:5]


def _probability(axis: Any, judged: Judged, _: str) -> None:
    curve = probability_over_time(judged.history, judged.facts) if judged.document["verdict"] is not None else []
    axis.set_ylim(0, 1)
    event = (stated_probability(judged.document) or ("failure",))[0]
    axis.set_ylabel(f"p({event})\non the log so far")
    if not curve:
        axis.text(0.01, 0.85, "no probability", transform=axis.transAxes, color=MUTED)
        return
    steps, middle, low, high = (np.array(values) for values in zip(*curve, strict=True))
    axis.fill_between(steps, low, high, color=INK, alpha=0.15, linewidth=0, label="95 % interval")
    axis.plot(steps, middle, color=INK, linewidth=1.2, marker=".", label="probability")
    axis.legend(fontsize=8, loc="best", frameon=False)


def probability_over_time(
    history: pd.DataFrame, facts: Mapping[str, Any] | None
) -> list[tuple[int, float, float, float]]:
    """(last step, probability, low, high) for up to POINTS parts of the log.

    Each part starts at the first row and is longer than the part before; the last part is the whole log. Parts without
    a probability are left out.
    """
    curve = []
    for end in np.unique(np.linspace(0, len(history), POINTS + 1).astype(int)[1:]):
        part = history.iloc[:end]
        stated = stated_probability(with_failure(judge(part, facts), part, facts))
        if stated is not None:
            low, high = stated[2]
            curve.append((int(part["step"].iloc[-1]), stated[1], low, high))
    return curve
