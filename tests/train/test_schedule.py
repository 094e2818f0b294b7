"""Budgets are converted to steps. Log points and snapshots are evenly spaced."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gan_bench.errors import UserError
from gan_bench.train.schedule import Schedule, g_steps_for, log_steps, schedule, snapshot_steps


def run(budget, d_steps=5, batch_size=64, **more):
    return {"budget": budget, "d_steps": d_steps, "batch_size": batch_size, "tricks": [], **more}


@pytest.mark.parametrize(
    ("budget", "steps"),
    [
        ({"g_steps": 100}, 100),
        ({"d_steps": 500}, 100),
        ({"d_steps": 504}, 100),
        ({"images": 32000}, 100),
        ({"images": 32319}, 100),
        ({"images": 1}, 1),
        ({"epochs": 3.2}, 100),
        ({"epochs": 0.01}, 1),
    ],
)
def test_each_unit_is_converted_and_rounded_down_but_to_one_step_at_least(budget, steps):
    assert g_steps_for(run(budget), n_train=10000) == steps


def test_decimal_epochs_are_exact():
    """In floating point, 0.29 * 100 is 28.999999999999996."""
    assert g_steps_for(run({"epochs": 0.29}, d_steps=1, batch_size=1), n_train=100) == 29


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ({"hours": 1}, "unknown budget 'hours'"),
        ({"g_steps": 0}, "budget.g_steps is 0; valid: a positive number"),
        ({"epochs": float("inf")}, "budget.epochs is inf"),
        ({"epochs": float("nan")}, "budget.epochs is nan"),
        ({"epochs": 1, "images": 1}, "exactly one of"),
        ({}, "exactly one of"),
    ],
)
def test_a_wrong_budget_is_named(budget, words):
    with pytest.raises(UserError, match=words):
        g_steps_for(run(budget), n_train=100)


@given(total=st.integers(1, 5000), points=st.integers(1, 300))
def test_log_points_are_even_and_end_with_the_last_step(total, points):
    steps = log_steps(total, points)
    gaps = {b - a for a, b in zip((0, *steps), steps, strict=False)}
    assert len(steps) == min(points, total) and steps[-1] == total
    assert min(gaps) >= 1 and max(gaps) - min(gaps) <= 1


@given(total=st.integers(1, 5000), count=st.integers(2, 40))
def test_snapshots_are_even_from_before_the_first_step_to_the_last(total, count):
    steps = snapshot_steps(total, count)
    gaps = {b - a for a, b in pairwise(steps)}
    assert len(steps) == min(count, total + 1) and (steps[0], steps[-1]) == (0, total)
    assert min(gaps) >= 1 and max(gaps) - min(gaps) <= 1


def test_one_snapshot_is_the_last_and_counts_are_kept():
    assert snapshot_steps(100, 1) == snapshot_steps(100, 0) == (100,)
    plan = schedule(run({"g_steps": 10}, log_points=4, snapshots=3), n_train=100)
    assert (plan.log_steps, plan.snapshot_steps, plan.longest_window) == ((2, 5, 7, 10), (0, 5, 10), 3)
    assert plan.images(10) == 10 * 5 * 64


@given(total=st.integers(1, 3000), points=st.integers(1, 300), d_steps=st.integers(0, 6))
def test_looks_are_log_points_ten_minibatches_apart_with_the_first_and_the_last(total, points, d_steps):
    logged = log_steps(total, points)
    plan = Schedule(total, d_steps, 16, logged, (total,))
    looks = plan.look_steps
    assert set(looks) <= set(logged) and (looks[0], looks[-1]) == (logged[0], total)
    apart = [(plan.images(b) - plan.images(a)) / 16 for a, b in pairwise(looks)]
    assert all(gap >= 10 for gap in apart[:-1])
    if min((b - a for a, b in pairwise(logged)), default=10) * (d_steps or 1) >= 10:
        assert looks == logged
