"""Rows of the report page on the optimism of choosing by reported numbers, for the first metric of each data set."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from gan_bench.report.compared import printed
from gan_bench.report.tables_input import Tables, records
from gan_bench.stats.tables.validation_choice import STEP, VARIANT

#: Column `what` of selection.csv -> (what was chosen, how the choice was checked).
WAYS = {
    "variant": ("the variant with the best mean", "on held-out seeds"),
    VARIANT: ("the variant with the best mean", "chosen on images set aside"),
    "step": ("the best kept generator of each run", "at the step best for the other seeds"),
    STEP: ("the best kept generator of each run", "chosen on images set aside"),
}


@dataclass(frozen=True)
class Choice:
    """A row: the kind of choice, the score of the choice by the reported score, and its held-out score."""

    dataset: str
    label: str
    what: str
    fairly: str
    selected: str
    held_out: str
    optimism: str
    choices: str


def choices(tables: Tables) -> list[Choice]:
    """Rows per data set and kind of choice, by the data set's first metric with a better side; [] without a choice.

    Choices of a step are means over the variants.
    """
    table = tables.wanted("selection")
    if table.empty:
        return []
    rows = []
    for dataset, table_part in table.groupby("dataset", sort=False):
        first = table_part[table_part["metric"] == table_part["metric"].iloc[0]].dropna(subset=["optimism"])
        for what, part in first.groupby("what", sort=False):
            if what in WAYS:
                rows.append(_choice(str(dataset), str(what), part))
    return rows


def _choice(dataset: str, what: str, part: pd.DataFrame) -> Choice:
    first: dict[str, Any] = records(part)[0]
    chosen, fairly = WAYS[what]
    kept = what in ("step", STEP)
    over = f", mean over {len(part)} variants" if kept and len(part) > 1 else ""
    most = int(part["n_choices"].max())
    selected, held_out, optimism = (
        printed(float(part[name].mean())) for name in ("selected_score", "held_out_score", "optimism")
    )
    if not kept and pd.notna(first["optimism_low"]):
        optimism += f" [{printed(first['optimism_low'])}, {printed(first['optimism_high'])}]"
    of = f"{most} generators a run" if kept else f"{most} variants, {int(first['n_seeds'])} seeds"
    return Choice(dataset, str(first["label"]), chosen + over, fairly, selected, held_out, optimism, of)
