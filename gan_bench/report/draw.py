"""Draw one figure of a study from its stored tables."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from gan_bench.errors import UserError
from gan_bench.files import write_bytes
from gan_bench.registry import component, load, stem
from gan_bench.report import style
from gan_bench.report.figures._grid import empty_sheet
from gan_bench.report.tables_input import Tables, read_tables

FIGURES = "figures"
#: Keys of a figure reference that describe the printed figure. They are not settings of the figure.
PRINT = ("format", "width", "font")


def draw_figure(study_folder: Path | str, figure_ref: Mapping[str, Any]) -> None:
    """Write a figure of a study to figures/<name>.svg and .png, and to .pdf if requested.

    Equal tables and settings give equal bytes.

    Args:
        study_folder: folder with the tables.
        figure_ref: {"name": name or path of a user's file, settings...}; omitted settings have their defaults. It may
            also have keys for the printed figure: "format", a list that may contain "pdf"; "width", which is "column"
            or "page"; and "font", the size of the text in points when the figure is printed at that width.

    Raises:
        UserError: for an unknown figure or setting, and if a table that the figure needs is missing.
    """
    settings = resolved_settings(figure_ref)
    width, font = figure_ref.get("width"), float(figure_ref.get("font", 8.0))
    kinds = dict.fromkeys(["svg", "png", *figure_ref.get("format", [])])
    with style.applied(text=any(key in figure_ref for key in PRINT)), style.printed(width, font):
        figure = figure_of(read_tables(study_folder), figure_ref)
        pictures = {kind: style.to_bytes(figure, kind, int(settings.get("dpi", 120))) for kind in kinds}
    for kind, content in pictures.items():
        write_bytes(figure_file(study_folder, figure_ref, kind), content)


def figure_of(tables: Tables, figure_ref: Mapping[str, Any]) -> Figure:
    """The figure drawn from a study's tables. If the plan has no cells, the figure contains only a sentence.

    Call this function within `style.applied()`.
    """
    if not tables.cells:
        return empty_sheet("The plan has no cells.")
    return load("figures", figure_ref["name"]).draw(tables, resolved_settings(figure_ref))


def resolved_settings(figure_ref: Mapping[str, Any]) -> dict[str, Any]:
    """All settings of a figure: those in `figure_ref`, and defaults for the rest. UserError for an unknown setting."""
    declared = component("figures", figure_ref["name"]).settings
    given = {key: value for key, value in figure_ref.items() if key not in ("name", "digest", *PRINT)}
    unknown = sorted(set(given) - set(declared))
    if unknown:
        valid = ", ".join(sorted(declared)) or "none"
        raise UserError(f"figure {figure_ref['name']!r}: unknown setting {unknown[0]!r}; valid: {valid}.")
    return {name: setting.default for name, setting in declared.items()} | given


def figure_name(figure_ref: Mapping[str, Any]) -> str:
    """File name of a figure without suffix: the figure's name or, for a figure of the user, the stem of its file."""
    return stem(str(figure_ref["name"]))


def figure_file(study_folder: Path | str, figure_ref: Mapping[str, Any], kind: str) -> Path:
    """File that a figure of a study is written to; `kind` is "svg", "png" or "pdf"."""
    return Path(study_folder) / FIGURES / f"{figure_name(figure_ref)}.{kind}"
