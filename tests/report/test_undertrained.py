"""The page distinguishes variants that still improved at the end of training from collapsed variants."""

from types import SimpleNamespace

import pandas as pd
import pytest

from gan_bench.report.undertrained import improves_to_the_end, undertrained

CELLS = [
    SimpleNamespace(dataset="photos", id=name, variant=name, seeds=[0]) for name in ("falling", "flat", "collapsed")
]


def tables(verdicts: dict[str, str], curves: pd.DataFrame):
    return SimpleNamespace(
        cells=CELLS,
        curves=curves,
        comparison=pd.DataFrame({"metric": ["frechet"], "label": ["Fréchet distance (x)"]}),
        short_label=lambda label: label.removesuffix(" (x)"),
        card=lambda cell, seed: {"collapse": {"verdict": verdicts.get(cell.id, "no_sign_found")}},
    )


def test_what_still_improves_and_has_no_sign_of_failure_is_named():
    values = {"falling": [90, 60, 40, 25], "flat": [90, 30, 30.2, 30], "collapsed": [90, 60, 40, 25]}
    rows = [
        {"dataset": "photos", "cell": cell, "seed": 0, "step": 100 * (k + 1), "metric": "frechet", "value": value}
        for cell, curve in values.items()
        for k, value in enumerate(curve)
    ]
    curves = pd.DataFrame(rows).assign(direction="lower")
    (said,) = undertrained(tables({"collapsed": "collapse_suspected"}, curves))
    assert said.startswith("Undertrained, not collapsed: falling still improved in Fréchet distance over the last")
    (many,) = undertrained(tables({}, curves.assign(value=[90.0, 60, 40, 25] * 3)))
    assert "3 of 3 variants still improved" in many
    assert undertrained(tables({}, curves.iloc[:0])) == []
    assert undertrained(tables(dict.fromkeys(values, "diverged"), curves)) == []


@pytest.mark.parametrize(
    ("values", "direction", "improves"),
    [
        ([1, 2, 3, 4], "higher", True),
        ([1, 2, 3, 4], "lower", False),
        ([9, 5], "lower", False),
        ([9, 2, 1, 2], "lower", False),
    ],
)
def test_a_curve_improves_to_its_end_or_not(values, direction, improves):
    assert improves_to_the_end([1, 2, 3, 4][: len(values)], values, direction) is improves
