"""Limit on the number of variants that a figure draws per data set.

It applies to figures with one row or panel per variant. A sheet of thousands of rows takes hours to draw and is too
large to read. The tables have all variants.
"""

from collections.abc import Sequence
from typing import TypeVar

from gan_bench.report.figures._words import dataset_heading
from gan_bench.report.tables_input import Tables

#: Largest number of drawn variants. A figure that sorts variants by score draws the best ones. Any other figure draws
#: the first ones of the plan.
MOST = 200

#: Sentence at the end of the captions, if a data set of the study has more than MOST variants.
RULE = (
    f"If a data set has more than {MOST} variants, figures with one part per variant draw only {MOST}, and the heading "
    "says so: the best variants if the figure sorts by score, else the first of the plan. The tables have all variants."
)

#: Separator between the parts of a heading.
DOT = "  \N{MIDDLE DOT}  "

T = TypeVar("T")


def drawn(variants: Sequence[T]) -> Sequence[T]:
    """The drawn variants of a data set: the first MOST of `variants`, which the caller sorts."""
    return variants[:MOST]


def heading(tables: Tables, dataset: str, n_variants: int, how: str = "first") -> str:
    """Heading of a data set: its name and the size of its images.

    If not all variants are drawn, the heading has the number of drawn variants instead of the size.
    """
    return dataset_heading(tables, dataset) if n_variants <= MOST else with_count(dataset, n_variants, how)


def heading_of_cells(tables: Tables, dataset: str) -> str:
    """Heading of a data set in a figure with one row or panel per cell of the plan."""
    return heading(tables, dataset, len(tables.cells_of(dataset)))


def with_count(name: str, n_variants: int, how: str = "first", most: int | None = None) -> str:
    """`name`, followed by the number of drawn variants if not all are drawn.

    `how`: "first" or "best". `most`: number of drawn variants; None for MOST.
    """
    most = MOST if most is None else most
    return name if n_variants <= most else f"{name}{DOT}the {how} {most} of {n_variants} variants"


def applies(tables: Tables) -> bool:
    """Whether any data set of the study has more variants than MOST."""
    return any(len(tables.cells_of(dataset)) > MOST for dataset in tables.datasets)
