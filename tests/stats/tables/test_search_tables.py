"""Curves, importance of settings, and optimism of the choice in the tables of a search equal numbers found by hand."""

import pandas as pd
import pytest

from gan_bench.stats.tables.search_tables import search_tables
from gan_bench.stats.write.search_markdown import search_markdown

BAD = [5.0, 3.0, None, 4.0, 8.0, 7.0]


def _plan(**changes):
    search = {"metric": "frechet", "direction": "lower", "sampler": "random", "pruner": "none", "cells": [1] * 6}
    return {"study": "made", "search": {**search, "settings": ["lr", "loss"], "equal_budget": True, **changes}}


def _document():
    trials = [
        {
            **{"dataset": "digits", "variant": "a", "number": i, "round": 0, "cell": f"c{i}", "pruned": False},
            "values": {"lr": 0.001 * (1 + i % 2)} if i < 5 else {"lr": 0.001, "loss": "hinge"},
            "scores": [{"seed": 1_000_000, "status": "ok" if bad else "diverged", "value": bad}],
            "mean_badness": bad,
        }
        for i, bad in enumerate(BAD)
    ]
    chosen = {"dataset": "digits", "variant": "a", "number": 1, "values": {"lr": 0.002}, "mean_badness": 3.0}
    return {"trials": trials, "chosen": [chosen]}


def _runs(values, **columns):
    rows = [{"dataset": "digits", "variant": "a", "metric": "frechet", "value": value, **columns} for value in values]
    return pd.DataFrame(rows)


def _tables(plan):
    return search_tables(plan, _document(), _runs([4.0, 5.0, 6.0, None]), _runs([3.5, 4.5], step=None))


def test_optimism_is_the_test_score_less_the_score_that_chose():
    row = _tables(_plan())["chosen"].iloc[0]
    assert (row["selected_score"], row["final_validation_score"], row["test_score"]) == (3.0, 4.0, 5.0)
    assert (row["n_seeds"], row["n_lost"], row["n_trials"], row["optimism"]) == (4, 1, 6, 2.0)
    assert row["optimism_high"] - 2.0 == pytest.approx(4.302653 / 3**0.5, rel=1e-6), "Student's t with 2 degrees"
    assert pd.isna(row["note"])
    assert "another budget" not in search_markdown(_tables(_plan()), _plan())
    assert "for the search's budget" in _tables(_plan(equal_budget=False))["chosen"].iloc[0]["note"]


def test_every_trial_is_listed_and_lost_ones_are_counted():
    trials = _tables(_plan())["trials"]
    assert trials["n_lost"].tolist() == [0, 0, 1, 0, 0, 0] and trials["chosen"].tolist() == [False, True, *[False] * 4]
    assert trials["settings"].iloc[5] == "lr=0.001 loss=hinge" and pd.isna(trials["validation_score"].iloc[2])


def test_curves_of_random_and_of_adaptive_samplers():
    random = _tables(_plan())["curves"]
    assert random["expected_best"].iloc[0] == pytest.approx(5.4) and random["expected_best"].iloc[-1] == 3.0
    assert random["p_none"].tolist() == pytest.approx([1 / 6, 0, 0, 0, 0, 0]) and random["n_lost"].iloc[0] == 1
    adaptive = _tables(_plan(sampler="tpe"))["curves"]
    assert adaptive["expected_best"].tolist() == [5, 3, 3, 3, 3, 3] and adaptive["expected_low"].isna().all()


def test_importance_counts_the_trials_in_which_a_setting_is_active():
    table = _tables(_plan())["importance"].set_index("setting")
    assert table.loc["lr", "n_trials"] == 6 and table.loc["loss", "n_trials"] == 1
    assert 0 < table.loc["lr", "share"] < 1 and table.loc["lr", "share_by_chance"] == pytest.approx(1 / 5)
    assert table.loc["loss", "note"] == "too few different trials"
    text = search_markdown(_tables(_plan()), _plan())
    assert "6 trials for each of 1 pair of" in text and "2.0 [-0.5, 4.5]" in text


def test_higher_is_better_and_half_is_best():
    plan = _plan(direction="higher")
    document = _document()
    document["chosen"][0]["mean_badness"] = -0.9
    tables = search_tables(
        plan, document, _runs([0.8, 0.6]), _runs([], step=None).reindex(columns=_runs([1], step=1).columns)
    )
    row = tables["chosen"].iloc[0]
    assert (row["selected_score"], row["test_score"]) == (0.9, 0.7) and row["optimism"] == pytest.approx(0.2)
