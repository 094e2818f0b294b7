"""A history row has the means of stats since the row before. The step of the first NaN or infinite number is exact."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from gan_bench.game.step import DISCRIMINATOR_STATS, GENERATOR_STATS
from gan_bench.train.monitor import COLUMNS, Monitor, write_history
from gan_bench.train.schedule import schedule

#: Columns that the project's code for its corpus of collapses reads, and that users' scripts may read.
PUBLISHED = """step d_step images d_loss d_loss_real d_loss_fake g_loss penalty d_real d_fake lg_real_sd lg_fake_sd
gn_d gn_g g_loss_sd d_loss_sd d_acc div_pair div_nn div_std mean_shift cov_batch d_held_real d_held_acc
div_pair_features"""


def monitor(g_steps=6, d_steps=2, log_points=2):
    settings = {"budget": {"g_steps": g_steps}, "d_steps": d_steps, "batch_size": 10}
    plan = schedule({**settings, "tricks": [], "log_points": log_points, "snapshots": 2}, 100)
    return Monitor(plan, {"d": DISCRIMINATOR_STATS, "g": GENERATOR_STATS}, torch.device("cpu"))


def record(watch, steps, bad=None):
    """Record the value k in every D stat at D step k, and 10 k in every G stat at G step k.

    `bad` replaces one of these values: (player, number of the player's step, stat, value).
    """
    d_steps = watch.plan.d_steps
    for step in steps:
        for d_step in range((step - 1) * d_steps + 1, step * d_steps + 1):
            stats = torch.full((len(DISCRIMINATOR_STATS),), float(d_step))
            if bad and bad[:2] == ("d", d_step):
                stats[DISCRIMINATOR_STATS.index(bad[2])] = bad[3]
            watch.record("d", stats)
        stats = torch.full((len(GENERATOR_STATS),), 10.0 * step)
        if bad and bad[:2] == ("g", step):
            stats[GENERATOR_STATS.index(bad[2])] = bad[3]
        watch.record("g", stats)


def test_the_columns_are_the_published_ones():
    assert tuple(PUBLISHED.split()) == COLUMNS


def test_a_row_is_the_mean_over_the_steps_since_the_one_before():
    watch = monitor()
    for steps in ([1, 2, 3], [4, 5, 6]):
        record(watch, steps)
        assert watch.flush() is None
    first, second = watch.rows
    assert (first["step"], first["d_step"], first["images"]) == (3, 6, 60)
    assert (second["step"], second["d_step"], second["images"]) == (6, 12, 120)
    assert first["d_loss_real"] == first["gn_d"] == 3.5 and first["g_loss"] == first["gn_g"] == 20.0
    assert second["d_loss_real"] == 9.5 and second["g_loss"] == 50.0
    assert first["d_loss"] == 7.0 and first["d_loss_sd"] == pytest.approx(2 * np.std(range(6)))
    assert first["g_loss_sd"] == pytest.approx(10 * np.std(range(3)))


def test_one_step_in_a_window_has_no_spread():
    watch = monitor(d_steps=1, log_points=6)
    record(watch, [1])
    watch.flush()
    assert watch.rows[0]["d_loss_sd"] == watch.rows[0]["g_loss_sd"] == 0.0


@pytest.mark.parametrize(
    ("bad", "step", "reason"),
    [
        (("d", 9, "d_loss_fake", math.nan), 5, "loss on generated images is nan in discriminator step 9, for"),
        (("d", 10, "gn_d", math.inf), 5, "the discriminator's gradient is inf in discriminator step 10"),
        (("g", 5, "g_loss", -math.inf), 5, "the generator's loss is -inf in generator step 5"),
        (("g", 4, "gn_g", math.nan), 4, "the generator's gradient is nan in generator step 4"),
        (("d", 7, "lg_real_sd", math.nan), 4, "spread of the discriminator's logits on real images is nan"),
    ],
)
def test_the_step_of_the_first_number_that_is_not_finite_is_exact(bad, step, reason):
    watch = monitor()
    record(watch, [1, 2, 3])
    assert watch.flush() is None
    record(watch, [4, 5, 6], bad)
    found = watch.flush()
    assert found.step == step and reason in found.reason
    row = watch.rows[-1]
    assert row["step"] == step and not math.isfinite(row[bad[2]])
    finite = "penalty" if bad[2] != "penalty" else "d_real"
    assert row[finite] == np.mean(range(7, 2 * step + 1)), "steps after it are not counted"


def test_a_discriminator_step_comes_before_the_generator_step_it_is_for():
    watch = monitor()
    record(watch, [1, 2], ("d", 4, "d_real", math.nan))
    watch.windows["g"][1] = math.nan
    record(watch, [3])
    assert "discriminator step 4" in watch.flush().reason
    watch = monitor()
    record(watch, [1, 2, 3], ("d", 5, "d_real", math.nan))
    watch.windows["g"][1] = math.nan
    assert "generator step 2" in watch.flush().reason


def test_the_table_has_counts_as_integers_and_the_rest_as_floats_and_keeps_nan(tmp_path):
    watch = monitor()
    record(watch, [1, 2, 3], ("g", 3, "g_loss", math.nan))
    watch.flush()
    write_history(tmp_path / "a.parquet", watch.table())
    write_history(tmp_path / "b.parquet", watch.table())
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    frame = pd.read_parquet(tmp_path / "a.parquet")
    assert list(frame.columns) == list(COLUMNS) and len(frame) == 1
    assert [str(kind) for kind in frame.dtypes] == ["int64"] * 3 + ["float64"] * 22
    assert math.isnan(frame["g_loss"][0]) and frame["gn_g"][0] == 20.0
