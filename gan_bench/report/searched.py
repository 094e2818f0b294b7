"""Rows of the report page on a study's search: the chosen settings, and their scores in the search and on new seeds."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from gan_bench.report.tables_input import Tables, records
from gan_bench.stats.write.markdown import ARROW, number
from gan_bench.stats.write.search_markdown import interval_text


@dataclass(frozen=True)
class Searched:
    """A row: the settings that the search chose for a variant, with their scores.

    `selected`: score in the search. `again`: validation score on new seeds. `test`: test score on new seeds.
    """

    dataset: str
    variant: str
    metric: str
    trials: str
    settings: str
    selected: str
    again: str
    test: str
    optimism: str
    note: str


def searched(tables: Tables) -> list[Searched]:
    """A row per data set and variant that was searched; [] in a study without a search."""
    table = tables.wanted("search_chosen")
    return [_row(row) for row in records(table)]


def _row(row: dict[str, Any]) -> Searched:
    lost = f"{row['n_lost']} of {row['n_seeds']} new seeds have no score" if row["n_lost"] else ""
    note = "" if pd.isna(row["note"]) else str(row["note"])
    pruned = f", {row['n_pruned']} pruned" if row["n_pruned"] else ""
    return Searched(
        str(row["dataset"]),
        str(row["variant"]),
        f"{row['metric']} {ARROW[str(row['direction'])]}",
        f"{row['n_trials']}{pruned}",
        str(row["settings"]),
        number(row["selected_score"]),
        number(row["final_validation_score"]),
        number(row["test_score"]),
        interval_text(row, "optimism", "optimism_low", "optimism_high"),
        "; ".join(filter(None, (lost, note))),
    )
