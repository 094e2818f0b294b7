"""What choosing by the reported numbers flatters, once, for the first metric of each data set."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from gan_bench.report.compared import printed
from gan_bench.report.tables_input import Tables, records
from gan_bench.stats.tables.validation_choice import STEP, VARIANT

#: `what` of selection.csv -> what was chosen, and how it was found out what the choice is worth.
WAYS = {
    "variant": ("the variant with the best mean", "on held-out seeds"),
    VARIANT: ("the variant with the best mean", "chosen on images set aside"),
    "step": ("the best kept generator of each run", "at the step best for the other seeds"),
    STEP: ("the best kept generator of each run", "chosen on images set aside"),
}


@dataclass(frozen=True)
class Choice:
    """A row: what was chosen where, its number when chosen by the reported score, and when chosen fairly."""

    dataset: str
    label: str
    what: str
    fairly: str
    selected: str
    held_out: str
    optimism: str
    choices: str


def choices(tables: Tables) -> list[Choice]:
    """One row per data set, way of choosing and way of finding out, of the data set's first metric with a better side;
    generators of a run as means over the variants. Empty where nothing could be chosen."""
    table = tables.wanted("selection")
    if table.empty:
        return []
    found = []
    for dataset, own in table.groupby("dataset", sort=False):
        first = own[own["metric"] == own["metric"].iloc[0]].dropna(subset=["optimism"])
        for what, part in first.groupby("what", sort=False):
            if what in WAYS:
                found.append(_choice(str(dataset), str(what), part))
    return found


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
