"""With `early_stop: on_collapse`, a run stops after three answers "collapse" in a row, and its files say so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gan_bench import paths
from gan_bench.jobs import watch
from gan_bench.provenance import train_digest
from gan_bench.train.loop import Halt
from gan_bench.train.run import train_run


def rows(n: int, planned: int = 200) -> list[dict[str, float]]:
    return [{"step": (i + 1) * planned // 200, "d_loss": 1.0, "g_loss": 1.0} for i in range(n)]


def answers(monkeypatch: pytest.MonkeyPatch, sure_from: float) -> list[float]:
    """Replace the detector: it answers "collapse" from a given share of training on.

    Returns a list in which the detector records the shares at which it was called.
    """
    asked = []

    def predict(history: pd.DataFrame, _loss: Any, seen: float) -> dict[str, Any]:
        asked.append(seen)
        found = {"answer": "collapse" if seen >= sure_from else "unsure", "p_collapse": 0.9, "interval": [0.8, 1.0]}
        return {**found, "level": "losses"}

    monkeypatch.setattr(watch, "predict", predict)
    return asked


def test_it_stops_at_the_third_sure_look_and_asks_at_no_other_row(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = answers(monkeypatch, sure_from=0.6)
    stopped = [n for n in range(1, 200) if watch.look(rows(n), 200, {}) is not None]
    # The run is examined at 40, 45, ... % of training. A run stops after three answers "collapse": at 60, 65 and 70 %.
    assert stopped[0] == 140
    assert set(stopped) == set(range(140, 200, 10))
    assert {round(200 * seen) for seen in asked} <= set(range(80, 200, 10))


def test_it_says_where_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, sure_from=0.0)
    found = watch.look(rows(100, 4000), 4000, {})
    assert found == Halt(
        "stopped at step 2000 of 4000: the detector answered collapse at 3 examinations in a row "
        "(probability now 0.90 [0.80, 1.00] from losses)"
    )
    assert watch.look(rows(19, 20), 20, {}) is None


def test_few_log_points_are_each_a_look() -> None:
    assert watch._looks([k / 25 for k in range(1, 26)]) == [20, 22, 23, 24, 25]  # not 21: .84 is below .85


def test_a_run_is_watched_only_where_it_is_asked_and_there_is_a_game(settings: Callable[..., dict]) -> None:
    assert watch.watcher(settings()) is None
    assert watch.watcher(settings(early_stop="on_collapse")) is not None
    still = settings(method="vae", loss=None, penalty=None, d_optimizer=None, d_steps=None, early_stop="on_collapse")
    assert watch.watcher(still) is None
    assert train_digest(settings()) != train_digest(settings(early_stop="on_collapse"))


def test_a_stopped_run_is_a_result_that_says_so_also_after_an_interruption(
    settings: Callable[..., dict], data: Any, tmp_path: Path
) -> None:
    run = settings(early_stop="on_collapse")

    def halt(history: Any, planned: int) -> Halt | None:
        return Halt(f"{len(history)} of {planned}") if len(history) == 3 else None

    with pytest.raises(ValueError, match="early_stop"):
        train_run(run, data, tmp_path / "none")
    whole = train_run(run, data, tmp_path / "whole", watch=halt)
    assert (whole["status"], whole["step"], whole["g_steps"], whole["d_steps"]) == ("ok", None, 9, 18)
    assert whole["stopped_early"] == {"step": 9, "of": 12, "reason": "3 of 12"} and whole["reason"] == "3 of 12"
    assert pd.read_parquet(tmp_path / "whole" / paths.HISTORY)["step"].tolist() == [3, 6, 9]
    assert train_run(run, data, tmp_path / "cut", watch=halt, stop_after=7)["status"] == "stopped"
    assert train_run(run, data, tmp_path / "cut", watch=halt)["g_steps"] == 9
    for name in paths.REPEATABLE_FILES:
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes(), name
    plain = train_run(settings(), data, tmp_path / "plain")
    assert plain["stopped_early"] is None and plain["g_steps"] == 12
