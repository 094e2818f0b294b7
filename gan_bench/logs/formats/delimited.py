"""Text tables: CSV, TSV, and columns separated by semicolons, bars or spaces.

A long table, such as MLflow's (a row for each metric and step), is converted to a wide one (a row for each step). A
table of two or three columns may lack a header. A table whose rows start and end with a bar, such as a training table
of MATLAB, may have text above it and a header of several lines.
"""

import contextlib
import io
import re
import warnings
from typing import Any

import pandas as pd

from gan_bench.errors import UserError
from gan_bench.logs.log import Table
from gan_bench.logs.names import meaning
from gan_bench.logs.source import Source

NAME = "tables of text (.csv, .tsv)"

SUFFIXES = {".csv", ".tsv"}
SEPARATORS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}
_NUMBER = r"[-+]?\d+(?:\.\d+)?"
#: A line of three numbers (step and two losses) without names.
_NUMBERS = re.compile(rf"\s*\d+(?:[,;\s]\s*{_NUMBER}(?:e[-+]?\d+)?){{2}}\s*", re.IGNORECASE)
#: A horizontal rule of a Markdown table, or of a table whose frame is drawn with characters such as + and -.
_RULE = re.compile(r"[-+|:=\s]+")
#: Number of columns of a table without a header -> names of its columns.
POSITIONS = {2: ("d_loss", "g_loss"), 3: ("step", "d_loss", "g_loss")}
#: Columns of a long table: (column of the metric's name, column of its value).
LONG = (("key", "value"), ("metric", "value"), ("metric_name", "value"), ("tag", "value"))


def score(source: Source) -> float:
    if source.suffix in SUFFIXES:
        return 0.7
    lines = _lines(source.first_text)
    if len(lines) > 1 and all(_NUMBERS.fullmatch(line) for line in lines[:2]):
        return 0.55
    if len(lines) < 2 or re.search(rf"[:=\[{{]|->|[A-Za-z]\s+{_NUMBER}(?:\s|$|[|;,])", lines[0]):
        return 0.0
    separator = _separator(lines)
    cells = [len(re.split("[|]" if separator == "|" else separator, line.strip())) for line in lines[:2]]
    return 0.6 if cells[0] > 1 and cells[0] == cells[1] and re.search("[A-Za-z]", lines[0]) else 0.0


def read(source: Source) -> Table:
    text = source.text
    lines = _lines(text[:100_000])
    if not lines:
        raise UserError(f"{source.path}: not a readable {source.suffix[1:] or 'text'} file: it is empty.")
    separator = _separator(lines)
    if separator == "|":
        text = "\n".join(line.strip().strip("|") for line in _lines(text))
    else:
        text = text[text.index(lines[0]) :]
    try:
        table = _table(source, text, separator)
    except UserError:
        raise
    except (ValueError, pd.errors.ParserError) as error:
        first = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise UserError(f"{source.path}: not a readable {source.suffix[1:] or 'text'} file: {first}") from None
    table.columns = [str(name).strip().removeprefix("#").strip() for name in table.columns]
    if separator != ",":
        table = table.apply(_decimal_points)
    _refuse_repeated_names(source, list(table.columns))
    names, words = set(table.columns), f"{SEPARATORS.get(separator, 'space')}-separated table"
    notes = tuple[str, ...]()
    if re.fullmatch(r"[-+.\deE,;|\s]+", lines[0]) and "d_loss" in names:
        notes = (f"The table has no header: its columns were read as {', '.join(table.columns)}, in this order.",)
    for key, value in LONG:
        if {key, value, "step"} <= names:
            return Table(_wide(table, key, value), f"{words}, a row for each metric")
    return Table({name: table[name].to_numpy() for name in table.columns}, words, notes=notes)


def _lines(text: str) -> list[str]:
    """Lines of a text, without empty lines, horizontal rules, and comments at the start.

    A comment with a comma, semicolon, tab or the word "loss" stays, because it may be the header. If the text has a
    table whose rows start and end with a bar, only the lines of this table are returned.
    """
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip() and not _RULE.fullmatch(line)]
    if table := _between_bars(lines):
        return table
    while len(lines) > 1 and lines[0].startswith("#") and not re.search(r"[,;\t]|loss", lines[0], re.I):
        lines = lines[1:]
    return [lines[0].lstrip("# ") or lines[0], *lines[1:]] if lines else []


def _between_bars(lines: list[str]) -> list[str]:
    """Lines of a table whose rows start and end with a bar ("|"); empty if there is no such table.

    If the header has several lines, the parts of each name are joined to one line. Parts in parentheses, such as the
    unit "(hh:mm:ss)", are left out.
    """
    rows = [line.strip() for line in lines if re.fullmatch(r"\s*\|.*\|\s*", line)]
    first = next((place for place, row in enumerate(rows) if re.match(r"\|\s*[-+.]?\d", row)), 0)
    if not first:
        return []
    header = zip(*([cell.strip() for cell in row.split("|")] for row in rows[:first]), strict=False)
    names = (" ".join(part for part in parts if part and not re.fullmatch(r"\(.*\)", part)) for parts in header)
    return ["|".join(names), *rows[first:]]


def _separator(lines: list[str]) -> str:
    counts = {separator: lines[0].count(separator) for separator in SEPARATORS}
    best = max(counts, key=lambda separator: counts[separator])
    if counts[best]:
        return best
    spaced = len(lines) > 1 and len(lines[0].split()) > 1 and len(lines[0].split()) == len(lines[1].split())
    return r"\s+" if spaced else ","


def _table(source: Source, text: str, separator: str) -> pd.DataFrame:
    """The table with all cells as text. Repeated names in the header stay, although pandas renames them by default."""
    options: dict[str, Any] = {
        "dtype": str, "keep_default_na": False, "index_col": False, "sep": separator, "skipinitialspace": True,
        "engine": "python" if len(separator) > 1 else "c",
    }  # fmt: skip
    names = [str(name) for name in pd.read_csv(io.StringIO(text), header=None, nrows=1, **options).iloc[0]]
    numbers = all(re.fullmatch(rf"{_NUMBER}(?:e[-+]?\d+)?", name, re.I) for name in names)
    # Numbers in the first line are data. The exception is 0, 1, 2: pandas writes this header for columns without names.
    if len(names) in POSITIONS and numbers and names != ["0", "1", "2"][: len(names)]:
        return pd.read_csv(io.StringIO(text), header=None, names=list(POSITIONS[len(names)]), **options)
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            table = pd.read_csv(io.StringIO(text), header=0, names=range(len(names)), **options)
        except pd.errors.ParserWarning:  # a comma at the end of each row adds an empty cell
            table = _without_empty_last_column(source, text, len(names), options)
    table.columns = names  # type: ignore[assignment]
    return table


def _without_empty_last_column(source: Source, text: str, count: int, options: dict[str, Any]) -> pd.DataFrame:
    """The first `count` columns. UserError if a row has a further cell that is not empty, or several further cells."""
    with contextlib.suppress(pd.errors.ParserWarning):
        table = pd.read_csv(io.StringIO(text), header=0, names=range(count + 1), **options)
        if not table.pop(count).any():
            return table
    raise UserError(f"{source.path}: rows have more cells than the header has names.")


def _decimal_points(cells: pd.Series) -> pd.Series:
    """The cells with decimal points in place of decimal commas.

    Commas are replaced only if every cell is empty, "nan", or a number without a point.
    """
    written = cells.str.fullmatch(r"\s*[-+]?\d*(?:,\d+)?(?:[eE][-+]?\d+)?\s*|nan")
    return cells.str.replace(",", ".") if written.all() else cells


def _refuse_repeated_names(source: Source, names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1 and meaning(name).kind != "other":
            raise UserError(f"{source.path}: column {name!r} appears twice.")


def _wide(table: pd.DataFrame, key: str, value: str) -> dict[str, Any]:
    """A column for each metric. If a metric has two values at one step, the last one counts."""
    steps = pd.to_numeric(table["step"], errors="coerce")
    last = table.assign(step=steps).drop_duplicates(["step", key], keep="last")
    wide = last.pivot(index="step", columns=key, values=value).sort_index()
    columns: dict[str, Any] = {"step": wide.index.to_numpy()}
    return {**columns, **{str(name): wide[name].where(wide[name].notna(), "").tolist() for name in wide.columns}}
