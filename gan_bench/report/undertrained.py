"""Undertrained variants: their scores were still improving when training ended. This is not a collapse."""

from collections.abc import Iterator

import pandas as pd

from gan_bench.metrics import badness
from gan_bench.report.judged import CALM
from gan_bench.report.tables_input import Tables

#: A curve still improves at the end if more than the share LEAST of its total improvement happens in the last part of
#: training. LAST is the length of that part as a share of training.
LAST, LEAST = 1 / 3, 0.1
#: The sentence names up to this many variants. If there are more, it gives only their number.
NAMED = 2


def undertrained(tables: Tables) -> list[str]:
    """One sentence that names the variants that are undertrained by the first metric of the table of curves.

    [] if there is no such variant, or if no run kept generators during training.
    """
    curves = tables.curves
    if curves.empty:
        return []
    curves = curves[curves["direction"].isin(["lower", "higher"])].dropna(subset=["value"])
    if curves.empty:
        return []
    metric = curves["metric"].iloc[0]
    names = list(dict.fromkeys(_improving(tables, curves[curves["metric"] == metric])))
    if not names:
        return []
    variants = {cell.variant for cell in tables.cells}
    shown = ", ".join(names) if len(names) <= NAMED else f"{len(names)} of {len(variants)} variants"
    return [
        f"Undertrained, not collapsed: {shown} still improved in {_label(tables, metric)} over the last third of "
        "training. Train longer before you change the method."
    ]


def _label(tables: Tables, metric: str) -> str:
    labels = tables.comparison.loc[tables.comparison["metric"] == metric, "label"]
    return tables.short_label(labels.iloc[0]) if len(labels) else metric


def _improving(tables: Tables, curves: pd.DataFrame) -> Iterator[str]:
    """Variants in which more than half of the counted runs still improved at the end of training.

    A run is counted if it kept generators during training and shows no sign of failure.
    """
    runs = dict(iter(curves.groupby(["dataset", "cell", "seed"])))
    for cell in tables.cells:
        votes = [
            improves_to_the_end(run["step"].tolist(), run["value"].tolist(), str(run["direction"].iloc[0]))
            for seed in cell.seeds
            if (run := runs.get((cell.dataset, cell.id, seed))) is not None
            and str((tables.card(cell, seed)["collapse"] or {}).get("verdict")) in CALM
        ]
        if votes and sum(votes) > len(votes) / 2:
            yield cell.variant


def improves_to_the_end(steps: list[int], values: list[float], direction: str) -> bool:
    """Whether a curve ends at its best value, and more than LEAST of its improvement is in the last part of training.

    False for a curve of fewer than three points.
    """
    order = sorted(range(len(steps)), key=steps.__getitem__)
    signed = [badness(values[i], direction) for i in order]
    before = [v for i, v in zip(order, signed, strict=True) if steps[i] <= (1 - LAST) * max(steps)]
    if len(signed) < 3 or not before or signed[-1] > min(signed):
        return False
    return signed[0] - signed[-1] > 0 and before[-1] - signed[-1] > LEAST * (signed[0] - signed[-1])
