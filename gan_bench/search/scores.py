"""Validation scores of trials, read from the files of their runs."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench.config.plan.trials import Trial
from gan_bench.files import read_json
from gan_bench.metrics import badness
from gan_bench.paths import METRICS, STATUS, seed_folder


@dataclass(frozen=True)
class Score:
    """Validation score of one run of a trial, with its status; `value` is None for a run without a score."""

    seed: int
    status: str
    value: float | None


@dataclass(frozen=True)
class ScoredTrial:
    """A trial with the scores of its runs. `direction`: whether "lower", "higher" or "half" (near 1/2) is better."""

    trial: Trial
    scores: tuple[Score, ...]
    direction: str

    @property
    def badness(self) -> list[float]:
        """Score of each run, turned so that lower is better; infinity for a run without a score."""
        return [math.inf if s.value is None else float(badness(s.value, self.direction)) for s in self.scores]

    @property
    def mean(self) -> float | None:
        """Mean badness of the runs; None if any run has no score."""
        values = self.badness
        return sum(values) / len(values) if all(map(math.isfinite, values)) else None

    @property
    def lost(self) -> int:
        """Number of runs without a score."""
        return sum(score.value is None for score in self.scores)

    @property
    def mean_scored(self) -> float | None:
        """Mean badness of the runs with a score; None if there are none."""
        scored = [value for value in self.badness if math.isfinite(value)]
        return sum(scored) / len(scored) if scored else None

    @property
    def order(self) -> tuple[bool, int, float, int]:
        """Key by which trials are sorted; the best trial has the smallest key.

        The key is (whether the trial was pruned, number of runs without a score, mean badness of the other runs, number
        of the trial).
        """
        mean = math.inf if self.mean_scored is None else self.mean_scored
        return self.trial.pruned, self.lost, mean, self.trial.number

    def to_json(self) -> dict[str, Any]:
        trial = self.trial
        return {
            "dataset": trial.space.dataset,
            "variant": trial.space.variant,
            "number": trial.number,
            "round": trial.round,
            "values": trial.values,
            "cell": trial.cell.id,
            "pruned": trial.pruned,
            "scores": [vars(score) for score in self.scores],
            "mean_badness": self.mean,
        }


def read_scores(
    trials: Iterable[Trial],
    metric: str,
    direction: str,
    study_folder: Path,
    check: Callable[[Path, Sequence[int]], None],
) -> list[ScoredTrial]:
    """The trials with their scores. `check(cell folder, seeds)` is called before the files of a cell are read."""
    scored = []
    for trial in trials:
        folder = study_folder / "runs" / trial.cell.dataset / trial.cell.id
        check(folder, trial.cell.seeds)
        scores = tuple(_score(seed_folder(folder, seed), seed, metric) for seed in trial.cell.seeds)
        scored.append(ScoredTrial(trial, scores, direction))
    return scored


def _score(run: Path, seed: int, metric: str) -> Score:
    """The final generator's score against the validation images. The scores that the study reports are not read."""
    rows = read_json(run / METRICS).get("validation", ())
    value = next((row["value"] for row in rows if row["name"] == metric), None)
    score = float(value) if isinstance(value, int | float) and math.isfinite(value) else None
    return Score(seed, str(read_json(run / STATUS)["status"]), score)
