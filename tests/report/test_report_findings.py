"""The sentences, the table of runs and the description of methods on the page claim no more than the tables show."""

import shutil
from types import SimpleNamespace

import pandas as pd
import pytest
from kinds import EVIL, ODD

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import read_json, write_json
from gan_bench.provenance import stage_digest, train_digest, train_parts
from gan_bench.report.chunks import POINTS, _thin
from gan_bench.report.coverage import is_stale, matrix
from gan_bench.report.findings import findings
from gan_bench.report.judged import chance
from gan_bench.report.leaders import Difference, Leader, _difference, _disagreements, _explained, _needed, leaders
from gan_bench.report.methods import methods
from gan_bench.report.page import page, render
from gan_bench.report.tables_input import read_tables, records
from gan_bench.stats.tables.power import power_report
from gan_bench.stats.tables.write_tables import write_tables
from gan_bench.stats.write.markdown import estimate
from gan_bench.stats.write.table_files import read_csv, write_csv


def cards(studies, kind: str) -> list[Leader]:
    return leaders(read_tables(studies(kind)))


def test_the_sentences_say_what_was_asked_and_what_came_of_it(studies):
    planned, outcome, *_ = findings(read_tables(studies("fates")))
    assert (
        planned == "Planned: 18 runs of 3 variants on digits, faces, scored by 3 metrics. Brackets hold 95 % intervals."
    )
    assert outcome.startswith("10 of 18 finished (5 diverged, 1 failed, 1 out of time, 1 missing); ")
    # On digits, DCGAN has the values 10 and 12, and the other variants have one seed each. On faces, DCGAN has 15, 16,
    # 17, and LSGAN has 25, 26, 27.
    digits, faces = cards(studies, "fates")
    assert digits.sentence.startswith("DCGAN has the lowest mean Fréchet distance") and "(n=2 of 3)" in digits.sentence
    assert digits.sentence.endswith("below three seeds no winner is named.") and digits.evidence == "none"
    assert faces.sentence.endswith("; it is better than the other.") and faces.evidence == "strong"
    assert faces.runner_up == "LSGAN" and faces.difference.value == "1.63 times"
    assert faces.difference.interval.startswith("[1.")
    assert faces.budget.startswith("the same for all: 400 generator steps") and faces.seeds == "3 per variant"
    assert faces.rows[0][2:] == ("worse", "")


def _pair(difference: float, low: float, high: float, needed: int, scale: str = "log") -> dict:
    ends = {"difference": difference, "difference_low": low, "difference_high": high, "seeds_needed": needed}
    return {**ends, "scale": scale, "n_a": 3, "n_b": 3}


@pytest.mark.parametrize(
    ("row", "value", "interval", "needed"),
    [
        (_pair(-0.24, -0.97, 0.5, 11), "1.27 times", "[0.61, 2.64]", "about 11"),
        (_pair(0.0, -6.0, 5.6, 3), "1.00 times", "[under 0.01, over 100]", "more than 3"),
        (_pair(-3.0, -3.5, -2.5, 3), "20 times", "[12, 33]", "more than 3"),
        (_pair(-12.5, -420.0, 395.0, 4000, "identity"), "12", "[−395, 420]", "about 4,000"),
    ],
)
def test_a_difference_is_printed_in_plain_digits_with_more_seeds_than_there_are(row, value, interval, needed):
    assert _difference(row, flip=False) == Difference(value, interval)
    assert _needed(row) == needed


def test_a_metric_on_which_several_variants_are_best_has_no_leader():
    rows = [("frechet", "a", 1.0), ("frechet", "b", 2.0), ("classes", "a", 10.0), ("classes", "b", 10.0)]
    table = pd.DataFrame(rows, columns=["metric", "cell", "centre"])
    table = table.assign(kind="variant", variant=table["cell"], label=table["metric"], direction="lower")
    tables = SimpleNamespace(short_label=str, wanted=lambda name: pd.DataFrame())
    assert _disagreements(tables, "digits", table) == ["a is the best by every metric on which the variants differ."]


@pytest.mark.parametrize("n_cells", [3, 2])
def test_the_card_says_what_decides_the_score_if_the_balanced_part_is_most_of_the_grid(n_cells):
    rows = [("loss", "axis", 0.2), ("optimizer", "axis", 0.7), ("seeds (residual)", "residual", 0.1)]
    table = pd.DataFrame(rows, columns=["axis", "kind", "eta_sq"])
    table = table.assign(dataset="digits", metric="frechet", response="values", n_runs=9, n_cells=n_cells)
    tables = SimpleNamespace(wanted=lambda name: table, cells_of=lambda dataset: [None] * 4)
    text = _explained(tables, {"dataset": "digits", "metric": "frechet"})
    assert text.startswith("optimizer 70 %, loss 20 %, seeds (residual) 10 % of the variance") == (n_cells == 3)
    assert "(9 runs of 3 variants, the largest complete part of the grid). An optimizer counts" in text or text == ""


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("missing", "No finished run has a score."),
        ("diverged", "No finished run has a score."),
        ("tiny", "and is the only variant with a score"),
        ("large", "(n=1); below three seeds no winner is named"),
    ],
)
def test_where_nothing_can_be_compared_it_says_so(studies, kind, words):
    (card,) = cards(studies, kind)
    assert words in card.sentence and card.evidence == "none"


def test_what_overlaps_is_counted_with_the_seeds_that_would_settle_it(studies, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(studies("fates"), folder, ignore=shutil.ignore_patterns("runs"))
    runs = read_csv(folder / "tables/runs.csv")
    close = (runs["dataset"] == "faces") & (runs["metric"] == "frechet") & (runs["variant"] == "LSGAN")
    runs.loc[close, "value"] = [16.5, 15.5, 17.5]
    write_csv(folder / "tables/runs.csv", runs)
    write_tables(folder)
    card = leaders(read_tables(folder))[1]
    assert "one other overlaps it. Three seeds are too few to name a winner. About " in card.sentence
    assert card.evidence == "none"
    assert card.rows[0][2] == "undecided" and card.rows[0][3].startswith("about ")


def test_seeds_of_a_new_study_follow_from_an_earlier_one(studies):
    text = power_report(studies("fates"), 5)
    assert "faces, Fréchet distance (made-up-classifier):" in text
    assert "    5 seeds planned: enough for 1 of 1 pairs" in text
    assert "closest pair: DCGAN and LSGAN: difference -0.49, spread 0.052 (log scale), 3 seeds needed [3, 4]" in text
    with pytest.raises(UserError, match=r"pairwise\.csv: no such file"):
        power_report("nowhere", 5)


def test_every_run_has_a_square(studies):
    blocks = matrix(read_tables(studies("fates")))
    assert [block["dataset"] for block in blocks] == ["digits", "faces"]
    squares = {name: [square and square[0] for square in row] for name, row in blocks[0]["rows"]}
    assert squares == {"DCGAN": ["ok", "time", "ok"], "LSGAN": ["fail", "–", "ok"], "WGAN-GP": ["div", "ok", "div"]}
    addresses = [square[3] for block in blocks for _, row in block["rows"] for square in row]
    assert addresses == [f"#run={i}.{seed}" for i in (0, 1, 2, 5) for seed in range(3)], "the others ended well"


def test_more_seeds_than_fit_are_counted(studies, monkeypatch):
    monkeypatch.setattr("gan_bench.report.coverage.WIDEST", 2)
    block = matrix(read_tables(studies("fates")))[0]
    assert block["seeds"] == [] and [square[0] for square in block["rows"][0][1]] == ["2 ok", "1 time"]


def test_a_run_of_other_code_is_stale(studies, tmp_path):
    tables = read_tables(studies("tiny"))
    settings = {**tables.cells[0].settings, "method": {"name": "adversarial"}}
    cell = type(tables.cells[0])("digits", "x", "v", (0,), settings)
    now = stage_digest("train", train_parts(settings))
    assert not is_stale(cell, None) and not is_stale(cell, {"identity": {}})
    assert not is_stale(cell, {"identity": {"code": now}})
    assert is_stale(cell, {"identity": {"code": "0" * 16}})
    watched = type(cell)("digits", "x", "v", (0,), {**settings, "early_stop": "on_collapse"})
    code = train_digest(watched.settings)
    assert code != now and not is_stale(watched, {"identity": {"code": code}}), "a run that may be stopped early"
    gone = type(cell)("digits", "x", "v", (0,), {**settings, "loss": {"name": "no/such.py"}})
    assert not is_stale(gone, {"identity": {"code": "0" * 16}})
    shutil.copytree(studies("tiny"), tmp_path / "study", ignore=shutil.ignore_patterns("runs"))
    file = tmp_path / "study" / "run_cards.json"
    cards = read_json(file)
    cards[0]["status_document"]["identity"] = {"code": "0" * 16}
    write_json(file, cards)
    text = page(read_tables(tmp_path / "study"), [])
    assert "<b>1 stale:</b>" in text and ">stale</a>" in text


def test_the_methods_are_those_that_ran(studies):
    found = methods(read_tables(studies("fates")), [{"name": "critical_difference"}])
    parts = {heading: [one["name"] for one in members] for heading, members in found["axes"]}
    assert parts["Losses"] == ["non_saturating", "least_squares", "wasserstein"]
    assert parts["Penalties"] == ["none", "gradient_penalty"] and parts["Optimizers"] == ["adam", "rmsprop"]
    assert "frechet" in parts["Metrics"] and "Tricks" not in parts
    for key in ("goodfellow2014generative", "mao2017least", "gulrajani2017improved", "kingma2015adam", "demsar2006"):
        assert key in found["bibtex"]
    assert "miyato" not in found["bibtex"] and found["n_works"] == found["bibtex"].count("@")


def test_a_history_is_thinned_to_its_last_step(studies):
    history = read_tables(studies("tiny")).histories
    long = pd.concat([history.assign(step=history["step"] + 400 * k) for k in range(10)])
    steps, d, g = _thin(long)
    assert len(steps) == len(d) == len(g) <= POINTS + 1 and steps[-1] == 4000
    assert _thin(history.assign(d_loss=float("nan")))[1] == [None] * len(history)


def test_a_learned_verdict_says_how_sure_it_is():
    document = {"p_collapse": 0.873, "interval": [0.7, 0.951], "confidence": {"signals": "diversity", "at_most": "x"}}
    document |= {"false_alarms": {"family": "hinge", "hits": 5, "of": 49}, "sample_check": {"says": "no_collapse"}}
    assert chance(document) == "collapse 87 % (70 to 95 %) from diversity; samples say no collapse"
    failure = {"p_collapse": None, "p_failure": 0.38, "failure_interval": [0.1, 0.7], "confidence": None}
    assert chance(failure) == "failure 38 % (10 to 70 %)"
    assert chance({**failure, "confidence": {"signals": "diversity"}}) == "", "the losses do not decide there"
    assert chance({"sample_check": {"says": "open"}}) == "samples inconclusive"
    assert chance({"p_collapse": 0.5, "interval": None}) == "collapse 50 %" and chance({}) == chance(None) == ""


def test_evidence_shows_a_probability_where_there_is_one(studies, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(studies("fates"), folder, ignore=shutil.ignore_patterns("runs"))
    cards = read_json(folder / "run_cards.json")
    silent = {"p_collapse": None, "interval": None, "false_alarms": None, "confidence": None, "sample_check": None}
    silent |= {"p_failure": None}
    for card in cards:
        card["collapse"] = card["collapse"] and card["collapse"] | silent
    write_json(folder / "run_cards.json", cards)
    assert "estimated risk</th>" not in page(read_tables(folder), [])
    for card in cards:
        if card["collapse"] and card["collapse"]["verdict"] == "diverged":
            card["collapse"] |= {"p_collapse": 0.25, "interval": [0.1, 0.5]}
    write_json(folder / "run_cards.json", cards)
    text = page(read_tables(folder), [])
    assert "estimated risk</th>" in text and "collapse 25 % (10 to 50 %)" in text
    assert "a collapse is unlikely: 25%; of small runs like it, 10% to 50%" in text
    for card in cards:  # Studies of an earlier version lack these keys.
        for key in ("p_failure", "failure_interval", "failure"):
            card["collapse"] and card["collapse"].pop(key, None)
    write_json(folder / "run_cards.json", cards)
    assert "a collapse is unlikely: 25%" in page(read_tables(folder), [])


def test_hostile_names_of_studies_data_sets_and_variants_do_nothing(studies, pages):
    text = (pages("odd") / paths.REPORT).read_text(encoding="utf-8")
    assert EVIL in read_tables(studies("odd")).datasets and ODD[0] == EVIL
    assert EVIL not in text and text.count("&lt;img src=x onerror=alert(1)&gt;") > 5


def test_a_page_of_what_is_done_so_far_can_be_written(studies, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(studies("missing"), folder)
    render(folder, [])
    assert "0 of 6 finished (6 missing)" in (folder / paths.REPORT).read_text(encoding="utf-8")


def test_the_card_gives_the_score_of_real_images_with_the_digits_of_the_table(studies):
    card = cards(studies, "fates")[0]
    table = read_tables(studies("fates")).comparison
    (row,) = records(table[(table["kind"] == "floor") & (table["dataset"] == card.dataset)].iloc[:1])
    assert card.real_images == estimate(row)[0] != ""
