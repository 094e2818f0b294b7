"""The expected best of a search equals closed forms and enumeration. A lost run can be drawn but is never best."""

from itertools import combinations, product

import numpy as np
import pytest
from synthetic import run_rows

from gan_bench.stats.estimate.expected_best import order_weights, order_weights_dodge
from gan_bench.stats.tables.budget import budget_table, budgets_up_to


def test_by_hand() -> None:
    """The expected smallest of two values drawn from 1, 2 and 3.

    Without replacement, the three pairs have the smallest values 1, 1 and 2, with mean 4/3. With replacement, the nine
    pairs have five 1s, three 2s and one 3, with mean 14/9.
    """
    values = np.array([1.0, 2.0, 3.0])
    assert order_weights(3, np.array([1, 2, 3])) @ values == pytest.approx([2, 4 / 3, 1])
    assert order_weights_dodge(3, np.array([1, 2])) @ values == pytest.approx([2, 14 / 9])


@pytest.mark.parametrize("budget", [1, 2, 4, 6])
def test_is_the_mean_over_every_draw(budget: int) -> None:
    values = np.sort(np.random.default_rng(0).lognormal(size=6))
    every = np.mean([min(drawn) for drawn in combinations(values, budget)])
    assert order_weights(6, np.array([budget])) @ values == pytest.approx([every])
    again = np.mean([min(drawn) for drawn in product(values, repeat=budget)])
    assert order_weights_dodge(6, np.array([budget])) @ values == pytest.approx([again])


def test_unbiased_where_dodges_is_not() -> None:
    """The expected smallest of three uniform numbers is 1/4. It is estimated 20,000 times, each time from ten runs."""
    values = np.sort(np.random.default_rng(0).random((20_000, 10)), axis=1)
    assert (values @ order_weights(10, np.array([3]))[0]).mean() == pytest.approx(0.25, abs=0.003)
    assert (values @ order_weights_dodge(10, np.array([3]))[0]).mean() > 0.26


def test_weights_of_many_runs_sum_to_one() -> None:
    weights = order_weights(5000, np.array([1, 100, 5000]))
    assert weights.sum(axis=1) == pytest.approx([1, 1, 1]) and (weights >= 0).all()


def test_budgets_are_all_small_ones_and_reach_the_end() -> None:
    assert budgets_up_to(5).tolist() == [1, 2, 3, 4, 5]
    wide = budgets_up_to(6000)
    assert wide[:20].tolist() == list(range(1, 21)) and wide[-1] == 6000 and len(wide) < 60 and 40 in wide


def _curve(values, variant: str = "all", **columns):
    table = budget_table(run_rows(values, **columns), {})
    searched = "all" if variant == "all" else "variant"
    return table[(table["searched"] == searched) & (table["group"] == variant)].set_index("budget")


def test_lost_runs_are_drawn_and_never_best() -> None:
    """One of three runs is lost, the others have the scores 1 and 2. The best of two draws is 1, 1 or 2.

    A single draw has no score in a third of the cases; otherwise its score is 1.5 on average.
    """
    curve = _curve({"a": [1.0, 2.0, "diverged"]}, "a")
    assert curve["expected_best"].tolist() == pytest.approx([1.5, 4 / 3, 1])
    assert curve["p_none"].tolist() == pytest.approx([1 / 3, 0, 0])
    assert curve["n_failed"].tolist() == [1, 1, 1] and curve["mean_images"].tolist() == [1000, 2000, 3000]


def test_higher_is_better_turns_over() -> None:
    curve = _curve({"a": [1.0, 2.0, 3.0]}, metric="coverage", direction="higher")
    assert curve["expected_best"].tolist() == pytest.approx([2, 8 / 3, 3])
    assert (curve["best_q05"] <= curve["expected_best"]).all() and (curve["best_q95"] >= curve["expected_best"]).all()
    assert (curve["expected_best_dodge"] <= curve["expected_best"] + 1e-12).all()


def test_never_worse_with_more() -> None:
    curve = _curve({"a": np.random.default_rng(0).random(30).tolist()})
    assert (curve["expected_best"].diff().dropna() <= 1e-12).all()
    assert curve["expected_best"].iloc[-1] == curve["best_q05"].iloc[-1]


def test_edges_are_words() -> None:
    lost = budget_table(run_rows({"a": ["diverged", "failed"]}), {})
    assert set(lost["note"]) == {"all runs are lost"} and lost["expected_best"].isna().all()
    assert budget_table(run_rows({"a": ["missing", None]}), {}).empty
    half = _curve({"a": [0.9, 0.5]}, metric="one_nn", direction="half")
    assert half["note"].tolist() == ["distance from 1/2"] * 2 and half["expected_best"].iloc[-1] == 0
