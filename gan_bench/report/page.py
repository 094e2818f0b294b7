"""The page of a study: one HTML file that needs nothing else, from stored tables and drawn figures."""

import base64
import hashlib
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
from gan_bench.report.draw import figure_file, figure_name
from gan_bench.report.pictures import figure_picture
from gan_bench.report.tables_input import Tables, read_tables

TEMPLATES = Path(__file__).parent / "templates"

#: Bytes of pictures in a page before they are written as text, which takes a third more; runs get at least the least.
PICTURES_BUDGET = 9_000_000
RUNS_LEAST = 3_000_000


def render(study_folder: Path | str, figures: Sequence[Mapping[str, Any]] | None = None) -> None:
    """Write report.html of a study, from its plan, tables and figures.

    `figures`: references of the figures to show, None for those of the plan. Equal inputs give equal bytes; the only
    times in it are those that the tables carry. UserError when a table or a figure is not there.
    """
    tables = read_tables(study_folder)
    write_text(tables.folder / paths.REPORT, page(tables, tables.plan["figures"] if figures is None else figures))


def page(tables: Tables, figures: Sequence[Mapping[str, Any]]) -> str:
    """The page as text."""
    style, script = (Markup((TEMPLATES / name).read_text(encoding="utf-8")) for name in ("report.css", "report.js"))  # noqa: S704
    drawn = [_figure(tables, ref) for ref in figures]
    spent = sum(len(figure["picture"].address) * 3 // 4 for figure in drawn)
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
            verdicts=judged.verdict_counts(tables),
            evidence=judged.evidence_rows(tables),
            figures=drawn,
            runs=run_cards(tables, max(PICTURES_BUDGET - spent, RUNS_LEAST)),
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
    """What a browser is told to expect of an inline style or script, so that it runs no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _figure(tables: Tables, ref: Mapping[str, Any]) -> dict[str, Any]:
    files = {kind: figure_file(tables.folder, ref, kind) for kind in ("svg", "png")}
    for file in files.values():
        if not file.is_file():
            raise UserError(f"{file}: no such file; draw the figure {figure_name(ref)!r} first.")
    declared = component("figures", ref["name"])
    return {
        "name": figure_name(ref),
        "summary": declared.summary,
        "caption": declared.facts.get("caption", ""),
        "picture": figure_picture(files["svg"].read_bytes(), files["png"].read_bytes()),
    }
