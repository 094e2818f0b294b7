"""The report page of a study, made from stored tables and drawn figures: one HTML file.

If the page would be large, its data are in files beside it.
"""

import base64
import hashlib
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import write_text
from gan_bench.registry import component, components
from gan_bench.report import asked, compared, judged
from gan_bench.report.cards import run_scores
from gan_bench.report.chosen import choices
from gan_bench.report.chunks import as_json, chunks
from gan_bench.report.coverage import matrix
from gan_bench.report.draw import figure_file, figure_name
from gan_bench.report.explored import explored
from gan_bench.report.figures._most import RULE, applies
from gan_bench.report.findings import findings
from gan_bench.report.leaders import leaders
from gan_bench.report.methods import methods
from gan_bench.report.page_data import page_data, ranked_cells
from gan_bench.report.pictures import figure_picture, figure_size, share
from gan_bench.report.searched import searched
from gan_bench.report.tables_input import Tables, read_tables
from gan_bench.words import plural

TEMPLATES = Path(__file__).parent / "templates"
STYLES = ("uplot/uplot.css", "report.css")
SCRIPTS = (
    "uplot/uplot.js",
    *(f"js/{name}.js" for name in ("state", "table", "export", "wall", "plots", "runs", "start")),
)

#: A page of at most ONE_FILE bytes contains all its data. The data chunks of a larger page are in the folder MEDIA
#: beside it. FIGURES_BUDGET bytes of the page are reserved for figures.
ONE_FILE = 20_000_000
MEDIA = "report_media"
FIGURES_BUDGET = 6_000_000

Put = Callable[[str, str], None]
"""(name, text) -> None: writes a file"""

#: Figures that the page shows in an interactive form.
INTERACTIVE = ("loss_curves", "metric_over_training", "sample_wall", "status_matrix")
#: Figures that are open below the table of scores. All other figures are folded: a click opens them.
MAIN = ("metric_by_variant",)
#: MOST_OPEN: if a data set has more variants than this, all figures are folded. MOST_EVIDENCE: largest number of runs
#: in the list of evidence.
MOST_OPEN, MOST_EVIDENCE = 20, 50


def render(study_folder: Path | str, figures: Sequence[Mapping[str, Any]] | None = None) -> None:
    """Write report.html of a study from its plan, tables and figures. Data of a large page go into the folder MEDIA.

    Equal inputs and equal code give equal bytes. Files of an earlier page are overwritten, never deleted.

    Args:
        study_folder: folder with the tables and figures.
        figures: references of the figures to show; None for the figures of the plan.

    Raises:
        UserError: if a table or a figure is missing.
    """
    tables = read_tables(study_folder)

    def put(name: str, text: str) -> None:
        write_text(tables.folder / MEDIA / name, text)

    html = page(tables, tables.plan["figures"] if figures is None else figures, put)
    write_text(tables.folder / paths.REPORT, html)


def page(tables: Tables, figures: Sequence[Mapping[str, Any]], put: Put | None = None) -> str:
    """The page as text. `put` writes a file into MEDIA. Without `put`, a page of any size contains all its data."""
    style, script = (_joined(names) for names in (STYLES, SCRIPTS))
    ranked = ranked_cells(tables)
    listed = {cell.id for cells in ranked.values() for cell in cells}
    inline = _inline(chunks(tables, ranked, run_scores(tables, listed)), put)
    beside = bool(tables.cells) and not inline
    drawn = _figures(tables, figures)
    shown = [figure for figure in drawn if figure["name"] not in INTERACTIVE]
    few = max((len(cells) for cells in ranked.values()), default=0) <= MOST_OPEN
    (evidence, n_evidence), blocks = judged.evidence_rows(tables, MOST_EVIDENCE), matrix(tables)
    data = {**page_data(tables, ranked), "media": MEDIA if beside else None}
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            study=tables.plan["study"],
            description=tables.plan["description"],
            style=style,
            script=script,
            hashes={"style": _hash(style), "script": _hash(script)},
            licence=(TEMPLATES / "uplot" / "LICENSE").read_text(encoding="utf-8"),
            beside=beside,
            data=Markup(as_json(data)),  # noqa: S704
            inline=inline,
            positions={(cell.dataset, cell.id): i for i, cell in enumerate(tables.cells)},
            coverage=asked.coverage(tables),
            facts=asked.facts(tables),
            variants=asked.variants(tables),
            comparisons=[t for d in tables.datasets if (t := compared.compared(tables, d)) is not None],
            choices=choices(tables),
            searched=searched(tables),
            leaders=leaders(tables),
            any_judged=judged.any_judged(tables),
            evidence=evidence,
            n_evidence=n_evidence,
            failures=bool(evidence) or any(block["rows"] for block in blocks),
            matrix=blocks,
            drawn={figure["name"] for figure in drawn},
            main_figures=[figure for figure in shown if few and figure["name"] in MAIN],
            folded_figures=[figure for figure in shown if not (few and figure["name"] in MAIN)],
            explored=explored(tables),
            not_drawn=_not_drawn({figure["name"] for figure in drawn}),
            findings=findings(tables),
            methods=methods(tables, figures),
            n_listed=len(data["runs"]),
            reproduce=asked.reproduce(tables),
            data_remarks=[(d, text) for d in tables.datasets for text in tables.data_remarks.get(d, ())],
            caveats=asked.caveats(tables),
        )
    )


def _inline(parts: Iterable[tuple[str, Any]], put: Put | None) -> list[tuple[str, Markup]]:
    """(name, text) of the chunks inside the page.

    If the page would exceed ONE_FILE bytes, `put` writes all chunks to files, and the result is [].
    """
    held: list[tuple[str, Markup]] = []
    size = FIGURES_BUDGET
    for name, content in parts:
        held.append((name, Markup(as_json(content))))  # noqa: S704
        size += len(held[-1][1])
        if put is not None and size > ONE_FILE:
            for chunk, text in held:
                put(f"{chunk}.js", f'ganBench("{chunk}",{text});\n')
            held.clear()
    return held


def _joined(names: Sequence[str]) -> Markup:
    return Markup("\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names))  # noqa: S704


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plural"] = plural
    environment.filters["breakable"] = _breakable
    return environment


def _breakable(name: str) -> Markup:
    """HTML of a name in which a line may break after each underscore."""
    return Markup("_<wbr>").join(escape(part) for part in name.split("_"))


def _hash(text: str) -> str:
    """Hash by which the page's content security policy allows an inline style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")


def _figures(tables: Tables, refs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The drawn figures for the template. They are numbered 1, 2, ...; those in INTERACTIVE all have number 0."""
    files = [_figure_files(tables, ref) for ref in refs]
    limit = share([figure_size(*pair) for pair in files], FIGURES_BUDGET)
    cut, number = applies(tables), itertools.count(1)
    drawn = [_figure(ref, pair, limit, cut=cut) for ref, pair in zip(refs, files, strict=True)]
    return [{**figure, "number": 0 if figure["name"] in INTERACTIVE else next(number)} for figure in drawn]


def _not_drawn(drawn: set[str]) -> list[tuple[str, str, str]]:
    """(name, summary, reason) of the package's figures that are not on the page."""
    rows = []
    for figure in components("figures"):
        if figure.name not in drawn and figure.name not in INTERACTIVE:
            needs = ", ".join(figure.facts.get("when", ()))
            reason = f"It is drawn only if the study has: {needs}. " if needs else ""
            limit = "At most eight figures are drawn unless `figures` names more."
            rows.append((figure.name, figure.summary, f"{reason}{limit}"))
    return rows


def _figure_files(tables: Tables, ref: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """A drawn figure as SVG and as PNG."""
    files = [figure_file(tables.folder, ref, kind) for kind in ("svg", "png")]
    for file in files:
        if not file.is_file():
            raise UserError(f"{file}: no such file; draw the figure {figure_name(ref)!r} first.")
    svg, png = (file.read_bytes() for file in files)
    return svg, png


def _figure(ref: Mapping[str, Any], files: tuple[bytes, bytes], limit: int, *, cut: bool) -> dict[str, Any]:
    """A figure for the template.

    `limit`: largest size of the embedded picture in bytes. `cut`: whether the study has more variants than its figures
    draw.
    """
    declared = component("figures", ref["name"])
    return {
        "name": figure_name(ref),
        "summary": declared.summary,
        "file": quote(figure_name(ref)),
        "caption": " ".join(filter(None, (declared.facts.get("caption", ""), RULE if cut else ""))),
        "picture": figure_picture(*files, limit),
    }
