"""Progress of a study, in words."""

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from gan_bench.dag import Lookups
from gan_bench.data import remarks
from gan_bench.files import read_json
from gan_bench.follow.states import FAILED, FINISHED, RunState, StudyStates, counts
from gan_bench.paths import MANIFEST
from gan_bench.words import plural

#: Largest number of lines about unfinished runs that `gan-bench status` prints; the same limit holds for failures.
NAMED = 20


def summary(study: StudyStates, states: Sequence[RunState], cores: int) -> str:
    """One line: number of finished and of planned runs, number of runs in each state, and the training time left."""
    number = counts(states)
    done = sum(number[state] for state in FINISHED)
    parts = [f"{number[state]} {words}" for state, words in _KINDS if number[state]]
    aside = f" ({', '.join(parts)})" if parts else ""
    left = study.seconds_left(states) if done < len(states) else None
    beside = (
        "" if left is None else f", about {duration(left / max(cores, 1))} of training left on {plural(cores, 'core')}"
    )
    return f"{done} of {plural(len(states), 'run')} done{aside}{beside}"


_KINDS = (
    ("diverged", "diverged"),
    ("failed", "failed"),
    ("timeout", "out of time"),
    ("running", "running"),
    ("stopped", "interrupted"),
)


def current(states: Sequence[RunState]) -> list[str]:
    """Lines on running and stopped runs: step, mean losses, and the total images per second of running runs.

    Runs of the same cell in the same state share a line. Runs that have not logged a step yet have a separate line.
    """
    on_way = [run for run in states if run.state in ("running", "stopped")]
    return [_cell(runs) for runs in _grouped(on_way, lambda run: (run.cell, run.state, bool(run.note)))]


def _cell(runs: Sequence[RunState]) -> str:
    notes, state = [run.note for run in runs if run.note], dict(_KINDS)[runs[0].state]
    if not notes:
        return f"{_name(runs)}: {state}, no step logged yet"
    losses = [(name, [note[name] for note in notes if name in note]) for name in ("d_loss", "g_loss")]
    text = "".join(f", {name} {sum(values) / len(values):.4g}" for name, values in losses if values)
    steps, of = sorted({note["step"] for note in notes}), notes[0]["of"]
    step = f"{steps[0]:,}" if len(steps) == 1 else f"{steps[0]:,} to {steps[-1]:,}"
    share = 100 * sum(note["step"] for note in notes) // (of * len(notes))
    rate = f"{sum(note['images_per_second'] for note in notes):,.0f} images/s" if state == "running" else state
    samples = next((f"; samples so far: {note['samples']}" for note in notes if "samples" in note), "")
    return f"{_name(runs)}: step {step} of {of:,} ({share} %){text}, {rate}{samples}"


def failures(states: Sequence[RunState]) -> list[str]:
    """Lines on failed runs: one line for each cell, state (failed or timeout) and reason."""
    failed = [run for run in states if run.state in FAILED]
    groups = _grouped(failed, lambda run: (run.cell, run.state, run.note.get("reason")))
    return [f"{_name(runs)}: {runs[0].state}: {runs[0].note.get('reason')}" for runs in groups]


def _grouped(states: Sequence[RunState], key: Callable[[RunState], Hashable]) -> list[list[RunState]]:
    groups: dict[Hashable, list[RunState]] = {}
    for run in states:
        groups.setdefault(key(run), []).append(run)
    return list(groups.values())


def _name(runs: Sequence[RunState]) -> str:
    if len(runs) == 1:
        return runs[0].name
    return f"{runs[0].cell[0]}/{runs[0].variant} seeds {', '.join(str(run.seed) for run in runs)}"


def status_text(study: StudyStates, cores: int) -> str:
    """The output of `gan-bench status`.

    It has the summary, a line on the search, running and stopped runs, failures, remarks on data, the numbers of
    finished chunks, and the path of the report.
    """
    states = study.read()
    lookups = study.lookups
    lines = [f"study {lookups.json['study']}: {summary(study, states, cores)}"]
    lines += [f"  {line}" for line in search_lines(lookups)]
    lines += _listed(current(states))
    lines += _listed(failures(states))
    lines += [f"  {line}" for line in data_remarks(lookups)]
    records = {stage: lookups.chunk_files(stage) for stage in ("train", "evaluate", "collapse")}
    there = {stage: sum(Path(file).is_file() for file in files) for stage, files in records.items()}
    total = len(records["train"])
    counts = f"{there['train']} trained, {there['evaluate']} scored, {there['collapse']} judged"
    lines.append(f"  of {plural(total, 'chunk')}: {counts}")
    report = Path(lookups.study_folder) / "report.html"
    lines.append(f"  {report}" if report.is_file() else f"  {report}: not written yet")
    return "\n".join(lines)


def search_lines(lookups: Lookups) -> list[str]:
    """A line on the trials of the study's search; no line if the study has no search."""
    return [] if lookups.plan.search is None else [lookups.plan.search.sentence()]


def data_remarks(lookups: Lookups) -> list[str]:
    """A line for each remark on the study's data sets that are prepared."""
    lines = []
    for label, entry in lookups.json["datasets"].items():
        manifest = Path(lookups.results, "data", entry["id"], MANIFEST)
        lines += [f"data {label}: {text}" for text in (remarks(read_json(manifest)) if manifest.is_file() else ())]
    return lines


def _listed(lines: Sequence[str]) -> list[str]:
    more = [f"  and {len(lines) - NAMED} more"] if len(lines) > NAMED else []
    return [f"  {line}" for line in lines[:NAMED]] + more


def duration(seconds: float) -> str:
    """A time in the unit that suits it: "80 s", "85 min", "40 h" or "3 days"."""
    for limit, unit, size in ((90, "s", 1.0), (5400, "min", 60.0), (48 * 3600, "h", 3600.0)):
        if seconds < limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86400:,.0f} days"
