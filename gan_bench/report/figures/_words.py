"""Titles and headings of panels: cells with the outcomes of their seeds, metrics, and data sets."""

from collections import Counter

from gan_bench.report import style
from gan_bench.report.figures._grid import Title
from gan_bench.report.judged import CALM, NOT_JUDGED
from gan_bench.report.tables_input import DIRECTIONS, PlannedCell, Tables


def outcome(tables: Tables, cell: PlannedCell, seed: int) -> str:
    """The verdict on a run that finished ("not_judged" if there is none); the status of any other run."""
    card = tables.card(cell, seed)
    if card["status"] in ("failed", "timeout", "missing", "diverged"):
        return str(card["status"])
    return str((card["collapse"] or {}).get("verdict") or NOT_JUDGED)


def cell_title(tables: Tables, cell: PlannedCell) -> Title:
    """Title of a cell: the variant; below it, the number of seeds and their outcomes, the most common first."""
    counts = Counter(outcome(tables, cell, seed) for seed in cell.seeds)
    parts = [(f"{n} " if len(counts) > 1 else "") + style.in_words(name) for name, n in counts.most_common()]
    calm = set(counts) <= set(CALM)
    return Title(cell.variant, f"n={len(cell.seeds)}: {', '.join(parts)}", style.MUTED if calm else style.ALARM)


def metric_label(tables: Tables, metric: str, label: object) -> str:
    """Printed name of a metric: `label`. If `label` is only the key `metric`, the study's label of this metric."""
    if str(label) != metric:
        return str(label)
    rows = tables.metrics.loc[tables.metrics["metric"] == metric, "label"]
    return str(rows.iloc[0]) if len(rows) else metric


def metric_title(tables: Tables, metric: str, more: str = "") -> Title:
    """Title of a metric: name and unit, and below them the better direction, followed by `more`."""
    row = tables.metrics[tables.metrics["metric"] == metric].iloc[0]
    _, words = DIRECTIONS.get(str(row["direction"]), ("", ""))
    return Title(f"{row['label']}{tables.unit(metric)}", f"{words}{more}")


def direction_of_badness(direction: object) -> str:
    """The better direction in words.

    For a metric that is best at 1/2, tables of expected best scores hold distances from 1/2.
    """
    if direction == "half":
        return "distance from one half; lower is better"
    return DIRECTIONS.get(str(direction), ("", ""))[1]


def dataset_heading(tables: Tables, dataset: str) -> str:
    """Name and image size of a data set, such as "digits · 32 × 32 px, 1 channel"."""
    shape = tables.plan["datasets"].get(dataset, {}).get("shape")
    if not shape:
        return dataset
    return f"{dataset}  \N{MIDDLE DOT}  {style.size_in_words(shape)}"
