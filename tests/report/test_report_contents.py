"""The built-in figures show the content of the tables."""

import math

import numpy as np
import pytest
from kinds import ODD
from matplotlib.figure import Figure

from gan_bench.registry import load
from gan_bench.report import style
from gan_bench.report.draw import resolved_settings
from gan_bench.report.figures import _grid
from gan_bench.report.figures._axes import points, score_limits, use_log
from gan_bench.report.figures._scores import ScorePanel
from gan_bench.report.tables_input import Tables, read_tables
from gan_bench.stats.write.table_files import read_csv


@pytest.fixture
def tables(studies) -> Tables:
    return read_tables(studies("fates"))


def drawn(tables: Tables, name: str, **settings: object) -> Figure:
    with style.applied():
        return load("figures", name).draw(tables, resolved_settings({"name": name, **settings}))


def _words(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_loss_curves_has_a_panel_per_cell_with_all_its_seeds(tables):
    figure = drawn(tables, "loss_curves")
    assert len(figure.axes) == len(tables.cells) == 6
    histories = tables.histories_of(tables.cells, ["step", "d_loss", "g_loss"])
    for cell, ax in zip(tables.cells, figure.axes, strict=True):
        history = histories[cell]
        curves = [line for line in ax.lines if len(line.get_xdata()) > 2]
        # The curves of the seeds come first. Then each player has one thick line with the mean over seeds.
        assert len(curves) == 2 * (history["seed"].nunique() + 1)
        for i, (_, run) in enumerate(history.groupby("seed")):
            for line, column in zip(curves[2 * i : 2 * i + 2], ("d_loss", "g_loss"), strict=True):
                np.testing.assert_array_equal(line.get_ydata(), run[column])
                np.testing.assert_array_equal(line.get_xdata(), run["step"])


def test_a_diverged_run_is_marked_at_its_step_and_the_verdicts_are_counted(tables):
    ax = drawn(tables, "loss_curves").axes[2]
    crosses = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "X"]
    assert crosses == [100, 100]
    assert "WGAN-GP" in _words(ax) and "n=3: 2 diverged, 1 no sign found" in [w.replace("\n", " ") for w in _words(ax)]


def test_a_value_outside_the_axis_is_reported(tables):
    tables.histories.loc[tables.histories.index[3], "g_loss"] = 1e5
    ax = drawn(tables, "loss_curves").axes[0]
    assert ax.get_ylim()[1] < 5 and "\N{UPWARDS ARROW} 100k" in _words(ax)
    ax = drawn(tables, "loss_curves", cut=0).axes[0]
    assert ax.get_ylim()[1] > 1e5


def test_scores_are_those_of_the_tables(tables):
    figure = drawn(tables, "metric_by_variant", metrics=0)
    assert len(figure.axes) == 6
    comparison = read_csv(tables.folder / "tables" / "comparison.csv")
    own = comparison[(comparison["dataset"] == "digits") & (comparison["metric"] == "frechet")].set_index("variant")
    ax = figure.axes[0]
    order = [label.get_text() for label in ax.get_yticklabels()]
    assert order == ["DCGAN", "LSGAN", "WGAN-GP"]
    means = {round(line.get_ydata()[0] - 0.16): line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"}
    assert means == {i: own.loc[name, "centre"] for i, name in enumerate(order)}
    assert [sorted(c.get_offsets()[:, 0]) for c in ax.collections] == [[10, 12], [22], [31]]
    assert [line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1 and len(line.get_xdata()) == 2]
    assert {"n=2", "n=1", "\N{EN DASH}1", "\N{EN DASH}2", "×2"} <= set(_words(ax))


def test_the_floor_is_a_line_at_its_value(tables):
    ax = drawn(tables, "metric_by_variant", metrics=0).axes[1]
    floor = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "--"]
    assert floor == [0.97]


def test_a_data_set_where_all_runs_of_a_variant_diverged_says_n_0(tables):
    ax = drawn(tables, "metric_by_variant", metrics=0).axes[3]
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == "WGAN-GP"
    assert {"n=0", "×3"} <= set(_words(ax))


def _scores(seeds, intervals, bounds=(-math.inf, math.inf), floor=()) -> ScorePanel:
    n = len(seeds)
    top, none = [True] * n, [0] * n
    return ScorePanel("d", "m", "p", ["v"] * n, seeds, [None] * n, intervals, top, none, none, list(floor), bounds, n)


def test_the_axis_holds_all_values_and_cuts_a_huge_interval():
    scores = _scores([[1.0, 3.0]], [(-100.0, 104.0)], floor=[0.5])
    low, high = score_limits(points(scores), scores, log=False)
    # The range of the values is 2.5 wide. Half of this width, 1.25, is added on either side, and a margin of 6 %, 0.15.
    assert (low, high) == (pytest.approx(0.5 - 1.25 - 0.15), pytest.approx(3 + 1.25 + 0.15))


def test_the_axis_ends_where_the_metric_does():
    scores = _scores([[0.9, 1.0]], [(0.3, 1.6)], bounds=(0.0, 1.0))
    low, high = score_limits(points(scores), scores, log=False)
    assert high == pytest.approx(1.006) and low == pytest.approx(0.85 - 0.006)


def test_one_value_has_an_axis_too():
    scores = _scores([[2.0]], [None])
    low, high = score_limits(points(scores), scores, log=False)
    assert low < 2.0 < high


def test_the_axis_is_logarithmic_only_where_it_can_and_should_be():
    assert use_log([1.0, 51.0], "auto") and not use_log([1.0, 49.0], "auto")
    assert not use_log([0.0, 51.0], "auto") and not use_log([0.0, 1.0], "log")
    assert use_log([1.0, 2.0], "log") and not use_log([1.0, 1e6], "linear")


def test_the_matrix_has_a_tile_for_each_asked_run(tables):
    figure = drawn(tables, "status_matrix")
    blocks = [ax for ax in figure.axes if "n ok" in _words(ax)]
    assert [len(ax.patches) for ax in blocks] == [9, 9]
    cross = style.STATUS["diverged"].sign
    signs = [text.get_text() for text in blocks[0].texts if len(text.get_text()) == 1]
    # One run of DCGAN timed out. One run of LSGAN failed and one is missing. Two runs of WGAN-GP diverged.
    assert [s for s in signs if s in f"T!–{cross}"] == ["T", "!", "–", cross, cross]
    assert [w for w in _words(blocks[0]) if "/" in w] == ["2/3", "1/3", "1/3"]
    keys = _words(figure.axes[-1])
    assert {"diverged", "failed", "missing", "timeout", "ok, no sign found"} <= set(keys)


def test_odd_labels_are_shown_as_they_are(studies):
    titles = [_words(ax)[1] for ax in drawn(read_tables(studies("odd")), "loss_curves").axes]
    assert titles[0].replace("\n", " ") == ODD[0]
    assert titles[1] == ODD[1]
    assert titles[2] == "\N{WHITE SQUARE}\N{WHITE SQUARE} α · größer 2"
    assert "\N{HORIZONTAL ELLIPSIS}" in titles[3] and titles[3].count("\n") == 2


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1500, "1.5k"), (2e6, "2M"), (0.25, "0.25"), (-3, "−3"), (1e-4, "1e−4"), (2e9, "2e9"), (61900, "61.9k")],
)
def test_numbers_of_ticks_are_short(value, text):
    assert _grid.compact(value) == text
