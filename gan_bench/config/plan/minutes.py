"""Converts budgets in minutes to G steps, with the speeds that `gan-bench check` has stored next to the study.

The speeds are measured once, on one machine, and stored in STUDY.speeds.json. With this file, the plan is the same on
all machines, so the results of a run do not depend on the speed of the machine.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gan_bench.config.grammar.reference import short_digest
from gan_bench.errors import UserError
from gan_bench.files import read_json

MINUTES = "minutes"
#: Settings that do not change the time of a step.
ASIDE = (
    *("budget", "seed", "device", "log_points", "snapshots", "checkpoints", "early_stop", "timeout"),
    *("continue_from", "rewind_on_collapse"),
)
#: Share of a run's time that is spent on steps; the rest is for pictures, the history and the start.
STEPS_SHARE = 0.85

Speeds = Mapping[str, float]


class AnySpeed(dict[str, float]):
    """Speeds for planning a study that is not timed yet: one step per minute for each variant."""

    def get(self, key: str, default: Any = None) -> Any:
        return 1.0


def speeds_file(folder: Path | None, name: str) -> Path:
    """The file with the speeds, next to the study file."""
    return (folder or Path()) / f"{name}.speeds.json"


def read_speeds(file: Path) -> Speeds:
    """Digest by `speed_key` -> G steps per minute; empty if there is no file. UserError if the file is damaged."""
    if not file.is_file():
        return {}
    try:
        return {str(key): float(value) for key, value in read_json(file)["g_steps_per_minute"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UserError(f"{file}: damaged; remove it, and run `gan-bench check` to measure again.") from None


def speed_key(settings: Mapping[str, Any]) -> str:
    """Key of the speed of runs with these settings: a digest of the settings that affect the time of a step."""
    return short_digest({key: value for key, value in settings.items() if key not in ASIDE})


def in_steps(settings: Mapping[str, Any], speeds: Speeds) -> dict[str, Any] | None:
    """The budget of a run. Minutes are converted to G steps; None if the speed of the variant is not known."""
    budget: dict[str, Any] = settings["budget"]
    if not budget or MINUTES not in budget:
        return budget
    speed = speeds.get(speed_key(settings))
    return None if speed is None else {"g_steps": max(1, int(budget[MINUTES] * STEPS_SHARE * speed))}
