"""In docs/metrics.md, the reactions of the metrics follow the stated rule, and the tables equal the stored numbers."""

import importlib.util
import math
import sys

import numpy as np
import pandas as pd
import pytest
from workflow_tree import ROOT

from gan_bench.config.grammar.reference import resolve
from gan_bench.data import open_data

RUN = "run benchmarks/metric_behaviour.py"


def _script():
    spec = importlib.util.spec_from_file_location("metric_behaviour", ROOT / "benchmarks" / "metric_behaviour.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look up their module in sys.modules
    spec.loader.exec_module(module)
    return module


behaviour = _script()


def classify(direction, means, sds=1.0, counts=5):
    return behaviour.classify(direction, means, np.broadcast_to(sds, len(means)), np.broadcast_to(counts, len(means)))


@pytest.mark.parametrize(
    ("direction", "means", "expected"),
    [
        ("lower", [0, 2, 4], (-4, "worse")),
        ("higher", [0, 2, 4], (4, "better")),
        ("lower", [4, 2, 0], (4, "better")),
        ("higher", [4, 2, 0], (-4, "worse")),
        ("none", [0, 2, 4], (4, "up")),
        ("none", [4, 2, 0], (-4, "down")),
        ("lower", [0, 2, 3], (-3, "weak")),
        ("lower", [0, 5, 0.9], (-0.9, "none")),
        ("higher", [7, 7, 7], (0, "none")),
        ("lower", [0, 9, 4], (-4, "mixed")),  # the rank correlation is 1/2
        ("lower", [0, 2, 1, 4], (-4, "worse")),  # the rank correlation is 0.8
        ("higher", [0, 9, 9, 9], (9, "better")),  # the value reaches its bound and never gets worse
    ],
)
def test_closed_cases_of_the_rule(direction, means, expected):
    size, word = classify(direction, means)
    assert (size, word) == (pytest.approx(expected[0]), expected[1])


def test_one_half_is_left_on_either_side_and_come_back_to():
    assert classify("half", [0.5, 0.7, 0.9], 0.1) == (pytest.approx(-4), "worse, to 1")
    assert classify("half", [0.5, 0.3, 0.1], 0.1) == (pytest.approx(-4), "worse, to 0")
    assert classify("half", [0.9, 0.7, 0.5], 0.1) == (pytest.approx(4), "better")
    assert classify("half", [0.1, 0.5, 0.9], 0.1)[1] == "none"


def test_the_sd_is_pooled_and_may_be_none():
    assert classify("lower", [0, 5], [3, 4])[0] == pytest.approx(-5 / math.sqrt(12.5))
    assert classify("lower", [0, 1], 0.0) == (-math.inf, "worse")
    assert classify("lower", [1, 1], 0.0) == (0, "none")


def test_one_repetition_or_none_has_no_reaction():
    for counts in ([5, 5, 1], [0, 5, 5]):
        size, word = classify("lower", [0, 2, 4], 1.0, counts)
        assert math.isnan(size) and word == "no value"
    assert classify("lower", [0, math.nan, 4], 1.0, [5, 0, 5]) == (-4, "worse")


@pytest.fixture(scope="module")
def stored():
    return pd.read_csv(behaviour.CSV)


@pytest.fixture(scope="module")
def page():
    return behaviour.PAGE.read_text()


def test_the_stored_reactions_follow_from_the_stored_numbers(stored):
    again = behaviour.with_reactions(stored.drop(columns=["size", "reaction"]))
    assert again["reaction"].tolist() == stored["reaction"].tolist(), RUN
    np.testing.assert_allclose(again["size"], stored["size"], rtol=1e-9)


def test_the_tables_are_what_the_stored_numbers_give(stored, page):
    written = page.split(behaviour.START)[1].split(behaviour.END)[0].strip()
    assert written == behaviour.tables(stored), f"{RUN} --table"


def test_what_it_speaks_of_is_there(stored):
    gone = set(stored["metric"]) - set(behaviour.declared())
    assert not gone, f"docs/metric_behaviour.csv has {gone}, which no family declares: {RUN}"


def test_what_dropped_classes_and_copies_do(digits, reference):
    bench = behaviour.Bench(open_data(digits), reference, 100, 200)
    refs = [resolve("metrics", name) for name in ("frechet", "mifid", "precision_recall", "density_coverage")]
    ends = {"classes": (10, 2), "memorised": (0, 1)}
    subset = {
        name: behaviour.Change(change.make, ends[name], change.heading, change.unit)
        for name, change in behaviour.changes("digits", 100).items()
        if name in ends
    }
    table = behaviour.measure(bench, subset, 2, refs)
    mean = {key: part["mean"].to_list() for key, part in table.groupby(["change", "metric"])}

    fid, coverage, precision = (mean["classes", name] for name in ("frechet", "coverage", "precision"))
    assert fid[1] > 2 * fid[0]
    assert coverage[1] < 0.5 * coverage[0]
    assert precision[1] > precision[0] - 0.1

    mifid, fid = mean["memorised", "mifid"], mean["memorised", "frechet"]
    assert mifid[1] > 1e6 * mifid[0]
    assert fid[1] < 1.5 * fid[0]

    again = behaviour.measure(bench, {"classes": subset["classes"]}, 2, refs)
    pd.testing.assert_frame_equal(again, table[table["change"] == "classes"], check_exact=True)
