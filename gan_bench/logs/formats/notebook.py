"""Jupyter notebooks: the printed lines in the outputs of their cells."""

import json
from typing import Any

from gan_bench.errors import UserError
from gan_bench.logs.lines import table_of_lines
from gan_bench.logs.log import Table
from gan_bench.logs.source import Source

NAME = "notebooks (.ipynb)"


def score(source: Source) -> float:
    text = source.first_text
    is_notebook = text.lstrip().startswith("{") and ('"cells"' in text or '"nbformat"' in text)
    return 1.0 if source.suffix == ".ipynb" or is_notebook else 0.0


def read(source: Source) -> Table:
    """The losses in the output of one cell. If several cells print losses, the cell with the most rows is read."""
    try:
        cells = json.loads(source.text)["cells"]
        printed = [_printed(cell) for cell in cells]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{source.path}: not a readable notebook: {type(error).__name__}: {error}.") from None
    tables = [(table_of_lines(lines), number) for number, lines in enumerate(printed, 1) if lines]
    usable = [(len(next(iter(table.columns.values()))), table, number) for table, number in tables if table.columns]
    if not usable:
        raise UserError(f"{source.path}: no output of a cell prints losses of D and G.")
    _, table, number = max(usable, key=lambda entry: entry[0])
    notes = table.notes
    if len(usable) > 1:
        notes += (f"{len(usable)} cells print losses; the longest one, cell {number}, was read.",)
    return Table(
        table.columns, f"output of notebook cell {number}, {table.format}", table.totals, table.d_loss_is, notes
    )


def _printed(cell: dict[str, Any]) -> list[str]:
    """Lines that a cell printed."""
    text = ""
    for output in cell.get("outputs", ()):
        part = output.get("text") or output.get("data", {}).get("text/plain") or ""
        text += "".join(part) if isinstance(part, list) else part
    return text.replace("\r", "\n").split("\n") if text.strip() else []
