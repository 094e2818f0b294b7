"""Budgets in minutes: G steps for each variant, from the speeds that `gan-bench check` wrote beside the study.

The speeds are measured once, on one machine, and kept in STUDY.speeds.json. A plan is then the same everywhere: the
bits of a run do not depend on how fast the machine is.
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
#: Share of a run that is spent on steps; the rest goes to pictures, the history and the start.
STEPS_SHARE = 0.85

Speeds = Mapping[str, float]


class AnySpeed(dict[str, float]):
    """The speeds of a study that is planned in order to be timed: one step a minute for each variant."""

    def get(self, key: str, default: Any = None) -> Any:
        return 1.0


def speeds_file(folder: Path | None, name: str) -> Path:
    """The file of the speeds beside a study."""
    return (folder or Path()) / f"{name}.speeds.json"


def read_speeds(file: Path) -> Speeds:
    """G steps a minute by the key of a variant; none without the file. UserError for a file that is damaged."""
    if not file.is_file():
        return {}
    try:
        return {str(key): float(value) for key, value in read_json(file)["g_steps_per_minute"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UserError(f"{file}: damaged; remove it, and `gan-bench check` measures again.") from None


def speed_key(settings: Mapping[str, Any]) -> str:
    """What names the speed of a run's settings."""
    return short_digest({key: value for key, value in settings.items() if key not in ASIDE})


def in_steps(settings: Mapping[str, Any], speeds: Speeds) -> dict[str, Any] | None:
    """The budget of a run with minutes turned into G steps; None where the speed of the variant is not known."""
    budget: dict[str, Any] = settings["budget"]
    if not budget or MINUTES not in budget:
        return budget
    speed = speeds.get(speed_key(settings))
    return None if speed is None else {"g_steps": max(1, int(budget[MINUTES] * STEPS_SHARE * speed))}
