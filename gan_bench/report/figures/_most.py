"""How many variants of a data set a figure draws: one rule for all figures that have something for each of them.

A sheet of thousands of rows or panels is drawn for hours and read by nobody; the tables hold them all.
"""

from collections.abc import Sequence
from typing import TypeVar

from gan_bench.report.figures._words import dataset_heading
from gan_bench.report.tables_input import Tables

#: Variants of a data set that are drawn at most: the best where a figure orders them by score, else the plan's first.
MOST = 200

#: What captions add where a study has more.
RULE = (
    f"Where a data set has more than {MOST} variants, figures that show each of them draw {MOST}, the best where they "
    "are ordered by score and else the first of the plan, and the heading says so; the tables have them all."
)

T = TypeVar("T")


def drawn(variants: Sequence[T]) -> Sequence[T]:
    """Those of a data set's variants that are drawn: the first ones, so best first where there is a best."""
    return variants[:MOST]


def heading(tables: Tables, dataset: str, asked: int, how: str = "first") -> str:
    """The heading of a data set; where not all `asked` variants are drawn it says so in place of the images' size."""
    return dataset_heading(tables, dataset) if asked <= MOST else with_count(dataset, asked, how)


def with_count(name: str, asked: int, how: str = "first") -> str:
    """`name`, with how many of `asked` variants are drawn where not all are; `how`: "first" or "best"."""
    return name if asked <= MOST else f"{name}  \N{MIDDLE DOT}  the {how} {MOST} of {asked} variants"


def applies(tables: Tables) -> bool:
    """Whether a data set of the study has more variants than are drawn."""
    return any(len(tables.cells_of(dataset)) > MOST for dataset in tables.datasets)
