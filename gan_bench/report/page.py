"""The report page of a study: one self-contained HTML file, from stored tables and drawn figures."""

import base64
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import write_text
from gan_bench.registry import component
from gan_bench.report import asked, compared, judged
from gan_bench.report.cards import run_cards
from gan_bench.report.chosen import choices
from gan_bench.report.coverage import matrix
from gan_bench.report.draw import figure_file, figure_name
from gan_bench.report.figures._most import RULE, applies
from gan_bench.report.findings import findings
from gan_bench.report.methods import methods
from gan_bench.report.pictures import figure_picture, figure_size, share
from gan_bench.report.tables_input import Tables, read_tables

TEMPLATES = Path(__file__).parent / "templates"

#: Bytes of pictures in a page, before base64 adds a third. All runs together get A_RUN for each run, but at least
#: RUNS_LEAST and at most RUNS_MOST.
PICTURES_BUDGET = 9_000_000
RUNS_LEAST = 3_000_000
A_RUN, RUNS_MOST = 10_000, 16_000_000
FIGURES_BUDGET = 6_000_000

#: Largest number of runs whose cards are built at once. With more runs, a card is built when it is opened.
MANY_RUNS = 150

#: Categories of figures in the order of the page; others follow.
CATEGORIES = ("Coverage", "Scores", "Comparison", "Failures", "Training", "Samples", "Cost")


def render(study_folder: Path | str, figures: Sequence[Mapping[str, Any]] | None = None) -> None:
    """Write report.html of a study from its plan, tables and figures. Equal inputs give equal bytes.

    Args:
        study_folder: folder with the tables and figures.
        figures: references of the figures to show; None for those of the plan.

    Raises:
        UserError: if a table or a figure is missing.
    """
    tables = read_tables(study_folder)
    write_text(tables.folder / paths.REPORT, page(tables, tables.plan["figures"] if figures is None else figures))


def page(tables: Tables, figures: Sequence[Mapping[str, Any]]) -> str:
    """The page as text."""
    style, script = (Markup((TEMPLATES / name).read_text(encoding="utf-8")) for name in ("report.css", "report.js"))  # noqa: S704
    files = [_figure_files(tables, ref) for ref in figures]
    limit = share([figure_size(*pair) for pair in files], FIGURES_BUDGET)
    cut = applies(tables)
    drawn = [_figure(ref, pair, limit, cut=cut) for ref, pair in zip(figures, files, strict=True)]
    spent = sum(len(figure["picture"].address) * 3 // 4 for figure in drawn)
    n_runs = sum(len(cell.seeds) for cell in tables.cells)
    budget = max(PICTURES_BUDGET - spent, RUNS_LEAST, min(RUNS_MOST, A_RUN * n_runs))
    compared_by_dataset = [compared.compared(tables, dataset) for dataset in tables.datasets]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            study=tables.plan["study"],
            description=tables.plan["description"],
            style=style,
            script=script,
            hashes={"style": _hash(style), "script": _hash(script)},
            coverage=asked.coverage(tables),
            facts=asked.facts(tables),
            variants=asked.variants(tables),
            comparisons=[table for table in compared_by_dataset if table is not None],
            choices=choices(tables),
            verdicts=judged.verdict_counts(tables),
            evidence=judged.evidence_rows(tables),
            figures=_by_category(drawn),
            findings=findings(tables),
            matrix=matrix(tables),
            methods=methods(tables, figures),
            runs=run_cards(tables, budget),
            lazy=n_runs > MANY_RUNS,
            reproduce=asked.reproduce(tables),
            caveats=asked.caveats(tables),
        )
    )


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _hash(text: str) -> str:
    """Hash of an inline style or script for the content security policy, which forbids all others."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _by_category(figures: Sequence[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """(category, its figures) in the given order; figures are numbered from 1 over all categories."""
    names = dict.fromkeys([*CATEGORIES, *(figure["category"] for figure in figures)])
    groups = [(name, [figure for figure in figures if figure["category"] == name]) for name in names]
    number = itertools.count(1)
    return [(name, [{**figure, "number": next(number)} for figure in members]) for name, members in groups if members]


def _figure_files(tables: Tables, ref: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """A drawn figure as SVG and as PNG."""
    files = [figure_file(tables.folder, ref, kind) for kind in ("svg", "png")]
    for file in files:
        if not file.is_file():
            raise UserError(f"{file}: no such file; draw the figure {figure_name(ref)!r} first.")
    svg, png = (file.read_bytes() for file in files)
    return svg, png


def _figure(ref: Mapping[str, Any], files: tuple[bytes, bytes], limit: int, *, cut: bool) -> dict[str, Any]:
    """A figure for the template. `cut`: whether the study has more variants than are drawn."""
    declared = component("figures", ref["name"])
    return {
        "name": figure_name(ref),
        "summary": declared.summary,
        "category": str(declared.facts.get("category", "Figures")),
        "caption": " ".join(filter(None, (declared.facts.get("caption", ""), RULE if cut else ""))),
        "picture": figure_picture(*files, limit),
    }
