"""Why a step runs, in words: Snakemake's reason, with details from records of the last `gan-bench run`."""

import json
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Any

from gan_bench.dag import Lookups
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.paths import PLAN
from gan_bench.preview.code_notes import Note, code_change, study_notes
from gan_bench.preview.differences import settings_difference
from gan_bench.preview.steps import Step
from gan_bench.preview.study_changes import StudyChanges

#: A parameter that is one digest of code, or two digests joined by "-".
DIGEST = re.compile(r"[0-9a-f]{16}(-[0-9a-f]{16})?")
#: Rule -> a file that a step of the rule writes besides its output. If this file exists, the step was started before.
TRACES = {
    "prepare_data": "{results}/logs/data/{data}.log",
    "fit_extractor": "{results}/logs/reference/{data}/{extractor}.log",
    "prepare_scoring": "{results}/logs/scoring/{data}/{extractor}-{scoring}.log",
    "train": "{study}/benchmarks/train/{dataset}/{cell}/chunk{chunk}.jsonl",
    "evaluate": "{study}/logs/evaluate/{dataset}/{cell}/chunk{chunk}.log",
    "detect_collapse": "{study}/logs/collapse/{dataset}/{cell}/chunk{chunk}.log",
    "figure": "{study}/logs/figures/{figure}.log",
    "tables": "{study}/logs/tables.log",
    "collect": "{study}/logs/collect.log",
    "page": "{study}/logs/report.log",
    "manifest": "{study}/logs/manifest.log",
    "plan": "{study}/logs/plan.log",
}
#: Kind of reason (a key of `steps.REASONS`) -> its words, for kinds that need no record of the last run.
PLAIN = {
    "incomplete": "the last run was stopped in this step",
    "newer": "an input file is newer than its output",
    "rule": "the rule in workflow/rules changed",
}


class Reasons:
    """Explains why the steps of a study run. `changes`: differences between the plan of the last run and the study."""

    def __init__(self, lookups: Lookups) -> None:
        self.lookups = lookups
        self.changes = StudyChanges(_last_plan(lookups), lookups.json)
        self._labels = {dataset["id"]: label for label, dataset in lookups.json["datasets"].items()}

    def of(self, step: Step) -> list[str]:
        """The reasons why a step runs. [] if the step runs only because an earlier step runs."""
        if "forced" in step.reasons:
            return ["--retry-failed"]
        words = self._study(step)
        words += filter(None, self._parameters(step, same_parts=not words))
        if not words and "missing" in step.reasons and "upstream" not in step.reasons:
            words = ["its output was deleted" if self._was_made(step) else "not done yet"]
        words += [text for reason, text in PLAIN.items() if reason in step.reasons]
        return list(dict.fromkeys(words))

    def _study(self, step: Step) -> list[str]:
        """The edits of the study that make this step run."""
        changes, at = self.changes, step.wildcards
        if step.rule == "train":
            words = [changes.cells.get((at["dataset"], at["cell"]))]
        elif step.rule == "prepare_data":
            words = [changes.datasets.get(at["data"])]
        elif step.rule == "fit_extractor":
            words = [changes.datasets.get(at["data"]), *changes.extractors.get(self._labels[at["data"]], [])]
        elif step.rule in ("prepare_scoring", "evaluate"):
            label = at["dataset"] if "dataset" in at else self._labels[at["data"]]
            words = [*changes.evaluation, *changes.extractors.get(label, [])]
        elif step.rule == "figure":
            words = [changes.figures.get(at["figure"])]
        elif step.rule == "plan":
            words = ["the study changed"] if step.before else []
        else:
            words = []
        return [text for text in words if text]

    def _parameters(self, step: Step, *, same_parts: bool) -> Iterator[str]:
        """Differences between the step's parameters at the last run and now."""
        before, now = (sorted(filter(DIGEST.fullmatch, values)) for values in (step.before, step.now))
        for old, new in zip(before, now, strict=False):
            for part, other in zip_longest(old.split("-"), new.split("-"), fillvalue=""):
                if part != other:
                    yield code_change(self.lookups, part, other, self._notes, same_parts=same_parts)
        if step.rule in ("figure", "train", "prepare_data"):
            for former, present in zip(map(_settings, step.before), map(_settings, step.now), strict=False):
                if former and present:
                    yield settings_difference(former, present)

    def _was_made(self, step: Step) -> bool:
        trace = TRACES.get(step.rule)
        places = {"results": self.lookups.results, "study": self.lookups.study_folder}
        return trace is not None and Path(trace.format(**places, **step.wildcards)).is_file()

    @cached_property
    def _notes(self) -> dict[str, Note]:
        return study_notes(self.lookups)


def _settings(parameter: str) -> dict[str, Any]:
    """The settings in a parameter that is a JSON object; {} for any other parameter."""
    try:
        value = json.loads(parameter)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _last_plan(lookups: Lookups) -> dict[str, Any] | None:
    try:
        plan: dict[str, Any] = read_json(Path(lookups.study_folder) / PLAN)
    except UserError:  # the study never ran
        return None
    return plan
