"""Figures of comparisons, costs and samples show the content of their tables."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from scipy.stats import gmean

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.registry import components, load
from gan_bench.report import style
from gan_bench.report.draw import resolved_settings
from gan_bench.report.figures._legend import TOLD_APART, key, looks
from gan_bench.report.figures.cost import _timed, _words
from gan_bench.report.figures.loss_by_optimizer import _goodness, _strata
from gan_bench.report.figures.sweep import sweeps
from gan_bench.report.tables_input import PlannedCell, Tables, read_tables


@pytest.fixture
def tables(studies) -> Tables:
    return read_tables(studies("fates"))


def drawn(tables: Tables, name: str, **settings: object) -> Figure:
    with style.applied():
        return load("figures", name).draw(tables, resolved_settings({"name": name, **settings}))


def panels(figure: Figure) -> list:
    return [ax for ax in figure.axes if ax.axison]


def words(ax) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_a_square_is_the_median_of_its_runs(tables):
    figure = drawn(tables, "loss_by_optimizer")
    runs = tables.runs[(tables.runs["dataset"] == "digits") & (tables.runs["metric"] == "frechet")]
    ok = runs[runs["status"] == "ok"]
    ax = panels(figure)[0]
    # The third loss is missing: its only cell has a model with other settings.
    assert [t.get_text() for t in ax.get_yticklabels()] == ["non_saturating", "least_squares"]
    first = ok[(ok["loss"] == "non_saturating") & (ok["g_optimizer"] == "adam")]["value"]
    assert f"{first.median():.3g}\nn={len(first)}" in words(ax)


@pytest.mark.parametrize("name", ["fates", "sweep"])
def test_no_square_mixes_models_or_learning_rates(studies, name):
    """If models were pooled, the optimizer used with the better model would look better (Simpson's paradox)."""
    tables = read_tables(studies(name))
    parts = [part for dataset in tables.datasets for part in _strata(tables, dataset, tables.runs)]
    assert parts
    for part in parts:
        assert part["model"].nunique() == 1
        assert (part.groupby(["row", "column"])["cell"].nunique() == 1).all()


def test_better_is_darker_whichever_way_a_metric_goes():
    values = np.array([[1.0, 2.0], [np.nan, 5.0]])
    np.testing.assert_array_equal(_goodness(values, "lower"), [[1, 0.5], [np.nan, 0]])
    np.testing.assert_array_equal(_goodness(values, "higher"), [[0, 0.5], [np.nan, 1]])
    np.testing.assert_array_equal(_goodness(np.array([[0.4, 0.9]]), "half"), [[1, 0]])
    np.testing.assert_array_equal(_goodness(np.array([[3.0, 3.0]]), "lower"), [[0.5, 0.5]])


def test_curves_are_means_over_seeds(tables):
    figure = drawn(tables, "metric_over_training")
    curves = tables.curves[(tables.curves["dataset"] == "digits") & (tables.curves["metric"] == "frechet")]
    # As in the table, the means over seeds are geometric.
    means = curves[curves["variant"] == "DCGAN"].groupby("step")["value"].agg(gmean)
    lines = [line for line in panels(figure)[0].lines if line.get_marker() == "o"]
    (line,) = lines
    np.testing.assert_array_equal(line.get_xdata(), means.index)
    np.testing.assert_allclose(line.get_ydata(), means)


def test_mean_ranks_stand_at_their_place(tables):
    figure = drawn(tables, "critical_difference", axis=4.0)
    ranks = tables.wanted("ranks")
    first = ranks[
        (ranks["failures"] == "last") & (ranks["dataset"] == "all data sets") & (ranks["metric"] == "frechet")
    ]
    ax = figure.axes[0]
    dots = sorted(float(line.get_xdata()[0]) for line in ax.lines if line.get_marker() == "o")
    ticks = {t.get_text(): t.get_position()[0] for t in ax.texts if t.get_text().isdigit()}
    unit = (ticks["3"] - ticks["1"]) / 2
    np.testing.assert_allclose(dots, sorted(ticks["1"] + (first["mean_rank"] - 1) * unit))
    # A group of variants that do not differ is one bar, from the best to the worst mean rank of the group.
    tests = tables.wanted("friedman")
    groups = json.loads(tests[(tests["failures"] == "last") & (tests["dataset"] == "all data sets")]["cliques"].iloc[0])
    bars = [line for line in ax.lines if line.get_linewidth() == 2.4]
    assert len(bars) == len(groups)
    rank = first.set_index("variant")["mean_rank"]
    widths = sorted(np.ptp(line.get_xdata()) - 0.06 for line in bars)
    np.testing.assert_allclose(widths, sorted(np.ptp(rank[group]) * unit for group in groups), atol=1e-9)


def test_a_rate_is_counted_and_has_its_interval(tables):
    figure = drawn(tables, "collapse_rate")
    table = tables.wanted("failures")
    own = table[table["dataset"] == "faces"].reset_index()
    ax = panels(figure)[3]
    marks = [(line.get_xdata()[0], line.get_ydata()[0]) for line in ax.lines if line.get_marker() == "s"]
    assert marks == [(row["diverged_rate"], i) for i, row in own.iterrows()]
    assert [w for w in words(ax) if "/" in w] == ["0/3", "0/3", "3/3"]


def test_shares_of_the_variance_are_bars(tables):
    figure = drawn(tables, "variance")
    ax = panels(figure)[0]
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert names == ["loss", "model", "loss x model", "seeds (residual)"]
    assert [bar.get_width() for bar in ax.patches] == [0.5, 0.25, 0.1, 0.15]
    assert any("8 of 9 runs, 4 of 5 cells" in " ".join(w.split()) for over in figure.axes for w in words(over))


def test_a_correlation_stands_in_its_square(tables):
    table = tables.wanted("agreement")
    ax = next(ax for ax in drawn(tables, "metric_agreement").axes if len(ax.texts) == 9)
    rows = table[table["dataset"] == "all data sets"]
    shown = [float(w.replace("\N{MINUS SIGN}", "-")) for w in words(ax) if w]
    assert sorted(shown) == sorted(round(tau, 2) for tau in rows["kendall"])


def test_modes_are_shares_of_all_samples(studies):
    tables = read_tables(studies("tiny"))
    modes = tables.modes(tables.cells[0], 0)
    ax = panels(drawn(tables, "mode_histogram"))[0]
    shares = [bar.get_height() for bar in ax.patches if hasattr(bar, "get_height")]
    np.testing.assert_allclose(shares, np.sort(modes["samples"])[::-1] / sum(modes["samples"]))
    assert "n=1; 1 of 10 classes not reached" in [w.replace("\n", " ") for w in words(ax)]


@pytest.mark.parametrize(("name", "column"), [("interpolation", "interpolation_png"), ("neighbours", "neighbours_png")])
def test_stored_pictures_are_shown_as_they_are(tables, name, column):
    figure = drawn(tables, name)
    shown = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    content = tables.picture(tables.cells[0], 0, column)
    with Image.open(io.BytesIO(content)) as image:
        np.testing.assert_array_equal(shown[0], np.asarray(image.convert("RGB")))
    assert sum("no picture" in w for ax in figure.axes for w in words(ax)) >= 1


def test_a_wall_has_a_tile_for_every_run(tables):
    figure = drawn(tables, "sample_wall")
    assert len(figure.axes) == 18
    ok = sum(card["status"] == "ok" for card in tables.cards.values())
    assert sum(bool(ax.images) for ax in figure.axes) == ok
    assert "diverged" in [w for ax in figure.axes for w in words(ax)]


def test_costs_are_those_of_the_runs(tables):
    ax = panels(drawn(tables, "cost"))[0]
    dots = [list(line.get_xdata()) for line in ax.lines if line.get_marker() == "o"]
    assert dots[0] == [1.5] * 3 and "1.5 (n=3)" in words(ax)
    memory = panels(drawn(tables, "cost"))[4]
    assert [line.get_xdata()[0] for line in memory.lines if line.get_marker() == "o"] == [512.5] * 3


def test_runs_that_share_a_stack_are_one_measurement():
    stacked = [{"seconds": 2.1, "stacked": 3}] * 3
    assert _words(_timed(stacked, "seconds")) == "2.1 (1 stack of 3 runs)"
    alone = [{"seconds": 6.0, "stacked": 1}, {"seconds": 8.0, "stacked": 1}, {"seconds": 7.0}]
    assert _words(_timed(alone, "seconds")) == "7 [6, 8] (n=3)"
    assert _timed([*stacked, *alone], "seconds").n == "n=3, 1 stack of 3 runs" and _words(_timed([], "seconds")) == "–"


def test_a_sweep_is_drawn_against_what_is_swept(studies):
    tables = read_tables(studies("sweep"))
    (sweep,) = sweeps(tables.cells)
    assert sweep.label == "learning rate of G"
    assert [(line.name, [x for x, _ in line.points]) for line in sweep.lines] == [
        ("mlp", [1e-4, 1e-3, 1e-2]),
        ("dcgan", [1e-4, 1e-3, 1e-2]),
    ]
    ax = panels(drawn(tables, "sweep"))[0]
    runs = tables.runs[(tables.runs["metric"] == "frechet") & (tables.runs["status"] == "ok")]
    medians = runs[runs["variant"] == "dcgan · lr=0.001"]["value"].median()
    line = next(line for line in ax.lines if line.get_marker() == "s")
    assert dict(zip(line.get_xdata(), line.get_ydata(), strict=True))[1e-3] == medians
    assert next(list(line.get_xdata()) for line in ax.lines if line.get_marker() == "x") == [1e-2]


def _cell(**settings: object) -> PlannedCell:
    base = {"g_optimizer": {"name": "adam", "lr": 1e-4}, "d_optimizer": {"name": "adam", "lr": 2e-4}, "loss": "a"}
    return PlannedCell("d", str(settings), f"v · {settings}", (0,), {**base, "budget": {"g_steps": 10}, **settings})


def test_what_a_sweep_is():
    tied = _cell(g_optimizer={"name": "adam", "lr": 1e-3}, d_optimizer={"name": "adam", "lr": 2e-3})
    free = _cell(g_optimizer={"name": "adam", "lr": 1e-3})
    long = _cell(budget={"g_steps": 20})
    other = _cell(budget={"g_steps": 20}, loss="b")
    assert [s.label for s in sweeps([_cell(), tied])] == ["learning rate of G"]
    assert [s.label for s in sweeps([_cell(), free])] == ["learning rate of G"]
    assert [s.label for s in sweeps([_cell(), long])] == ["budget, generator steps"]
    assert sweeps([_cell(), other]) == [] and sweeps([tied, free]) == []
    assert sweeps([_cell(g_optimizer=None, d_optimizer=None, budget=None)]) == []


def test_more_lines_than_looks_are_grey_and_counted():
    names = [f"v{i}" for i in range(TOLD_APART + 3)]
    found = looks(names)
    told = {(look["color"], str(look["linestyle"]), look["marker"]) for look in found[:TOLD_APART]}
    assert len({dash for _, dash, _ in told}) == len({mark for _, _, mark in told}) == TOLD_APART
    assert all(look == found[-1] for look in found[TOLD_APART:])
    assert [words for words, _ in key(names)][-1] == "3 others" and len(key(names[:2])) == 2


STUDY = """\
datasets: [digits]
variants:
  - {model: mlp, loss: non_saturating, optimizer: adam}
seeds: 1
budget: {g_steps: 10}
"""
#: Change of the study's text -> the default figures that this change adds.
GAINS = {
    "budget: {g_steps: 10} -> budget: {g_steps: 10}\ncheckpoints: 2": {"metric_over_training"},
    "optimizer: adam -> optimizer: [{name: adam, lr: 0.1}, {name: adam, lr: 0.2}]": {"sweep"},
}


def figures_of(text: str) -> set[str]:
    return {ref["name"] for ref in expand(parse_study(text, "mine")).figures}


@pytest.mark.parametrize("change", GAINS)
def test_a_study_draws_what_it_has_something_to_show_of(change):
    old, new = change.split(" -> ")
    assert old in STUDY
    plain, more = figures_of(STUDY), figures_of(STUDY.replace(old, new))
    assert {"loss_curves", "metric_by_variant", "sample_wall", "cost"} <= plain
    assert len(plain) <= 8 and len(more) <= 8
    assert GAINS[change] <= more - plain


def test_what_a_figure_asks_of_a_study_is_known():
    from gan_bench.config.plan.grid import CONDITIONS

    asked = {name for one in components("figures") for name in one.facts.get("when", ())}
    assert asked <= CONDITIONS.keys() and CONDITIONS.keys() <= asked
    assert figures_of(STUDY + "figures: [sweep]\n") == {"sweep"}


def test_a_table_of_runs_alone_needs_no_statistics(tables, tmp_path):
    assert isinstance(Tables(tmp_path).wanted("ranks"), pd.DataFrame) and Tables(tmp_path).wanted("ranks").empty
