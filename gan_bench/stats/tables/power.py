"""The number of seeds that a new study needs, estimated from the pairs in an earlier study's pairwise.csv."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from gan_bench.errors import UserError
from gan_bench.stats.estimate.games_howell import MOST, POWER
from gan_bench.stats.write.names import PAIRWISE_TABLE, TABLES
from gan_bench.stats.write.table_files import read_csv

HEAD = (
    f"  number of seeds per variant with which {POWER:.0%} of studies would separate a pair, estimated from {{folder}} "
    f"(differences and spreads are on each metric's scale; in brackets: seeds at the ends of the spread's interval):"
)


def power_report(study_folder: Path, planned: int) -> str:
    """A text on the pairs of each data set and metric.

    It states how many pairs `planned` seeds separate. It also states the number of seeds for the closest pair, which
    needs the most seeds, and for the median pair.

    Raises:
        UserError: if the study has no pairwise.csv, or if this file has no column seeds_needed, as in earlier versions.
    """
    file = Path(study_folder) / TABLES / PAIRWISE_TABLE
    table = read_csv(file)
    if "seeds_needed" not in table:
        raise UserError(f"{file}: column seeds_needed is missing; write the study's tables again (gan-bench redraw).")
    lines = [HEAD.format(folder=study_folder)]
    for (dataset, label), part in table.groupby(["dataset", "label"], sort=False):
        lines.append(f"  {dataset}, {label}:")
        lines += _lines(part.dropna(subset=["seeds_needed"]), planned)
    if table.empty:
        lines.append("  no pair of variants has scores of a metric that can rank variants")
    return "\n".join(lines)


def _lines(part: pd.DataFrame, planned: int) -> Iterator[str]:
    if part.empty:
        yield "    no pair has two scored seeds of each variant, so the spread is unknown"
        return
    decided = int((part["seeds_needed"] <= planned).sum())
    yield f"    {planned} seeds planned: enough for {decided} of {len(part)} pairs"
    ordered = part.sort_values("seeds_needed", kind="stable")
    for name, place in (("closest pair", len(part) - 1), ("median pair", (len(part) - 1) // 2)):
        row = ordered.iloc[place]
        needed, low, high = (_seeds(row[column]) for column in ("seeds_needed", "seeds_low", "seeds_high"))
        yield (
            f"    {name}: {row['a']} and {row['b']}: difference {row['difference']:.2g}, spread {row['spread']:.2g} "
            f"({row['scale']} scale), {needed} seeds needed [{low}, {high}]"
        )


def _seeds(count: float) -> str:
    return f"{int(count):,}" + (" or more" if count >= MOST else "")
