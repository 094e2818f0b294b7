"""The text of `gan-bench plan`."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from gan_bench.dag import Lookups
from gan_bench.files import read_json
from gan_bench.follow.launch import chunks_of
from gan_bench.follow.states import FAILED, FINISHED, RunState, StudyStates
from gan_bench.follow.words import duration, search_lines
from gan_bench.jobs.together import stacking_digest
from gan_bench.paths import MANIFEST, REPORT
from gan_bench.preview.reasons import Reasons
from gan_bench.preview.steps import Step, scheduled
from gan_bench.preview.study_changes import count_of_cells
from gan_bench.store import RECEIPT
from gan_bench.words import plural

#: Name of a group of steps (a stage) in the text -> Snakemake rules of these steps.
STAGES = {
    "data": ("prepare_data",),
    "extractor": ("fit_extractor",),
    "train": ("train_stack", "train"),
    "score": ("prepare_scoring", "evaluate"),
    "judge": ("detect_collapse",),
    "search": ("search_stage",),
    "tables": ("plan", "collect", "tables", "manifest"),
    "figures": ("figure",),
    "page": ("page",),
    "logs": ("log_files",),
}
#: Up to this many reasons why the steps of a stage run are listed. If there are more, the number of the others follows.
#: The list of removed parts of the study has the same limit.
LISTED = 12


def plan_text(lookups: Lookups, cores: int, config: Sequence[str], retry: bool = False) -> str:
    """The output of `gan-bench plan`: what would run, what is in the store, and why steps run.

    Args:
        lookups: the study.
        cores: number of cores, for the dry run and the estimated time.
        config: KEY=VALUE texts. For this call, they override settings in config/config.yaml.
        retry: whether runs whose status is failed or timeout are trained again.
    """
    study = StudyStates(lookups)
    states = study.read()
    failed = {(run.cell, run.seed) for run in states if retry and run.state in FAILED}
    states = [run._replace(state="waiting", note={}) if (run.cell, run.seed) in failed else run for run in states]
    steps = scheduled(cores, config, chunks_of(lookups, failed))
    reasons = Reasons(lookups)
    lines = [f"study {lookups.json['study']}: {_runs(study, states, steps, cores)}"]
    lines += [f"  {line}" for line in search_lines(lookups)]
    if not steps:
        lines.append("  nothing to do")
    if missing := _missing(lookups, steps):
        lines.append(
            f"  Missing: {plural(len(missing), 'file')} that Snakemake will not make again, because {MANIFEST} and "
            f"{REPORT} are up to date."
        )
        lines.append(f"    To make them, delete these two files first. The first missing file is {missing[0]}")
    for stage, rules in STAGES.items():
        if chosen := [step for step in steps if step.rule in rules]:
            words = _why(reasons, chosen)
            lines.append(f"  {stage:<10}{_steps(chosen)}{'' if words else ', after the steps above'}")
            lines += [f"    {line}" for line in words]
    if reasons.changes.gone:
        lines.append(f"  no longer in the study (its files are kept): {'; '.join(_first(reasons.changes.gone))}")
    return "\n".join(lines)


def _missing(lookups: Lookups, steps: Sequence[Step]) -> list[str]:
    """Missing files that belong to chunks and are outputs of no scheduled step.

    A chunk is a group of runs of one cell.
    """
    outputs = {step.output for step in steps}
    files = [file for stage in ("train", "evaluate", "collapse") for file in lookups.chunk_files(stage)]
    return [file for file in files if file not in outputs and not Path(file).is_file()]


def _runs(study: StudyStates, states: Sequence[RunState], steps: Sequence[Step], cores: int) -> str:
    """Text with the numbers of runs to train, of runs from the store, and of runs that are done."""
    lookups, code = study.lookups, stacking_digest()
    at = [step.wildcards for step in steps if step.rule == "train"]
    scheduled_runs = {
        ((w["dataset"], w["cell"]), seed)
        for w in at
        for seed in lookups.chunks[w["dataset"], w["cell"], int(w["chunk"])]
    }
    chosen = [run for run in states if (run.cell, run.seed) in scheduled_runs]
    training = [run for run in chosen if run.state not in FINISHED or _stale(run, code)]
    resumed = sum(run.state in ("stopped", "running") for run in training)
    parts = [f"{plural(len(states), 'run')}: {len(training)} to train"]
    if training:
        left = study.seconds_left(states)
        details = [f"{resumed} of them from a checkpoint"] if resumed else []
        details += (
            [] if left is None or left < 1 else [f"about {duration(left / max(cores, 1))} on {plural(cores, 'core')}"]
        )
        parts[0] += f" ({', '.join(details)})" if details else ""
    if stored := len(chosen) - len(training):
        parts.append(f"{stored} from the store")
    if done := len(states) - len(chosen):
        failed = sum(run.state in FAILED for run in states)
        again_text = f" ({failed} failed; --retry-failed or changed code trains them again)" if failed else ""
        parts.append(f"{done} done{again_text}")
    again = {step.wildcards["data"] for step in steps if step.rule == "prepare_data"}
    labels = [label for label, dataset in lookups.json["datasets"].items() if dataset["id"] in again]
    if any(run.cell[0] in labels and run.state in FINISHED for run in states):
        parts.append(f"more to train if the newly prepared data of {', '.join(labels)} differ")
    return ", ".join(parts)


def _stale(run: RunState, code: str | None) -> bool:
    """Whether a stored run was trained in a stack, and the code for stacks has changed since.

    In a stack, several runs are trained together.
    """
    receipt = {} if run.folder is None else read_json(run.folder / RECEIPT)
    return receipt.get("stacking") not in (None, code)


def _steps(steps: Sequence[Step]) -> str:
    """The number of steps, such as "4 steps".

    If the steps belong to more than one rule, the name and number of steps of each rule follow.
    """
    number = Counter(step.rule for step in steps)
    rules = f" ({', '.join(f'{rule} {count}' for rule, count in number.items())})" if len(number) > 1 else ""
    return f"{len(steps)} step{'' if len(steps) == 1 else 's'}{rules}"


def _why(reasons: Reasons, steps: Sequence[Step]) -> list[str]:
    """The reasons why the steps of a stage run, at most LISTED.

    If steps of cells run for a reason, the reason ends with the number of these cells.
    """
    cells: dict[str, set[tuple[str, str]]] = {}
    for step in steps:
        for words in reasons.of(step):
            at = step.wildcards
            cells.setdefault(words, set()).update([(at["dataset"], at["cell"])] if "cell" in at else [])
    return _first([f"{words} in {count_of_cells(len(at))}" if at else words for words, at in cells.items()])


def _first(lines: Sequence[str]) -> list[str]:
    more = [f"and {len(lines) - LISTED} more"] if len(lines) > LISTED else []
    return [*lines[:LISTED], *more]
