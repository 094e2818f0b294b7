"""The page states how much better a variant or step looks because it was chosen by its score."""

from types import SimpleNamespace

import pandas as pd

from gan_bench.report.chosen import choices
from gan_bench.stats.tables.selection import COLUMNS
from gan_bench.stats.tables.validation_choice import STEP, VARIANT


def _tables(*rows):
    base = {"study": "made", "dataset": "digits", "metric": "frechet", "label": "FD", "direction": "lower"}
    table = pd.DataFrame([{**base, "n_seeds": 3, **row} for row in rows], columns=COLUMNS)
    return SimpleNamespace(wanted=lambda name: table if name == "selection" else None)


def test_one_row_for_each_way_and_means_over_variants_for_steps():
    numbers = {"selected_score": 1.0, "held_out_score": 3.0, "optimism": 2.0}
    found = choices(
        _tables(
            {"what": "variant", "n_choices": 4, **numbers},
            {"what": STEP, "variant": "a", "n_choices": 5, **numbers},
            {"what": STEP, "variant": "b", "n_choices": 5, **numbers, "held_out_score": 5.0, "optimism": 4.0},
            {"what": VARIANT, "n_choices": 4, "note": "nothing to choose"},
            {"what": "variant", "metric": "other", "n_choices": 4, **numbers},
        )
    )
    assert [(row.choices, row.selected, row.held_out, row.optimism) for row in found] == [
        ("4 variants, 3 seeds", "1", "3", "2"),
        ("5 generators a run", "1", "4", "3"),
    ]
    assert found[1].what.endswith("mean over 2 variants") and found[1].fairly == "chosen on images set aside"


def test_nothing_is_said_where_nothing_could_be_chosen():
    assert choices(_tables()) == []
    assert choices(_tables({"what": "variant", "n_choices": 1, "note": "nothing to choose"})) == []
