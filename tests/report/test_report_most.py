"""If a study has more variants than figures can show, all figures draw the same number of variants and say so."""

import pytest
from kinds import FIGURES

from gan_bench.registry import load
from gan_bench.report.draw import resolved_settings
from gan_bench.report.figures import _most
from gan_bench.report.page import page
from gan_bench.report.tables_input import read_tables

#: Figures that show each variant -> whether the first or the best variants are drawn if there are too many.
EACH = {
    **dict.fromkeys(("collapse_rate", "cost", "interpolation", "loss_curves", "mode_histogram", "neighbours"), "first"),
    **dict.fromkeys(("status_matrix",), "first"),
    **dict.fromkeys(("critical_difference", "metric_by_variant", "metric_over_training"), "best"),
}
NAMES = {ref["name"] for ref in FIGURES}
LABELS = ("DCGAN", "LSGAN", "WGAN-GP")


def _drawn(study, name):
    return load("figures", name).draw(read_tables(study), resolved_settings({"name": name}))


def _words(figure):
    texts = [*figure.texts, *(text for ax in figure.axes for text in ax.texts)]
    ticks = [label for ax in figure.axes for label in ax.get_yticklabels()]
    return [text.get_text() for text in (*texts, *ticks)]


@pytest.fixture
def two(monkeypatch):
    monkeypatch.setattr(_most, "MOST", 2)


@pytest.mark.parametrize("name", sorted(EACH))
def test_a_figure_of_each_variant_draws_some_and_says_how_many(studies, two, name):
    words = _words(_drawn(studies("fates"), name))
    assert any(text.endswith(f"the {EACH[name]} 2 of 3 variants") for text in words)
    shown = {label for label in LABELS if any(text.split("  ")[0].strip() == label for text in words)}
    # The best variants differ between data sets and metrics.
    assert EACH[name] == "best" or shown == {"DCGAN", "LSGAN"}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_figure_is_drawn_of_more_variants_than_it_shows(studies, two, name):
    assert _drawn(studies("sweep"), name).axes


def test_the_best_are_those_of_the_first_metric(studies, two):
    figure = _drawn(studies("sweep"), "metric_by_variant")
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    table = read_tables(studies("sweep")).comparison
    first = table[(table["kind"] == "variant") & (table["metric"] == table["metric"].iloc[0])]
    assert first["direction"].iloc[0] == "lower"
    assert names == first.sort_values("mean", kind="stable")["variant"].head(2).tolist()


def test_the_key_counts_the_runs_that_are_not_drawn(studies, two):
    words = _words(_drawn(studies("fates"), "status_matrix"))
    counts = [int(text.split(": ")[1].split()[0]) for text in words if text.endswith("of all runs")]
    assert sum(counts) == 18


def test_captions_state_the_rule_where_it_applies(studies, monkeypatch):
    study = studies("fates")
    figures = [{"name": "metric_by_variant"}]
    drawn = study / "figures"
    drawn.mkdir(exist_ok=True)
    from gan_bench.report.draw import draw_figure

    draw_figure(study, figures[0])
    assert _most.RULE not in page(read_tables(study), figures)
    monkeypatch.setattr(_most, "MOST", 2)
    assert _most.RULE in page(read_tables(study), figures)
