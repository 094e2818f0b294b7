"""Write tables, figures and page of a study again from stored results, without training."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_bench.report.draw import draw_figure
from gan_bench.report.page import render
from gan_bench.report.tables_input import read_tables
from gan_bench.stats.collect.collect import collect
from gan_bench.stats.tables.write_tables import write_tables


def redraw(study_folder: Path | str, figures: Sequence[Mapping[str, Any]] | None = None) -> None:
    """Collect the results of the runs; write all tables, the figures and the page. Absent runs count as "missing".

    Args:
        study_folder: folder with plan.json.
        figures: references of the figures; None for the figures of the plan.

    Raises:
        UserError: for a folder without a plan, and for an unknown figure or setting.
    """
    folder = Path(study_folder)
    wanted = read_tables(folder).plan["figures"] if figures is None else figures
    collect(folder, complete=False)
    write_tables(folder)
    for ref in wanted:
        draw_figure(folder, ref)
    render(folder, wanted)
