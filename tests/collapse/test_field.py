"""The field detector reads only the losses. It finds signs at the end of a log, and says which logs it cannot judge."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gan_bench.collapse.field import FIELD_FILE, LONG, MIN_ROWS, assess, field, rank
from gan_bench.collapse.field_features import LEVEL, NAMES, SHAPE, describe
from gan_bench.collapse.field_rules import SIGNS, signs_that_hold


def noise(rows: int, level: float, spread: float, seed: int) -> np.ndarray:
    return level + spread * np.random.Generator(np.random.PCG64(seed)).normal(size=rows)


def fine(rows: int = 400) -> dict[str, np.ndarray]:
    return {"step": np.arange(rows), "d_loss": noise(rows, 1.2, 0.1, 1), "g_loss": noise(rows, 0.9, 0.1, 2)}


def spiky(rows: int = 400) -> dict[str, np.ndarray]:
    """D's loss is near zero with rare spikes, and G's loss is high."""
    d = np.abs(noise(rows, 0.01, 0.005, 3))
    d[::37] = 1.5
    return {"step": np.arange(rows), "d_loss": d, "g_loss": noise(rows, 9.0, 1.5, 4)}


def held(log: dict[str, np.ndarray]) -> set[str]:
    return {sign.name for sign in signs_that_hold(log["d_loss"], log["g_loss"])}


def test_a_fine_log_and_a_spiky_one_are_told_apart():
    good, bad = assess(fine()), assess(spiky())
    assert good["status"] == bad["status"] == "judged" and not good["alarm"] and bad["alarm"]
    assert good["p_failure"] < 0.15 < 0.5 < bad["p_failure"]
    for answer in (good, bad):
        assert answer["interval"][0] <= answer["p_failure"] <= answer["interval"][1]
        json.dumps(answer, allow_nan=False)


CASES = {
    "d_fooled": (np.full(100, 100.0), np.zeros(100)),
    "d_unbeatable": (np.zeros(100), noise(100, 55.0, 1.0, 1)),
    "dead_critic": (noise(100, 0.0, 1e-9, 1), noise(100, 0.01, 0.001, 2)),
    "finite_explosion": (np.full(100, -8.6), np.geomspace(400, 1e12, 100)),
    "non_finite": (np.append(noise(7, -0.4, 0.1, 1), np.nan), np.append(noise(7, -2.9, 0.1, 2), np.nan)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_deciding_sign_is_an_alarm_that_stands_before_all_others(name):
    d, g = CASES[name]
    answer = assess({"d_loss": d, "g_loss": g})
    assert answer["alarm"] and answer["p_failure"] >= 0.95 and name in {reason["sign"] for reason in answer["reasons"]}
    assert answer["status"] == ("diverged" if name in ("finite_explosion", "non_finite") else "judged")


@pytest.mark.parametrize("name", ["d_fooled", "d_unbeatable", "finite_explosion"])
def test_a_sign_that_passed_counts_no_more(name):
    d, g = CASES[name]
    later = fine(300)
    log = {"d_loss": np.append(d, later["d_loss"]), "g_loss": np.append(g, later["g_loss"])}
    assert name not in held(log) and not any(reason.get("decides") for reason in assess(log)["reasons"])


def test_a_critic_has_no_level():
    log = {"d_loss": noise(200, -0.5, 0.2, 1), "g_loss": noise(200, 180.0, 20.0, 2)}
    values = dict(zip(NAMES, describe(log["d_loss"], log["g_loss"]), strict=True))
    assert all(np.isnan(values[name]) for name in LEVEL) and "d_unbeatable" not in held(log)


def test_shape_features_do_not_depend_on_the_unit():
    log = spiky()
    once, often = (describe(k * log["d_loss"], k * log["g_loss"]) for k in (1.0, 2.0))
    free = [NAMES.index(name) for name in SHAPE if not name.endswith("_change")]
    assert np.abs(once[free] - often[free]).max() < 0.05


def test_what_cannot_be_known_is_said_and_is_no_alarm():
    short = assess(fine(MIN_ROWS - 1))
    assert short["status"] == "too_short" and short["p_failure"] is None and not short["alarm"]
    t = np.arange(300)
    train = 0.03 + 0.3 * np.exp(-t / 20) + noise(300, 0, 0.001, 5)
    diffusion = assess({"d_loss": train, "g_loss": 1.05 * train + noise(300, 0, 0.001, 6)})
    assert diffusion["status"] == "out_of_scope" and diffusion["p_failure"] is None and not diffusion["alarm"]
    assert diffusion["distance"] > diffusion["scope"]


def test_short_logs_have_a_threshold_and_an_interval_of_their_own():
    thresholds, errors = field()["thresholds"], field()["errors"]
    assert assess(fine(LONG - 1))["threshold"] == thresholds["short"]
    assert assess(fine(LONG))["threshold"] == thresholds["long"]
    assert errors["10"] >= errors["50"] and set(errors) == {"10", "20", "50", "200"}
    scope = field()["scope"]
    assert scope["10"] > scope["20"] > scope["50"], "noise alone takes a short log far from others"
    assert [assess(fine(rows))["scope"] for rows in (12, 30, 400)] == [scope["10"], scope["20"], scope["50"]]


def test_each_sign_has_rates_on_both_corpora():
    assert set(field()["signs"]) == {sign.name for sign in SIGNS}
    for entry in field()["signs"].values():
        assert {"field", "small"} == set(entry["rates"])
        assert all(0 <= rate["right"] <= rate["fired"] <= rate["runs"] for rate in entry["rates"].values())


def test_ranks_grow_beyond_the_stored_quantiles():
    ranks = [rank(score, [0.0, 1.0, 2.0]) for score in (-9.0, -1.0, 0.0, 0.5, 2.0, 3.0)]
    assert ranks == sorted(ranks) and len(set(ranks)) == 6 and ranks[0] >= 0 and ranks[-1] <= 1


def write(folder: Path, name: str, log: dict[str, np.ndarray]) -> Path:
    path = folder / name
    pd.DataFrame(log).to_csv(path, index=False)
    return path


def test_the_detector_loads_fast_and_is_small():
    assert FIELD_FILE.stat().st_size < 150_000
    code = "import time; from gan_bench.collapse.field import assess; t = time.perf_counter(); " \
        "assess({'d_loss': [1.0, 1.2] * 40, 'g_loss': [0.8, 0.9] * 40}); print(time.perf_counter() - t)"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 2.0
