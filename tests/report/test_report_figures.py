"""Every figure of the registry fulfils the contract and can draw studies of different sizes and outcomes."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from covering import covering
from kinds import KINDS
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import write_json
from gan_bench.registry import component, load, names
from gan_bench.report import style
from gan_bench.report.draw import draw_figure, figure_file, figure_of
from gan_bench.report.tables_input import NEEDS, WANTS, read_tables

FIGURES = names("figures")
Studies = Callable[[str], Path]


def drawn(study: Path, name: str, **settings: object) -> Figure:
    with style.applied():
        figure = figure_of(read_tables(study), {"name": name, **settings})
        figure.canvas.draw()
    return figure


def _texts(figure: Figure) -> Iterator[Text]:
    """All texts in a figure, except tick labels outside the axis, because they are not drawn."""
    yield from figure.texts
    for legend in figure.legends:
        yield from legend.get_texts()
    for ax in figure.axes:
        yield from ax.texts
        yield from (ax.xaxis.label, ax.yaxis.label)
        yield from _ticks(ax)


def _ticks(ax: Axes) -> Iterator[Text]:
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_visible() and ax.axison:
            low, high = sorted(axis.get_view_interval())
            for tick in axis.get_major_ticks():
                if low <= tick.get_loc() <= high:
                    yield from (text for text in (tick.label1, tick.label2) if text.get_visible())


def _boxes(figure: Figure) -> tuple[list[str], np.ndarray]:
    """Texts, and their boxes (n, 4) = x0, y0, x1, y1 in pixels."""
    shown = [text for text in _texts(figure) if text.get_text().strip() and text.get_visible()]
    return [t.get_text() for t in shown], np.array([t.get_window_extent().extents for t in shown])


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_declares_itself(name):
    found = component("figures", name)
    assert found.summary and found.paper
    assert {"caption", "category", "needs", "deviations"} <= found.facts.keys()
    assert set(found.facts["needs"]) <= NEEDS.keys() and set(found.facts.get("wants", ())) <= WANTS.keys()
    assert found.settings["dpi"].type == "int"
    assert all(setting.help and not setting.required for setting in found.settings.values())
    assert load("figures", name).draw.__doc__


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_needs_the_tables_that_it_names_and_no_others(studies, tmp_path, name):
    full = studies("fates")
    (tmp_path / "tables").mkdir()
    shutil.copy(full / paths.PLAN, tmp_path)
    # Only the tables that the figure needs are copied. If one of them is missing, the error names it.
    for need in component("figures", name).facts["needs"]:
        shutil.copy(full / NEEDS[need], tmp_path / NEEDS[need])
    draw_figure(tmp_path, {"name": name})
    for need in component("figures", name).facts["needs"]:
        (tmp_path / NEEDS[need]).rename(tmp_path / "kept")
        with pytest.raises(UserError, match=NEEDS[need]):
            draw_figure(tmp_path, {"name": name})
        (tmp_path / "kept").rename(tmp_path / NEEDS[need])


@covering("name,kind", FIGURES, list(KINDS))
def test_nothing_written_is_cut_or_overlaps(studies, name, kind):
    figure = drawn(studies(kind), name)
    words, boxes = _boxes(figure)
    assert words
    width, height = figure.bbox.size
    inside = (boxes[:, :2] >= -0.5).all(axis=1) & (boxes[:, 2] <= width + 0.5) & (boxes[:, 3] <= height + 0.5)
    assert [word for word, fits in zip(words, inside, strict=True) if not fits] == []
    # An overlap of one pixel can be rounding; a larger overlap is an error.
    x0, y0, x1, y1 = boxes.T
    meet = (np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0) > 1) & (
        np.minimum(y1[:, None], y1) - np.maximum(y0[:, None], y0) > 1
    )
    pairs = np.argwhere(np.triu(meet, 1))
    assert [(words[i], words[j]) for i, j in pairs] == []


WANTING = [name for name in FIGURES if set(component("figures", name).facts.get("wants", ())) - {"benchmarks"}]


@pytest.mark.parametrize("name", WANTING)
@pytest.mark.parametrize("left", ["nothing", "a header"])
def test_a_table_that_is_absent_or_empty_is_said_in_words(studies, tmp_path, name, left):
    shutil.copytree(studies("tiny"), tmp_path / "study", ignore=shutil.ignore_patterns("runs"))
    for want in component("figures", name).facts["wants"]:
        file = tmp_path / "study" / WANTS[want]
        # A study without a search has no tables of a search.
        header = file.read_text().splitlines()[0] if file.exists() else "variant"
        file.unlink(missing_ok=True)
        if left == "a header":
            file.write_text(header + "\n")
    figure = drawn(tmp_path / "study", name)
    assert len(figure.axes) == 1
    words = " ".join(text.get_text() for text in _texts(figure)).strip()
    assert words.endswith(".") and len(words) > 30


@pytest.mark.parametrize("name", FIGURES)
def test_an_empty_plan_gives_a_sentence(studies, tmp_path, name):
    shutil.copytree(studies("tiny"), tmp_path / "study")
    file = tmp_path / "study" / paths.PLAN
    plan = read_tables(tmp_path / "study").plan
    write_json(file, {**plan, "cells": []})
    assert "The plan" in " ".join(text.get_text() for text in _texts(drawn(tmp_path / "study", name)))


@pytest.mark.parametrize("name", FIGURES)
def test_equal_tables_give_equal_bytes(studies, tmp_path, name):
    shutil.copytree(studies("fates"), tmp_path / "study")
    study = tmp_path / "study"
    files = [figure_file(study, {"name": name}, kind) for kind in ("svg", "png")]
    draw_figure(study, {"name": name})
    first = [file.read_bytes() for file in files]
    with matplotlib.rc_context({"font.size": 20, "axes.grid": False, "svg.fonttype": "none", "savefig.dpi": 30}):
        draw_figure(study, {"name": name})
    assert [file.read_bytes() for file in files] == first
    assert b"<dc:date>" not in first[0] and b"matplotlib.org" not in first[0].split(b"<defs>")[0]
    with Image.open(files[1]) as image:
        assert set(image.info) == {"dpi"}


def test_a_users_figure_is_one_file(studies, tmp_path):
    shutil.copytree(studies("tiny"), tmp_path / "study")
    file = tmp_path / "mine.py"
    file.write_text(
        '"""One dot."""\nfrom gan_bench.report import style\n'
        'FACTS = {"paper": "", "caption": "", "category": "", "needs": [], "settings": {"x": {"type": "float", '
        '"default": 0.5}}, "deviations": []}\n'
        "def draw(tables, settings):\n    figure = style.new_figure(2, 2)\n"
        "    figure.add_subplot().plot([settings['x']], [len(tables.cells)], 'o')\n    return figure\n"
    )
    draw_figure(tmp_path / "study", {"name": str(file), "digest": "of the file", "x": 0.25})
    assert {p.name for p in (tmp_path / "study" / "figures").iterdir()} == {"mine.svg", "mine.png"}


def test_a_mistake_is_a_sentence(studies):
    with pytest.raises(UserError, match="did you mean 'loss_curves'"):
        draw_figure(studies("tiny"), {"name": "loss_curve"})
    with pytest.raises(UserError, match=r"unknown setting 'dip'; valid: .*dpi"):
        draw_figure(studies("tiny"), {"name": "sample_wall", "dip": 3})
    with pytest.raises(UserError, match=r"plan\.json: no such file"):
        draw_figure(studies("tiny") / "nowhere", {"name": "sample_wall"})


def test_dpi_sets_the_pixels(studies, tmp_path):
    shutil.copytree(studies("tiny"), tmp_path / "study")
    ref = {"name": "status_matrix"}
    sizes = []
    for dpi in (60, 120):
        draw_figure(tmp_path / "study", {**ref, "dpi": dpi})
        with Image.open(figure_file(tmp_path / "study", ref, "png")) as image:
            sizes.append(np.array(image.size))
    assert np.abs(2 * sizes[0] - sizes[1]).max() <= 1


def test_drawing_needs_no_torch():
    code = (
        "import sys, gan_bench.report.draw, gan_bench.report.page, gan_bench.report.redraw\n"
        "from gan_bench.registry import load, names\n"
        "for name in names('figures'): load('figures', name)\nprint('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
