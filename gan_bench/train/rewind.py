"""The setting `rewind_on_collapse`: when a run collapses, it goes back to an earlier step and changes settings.

A run with this setting is a sequence of segments. Each segment after the first continues the segment before it, from
the step that the run went back to. This works in the same way as a run that continues its parent
(gan_bench.train.continuation). The history of the run is the history of its last segment.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_bench.errors import UserError
from gan_bench.files import read_json, write_json
from gan_bench.train.continuation import best_step
from gan_bench.train.loop import End, Halt
from gan_bench.train.state import State

Settings = Mapping[str, Any]
#: One return to an earlier step. "at": step of the collapse; "to": step to which the run goes back; "reason": why the
#: run counts as collapsed; "seconds": training time until the collapse; "continued": `State.continued` of the segment
#: that collapsed.
Rewind = Mapping[str, Any]

FILE = ".rewinds.json"


def segment(settings: Settings, rewinds: Sequence[Rewind]) -> dict[str, Any]:
    """Settings of the segment after these rewinds, in the form of settings of a separate run."""
    result = {key: value for key, value in settings.items() if key != "rewind_on_collapse"}
    for rewind, change in zip(rewinds, _changes(settings), strict=False):
        parent = {key: value for key, value in result.items() if key != "seed"}
        start = {"settings": parent, "step": rewind["to"], "optimizers": "keep"}
        result = {**result, **change, "continue_from": start}
    return result


def rewinds_left(settings: Settings, rewinds: Sequence[Rewind]) -> bool:
    """Whether the run goes back to an earlier step if it collapses once more."""
    return len(rewinds) < len(_changes(settings))


def next_rewind(settings: Settings, rewinds: Sequence[Rewind], state: State, end: End) -> dict[str, Any] | None:
    """The rewind after a segment that ended with `end`; None if the run ends.

    The run also ends if the step to which it should go back does not exist, because it is after the collapse or before
    the first step. ParentEnded if that step is "best" and the run has no finite score.
    """
    if not (isinstance(end, Halt) and end.rule == "collapse" and rewinds_left(settings, rewinds)):
        return None
    wanted = settings["rewind_on_collapse"]["to"]
    if wanted == "best":
        step = best_step(state)
    else:
        step = wanted if wanted > 0 else state.step + wanted
    if not 0 < step <= state.step:
        return None
    about = {"reason": end.reason, "seconds": round(state.seconds, 3), "continued": state.continued}
    return {"at": state.step, "to": step, **about}


def read_rewinds(folder: Path, identity: Mapping[str, str]) -> list[Rewind]:
    """Rewinds of an interrupted run.

    [] if there is no file of rewinds, or if this file is damaged or belongs to another run.
    """
    try:
        stored = read_json(folder / FILE)
        return list(stored["rewinds"]) if stored["identity"] == identity else []
    except (UserError, KeyError, TypeError):
        return []


def write_rewinds(folder: Path, identity: Mapping[str, str], rewinds: Sequence[Rewind]) -> None:
    """Store the rewinds of an unfinished run."""
    write_json(folder / FILE, {"identity": dict(identity), "rewinds": list(rewinds)})


def _changes(settings: Settings) -> Sequence[Mapping[str, Any]]:
    rule = settings.get("rewind_on_collapse")
    return [] if rule is None else rule["then"]
