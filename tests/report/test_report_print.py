"""Figures for print have the chosen format and width. Their text is stored as text, not as outlines."""

import re

import pytest

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.errors import UserError
from gan_bench.report import style
from gan_bench.report.draw import draw_figure, figure_of
from gan_bench.report.tables_input import read_tables

STUDY = """\
datasets: [digits]
variants:
  - {model: mlp, loss: non_saturating, optimizer: adam}
seeds: 2
budget: {g_steps: 10}
"""


def figures_of(text: str) -> list[dict]:
    return expand(parse_study(STUDY + text, "mine")).figures


def test_keys_for_print_hold_for_the_default_figures_or_for_those_named():
    plain = {ref["name"] for ref in figures_of("")}
    refs = figures_of("figures: {format: [svg, pdf], width: column, font: 8}\n")
    assert {ref["name"] for ref in refs} == plain and "default" not in refs[0]
    assert all((ref["format"], ref["width"], ref["font"]) == (["svg", "pdf"], "column", 8) for ref in refs)
    (ref,) = figures_of("figures: {show: [cost], width: page}\n")
    assert ref["name"] == "cost" and ref["width"] == "page" and "format" not in ref
    with pytest.raises(UserError, match="unknown key 'wdith'; valid: font, format, show, width"):
        figures_of("figures: {wdith: page}\n")
    with pytest.raises(UserError, match="width"):
        figures_of("figures: {width: poster}\n")


def test_a_printed_figure_has_text_of_its_size(studies, tmp_path):
    tables = read_tables(studies("fates"))
    for width, inches in style.PRINT_WIDTH.items():
        with style.applied(text=True), style.printed(width, 8):
            figure = figure_of(tables, {"name": "loss_curves"})
        # Scaled to the print width, the smallest text (style.TEXT) is at least 8 points high. Figures of the least
        # width, 4 inches, are an exception.
        assert figure.get_size_inches()[0] * 8 <= max(inches * style.TEXT, 4.0 * 8) + 1e-6
    (tmp_path / "figures").mkdir()
    (tmp_path / "tables").symlink_to(studies("fates") / "tables")
    (tmp_path / "plan.json").symlink_to(studies("fates") / "plan.json")
    draw_figure(tmp_path, {"name": "metric_by_variant", "format": ["pdf"], "width": "column", "font": 8})
    svg = (tmp_path / "figures/metric_by_variant.svg").read_text()
    assert re.search(r"<text [^>]*>DCGAN</text>", svg)
    assert (tmp_path / "figures/metric_by_variant.pdf").read_bytes().startswith(b"%PDF")
