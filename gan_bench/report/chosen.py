"""Rows of the report page's table on selection optimism, by the first metric of each data set.

The best of several scores usually overrates the variant or step that has this score. A fair score is the score of a
variant or step that was selected with other seeds or with images set aside. The optimism is the difference between the
best score and the fair score.
"""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from gan_bench.report.compared import MINUS
from gan_bench.report.tables_input import Tables, records
from gan_bench.stats.tables.validation_choice import STEP, VARIANT
from gan_bench.stats.write.markdown import number
from gan_bench.stats.write.search_markdown import interval_text
from gan_bench.words import plural

#: Value of column `what` in selection.csv -> (what is chosen, how the fair score is obtained).
WAYS = {
    "variant": ("the variant with the best mean", "on held-out seeds"),
    VARIANT: ("the variant with the best mean", "chosen on images set aside"),
    "step": ("the best kept generator of each run", "at the step best for the other seeds"),
    STEP: ("the best kept generator of each run", "chosen on images set aside"),
}


@dataclass(frozen=True)
class Choice:
    """A row of the table.

    `label`: label of the metric. `what`: what is chosen. `fairly`: how the fair score is obtained. `selected`: the best
    score. `held_out`: the fair score. `choices`: the number of candidates, such as "20 generators a run", or "12
    variants, 5 seeds".
    """

    dataset: str
    label: str
    what: str
    fairly: str
    selected: str
    held_out: str
    optimism: str
    choices: str


def choices(tables: Tables) -> list[Choice]:
    """One row per data set and kind of choice; [] without selection.csv.

    A row uses the data set's first metric in the file. If training steps are chosen, the scores and the optimism are
    means over the variants.
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
    of_step = what in ("step", STEP)
    over = f", mean over {plural(len(part), 'variant')}" if of_step and len(part) > 1 else ""
    most = int(part["n_choices"].max())
    selected, held_out, optimism = (
        number(float(part[name].mean())) for name in ("selected_score", "held_out_score", "optimism")
    )
    if not of_step:
        optimism = interval_text(first, "optimism", "optimism_low", "optimism_high")
    seeds = plural(int(first["n_seeds"]), "seed")
    of = f"{plural(most, 'generator')} a run" if of_step else f"{plural(most, 'variant')}, {seeds}"
    selected, held_out, optimism = (text.replace("-", MINUS) for text in (selected, held_out, optimism))
    return Choice(dataset, str(first["label"]), chosen + over, fairly, selected, held_out, optimism, of)
