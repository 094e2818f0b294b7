"""Where a study stands, in words."""

from collections.abc import Sequence
from pathlib import Path

from gan_bench.follow.states import FAILED, FINISHED, RunState, StudyStates, counts

#: Runs that are named one by one.
NAMED = 20


def summary(study: StudyStates, states: Sequence[RunState], cores: int) -> str:
    """One line: runs done of those asked, failures, and the time left for training."""
    number = counts(states)
    done = sum(number[state] for state in FINISHED)
    parts = [f"{number[state]} {words}" for state, words in _KINDS if number[state]]
    aside = f" ({', '.join(parts)})" if parts else ""
    left = study.seconds_left(states) if done < len(states) else None
    beside = "" if left is None else f", about {duration(left / max(cores, 1))} of training left on {cores} cores"
    return f"{done} of {len(states)} runs done{aside}{beside}"


_KINDS = (
    ("diverged", "diverged"),
    ("failed", "failed"),
    ("timeout", "out of time"),
    ("running", "running"),
    ("stopped", "stopped on the way"),
)


def current(run: RunState) -> str:
    """A run that is not finished: where it is, its losses and its rate."""
    note = run.note
    if not note:
        return f"{run.name}: {run.state}, no step logged yet"
    losses = "".join(f", {name} {note[name]:.4g}" for name in ("d_loss", "g_loss") if name in note)
    share = 100 * note["step"] // note["of"]
    rate = f", {note['images_per_second']:,.0f} images/s" if run.state == "running" else f", {run.state}"
    return f"{run.name}: step {note['step']:,} of {note['of']:,} ({share} %){losses}{rate}"


def failure(run: RunState) -> str:
    """A run that failed, and why."""
    return f"{run.name}: {run.state}: {run.note.get('reason')}"


def status_text(study: StudyStates, cores: int) -> str:
    """What `gan-bench status` prints: the summary, runs on their way, failures, and what there is to read."""
    states = study.read()
    lookups = study.lookups
    lines = [f"study {lookups.json['study']}: {summary(study, states, cores)}"]
    lines += _listed([current(run) for run in states if run.state in ("running", "stopped")])
    lines += _listed([failure(run) for run in states if run.state in FAILED])
    records = {stage: lookups.chunk_files(stage) for stage in ("train", "evaluate", "collapse")}
    there = {stage: sum(Path(file).is_file() for file in files) for stage, files in records.items()}
    total = len(records["train"])
    lines.append(
        f"  chunks of {total}: {there['train']} trained, {there['evaluate']} scored, {there['collapse']} judged"
    )
    report = Path(lookups.study_folder) / "report.html"
    lines.append(f"  {report}" if report.is_file() else f"  {report}: not written yet")
    return "\n".join(lines)


def _listed(lines: Sequence[str]) -> list[str]:
    more = [f"  and {len(lines) - NAMED} more"] if len(lines) > NAMED else []
    return [f"  {line}" for line in lines[:NAMED]] + more


def duration(seconds: float) -> str:
    """A time in the largest unit that leaves at least one and a half of it."""
    for limit, unit, size in ((90, "s", 1.0), (5400, "min", 60.0), (48 * 3600, "h", 3600.0)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:,.0f} days"
