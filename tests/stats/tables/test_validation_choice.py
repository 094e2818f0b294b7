"""A choice by reported scores is optimistic; scores of images that were set aside show by how much.

Examples are checked by hand. On noise, the optimism has a known expectation.
"""

import numpy as np
import pandas as pd
import pytest
from synthetic import score_matrix

from gan_bench.stats.collect.raw_tables import VALIDATION_COLUMNS
from gan_bench.stats.tables.selection import selection_table
from gan_bench.stats.tables.validation_choice import STEP, VARIANT

CURVES = ["study", "dataset", "cell", "variant", "seed", "step", "metric", "value", "direction"]
NO_CURVES = pd.DataFrame(columns=CURVES)


@pytest.fixture(autouse=True)
def _one_seed_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allows one seed, so that examples can be checked by hand."""
    monkeypatch.setattr("gan_bench.stats.tables.validation_choice.LEAST_SEEDS", 1)


def _table(rows, metric="frechet", direction="lower") -> pd.DataFrame:
    """A table of validation scores or curves, made from tuples (variant, seed, step, value)."""
    made = [
        {"study": "made", "dataset": "digits", "cell": f"{variant}-cell", "variant": variant, "seed": seed}
        | {"step": step, "metric": metric, "value": value, "direction": direction}
        for variant, seed, step, value in rows
    ]
    return pd.DataFrame(made, columns=[name for name in VALIDATION_COLUMNS if name in made[0]])


def _final(values, **columns) -> pd.DataFrame:
    return _table([(name, s, None, v) for name, row in values.items() for s, v in enumerate(row)], **columns)


def _row(reported, aside, **columns) -> pd.Series:
    table = selection_table([score_matrix(reported, **columns)], NO_CURVES, {}, _final(aside, **columns))
    return table[table["what"] == VARIANT].iloc[0]


def test_by_hand() -> None:
    """On the reported images, a is best with mean 2 against 3. On the images set aside, b is best.

    A choice without optimism is b, with the reported mean 3.
    """
    row = _row({"a": [1.0, 3.0], "b": [2.0, 4.0]}, {"a": [9.0, 9.0], "b": [5.0, 6.0]})
    assert (row["variant"], row["selected_score"], row["held_out_score"], row["optimism"]) == ("b", 2.0, 3.0, 1.0)
    assert (row["n_choices"], row["n_seeds"]) == (2, 2)


def test_higher_is_better_turns_the_sign_and_not_the_optimism() -> None:
    columns = {"metric": "coverage", "direction": "higher"}
    row = _row({"a": [4.0, 2.0], "b": [3.0, 1.0]}, {"a": [1.0, 1.0], "b": [5.0, 5.0]}, **columns)
    assert (row["variant"], row["selected_score"], row["held_out_score"], row["optimism"]) == ("b", 3.0, 2.0, 1.0)


def test_a_variant_without_both_scores_cannot_be_chosen() -> None:
    row = _row({"a": [1.0, None], "b": [2.0, 4.0]}, {"a": [1.0, 1.0], "b": [5.0, 6.0]})
    assert "nothing to choose" in row["note"] and np.isnan(row["optimism"])


def test_the_optimism_on_noise_is_the_expected_smallest() -> None:
    """For fifty equal variants, the expected optimism is 2.249.

    The images set aside choose at random, so the mean of their choice is 0. The smallest of 50 standard normal numbers
    has the mean -2.249.
    """
    found = []
    for seed in range(200):
        noise = np.random.default_rng(seed).standard_normal((2, 50))
        reported, aside = ({str(i): [v] for i, v in enumerate(row.tolist())} for row in noise)
        found.append(_row(reported, aside)["optimism"])
    assert np.mean(found) == pytest.approx(2.249, abs=0.25)


def test_steps_by_hand() -> None:
    """By the reported images, the best step is 100 for seed 0 and 200 for seed 1.

    By the images set aside, the best step is 200 for both seeds.
    """
    curves = _table([("a", 0, 100, 1.0), ("a", 0, 200, 2.0), ("a", 1, 100, 5.0), ("a", 1, 200, 3.0)])
    aside = _table([("a", 0, 100, 7.0), ("a", 0, 200, 6.0), ("a", 1, 100, 8.0), ("a", 1, 200, 4.0)])
    table = selection_table([score_matrix({"a": [2.0, 3.0]})], curves, {}, aside)
    row = table[table["what"] == STEP].iloc[0]
    assert (row["selected_score"], row["held_out_score"], row["optimism"], row["final_score"]) == (2.0, 2.5, 0.5, 2.5)


def test_without_images_set_aside_there_is_no_such_row() -> None:
    table = selection_table([score_matrix({"a": [1.0, 2.0], "b": [3.0, 4.0]})], NO_CURVES, {})
    assert set(table["what"]) == {"variant"}
