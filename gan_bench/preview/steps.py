"""The steps that Snakemake would run, parsed from the output of its dry run."""

import ast
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gan_bench.errors import UserError

#: A job in the output of a dry run: a line with the rule's name, then indented lines.
BLOCK = re.compile(r"^(?:local)?rule (\w+):\n((?: {4}.*\n)+)", re.MULTILINE)
LINE = re.compile(r"^ {4}(\w+): (.*)$", re.MULTILINE)
PARAMS = re.compile(r"now across all output: before: (.*) now: (.*?) (?:;|$)")
NOTHING = "<nothing exclusive>"
#: Kind of reason -> beginning of the text with which Snakemake states this reason.
REASONS = {
    "missing": "Missing output files:",
    "incomplete": "Incomplete output files:",
    "upstream": "Input files updated by another job:",
    "newer": "Updated input files:",
    "inputs": "Set of input files has changed",
    "rule": "Code has changed",
    "forced": "Forced execution",
}


class Step(NamedTuple):
    """One job of a rule.

    `output`: the first output file. `reasons`: keys of REASONS that apply. `before`, `now`: values of the changed
    parameters at the last run and now.
    """

    rule: str
    wildcards: Mapping[str, str]
    output: str
    reasons: frozenset[str]
    before: tuple[str, ...]
    now: tuple[str, ...]


def scheduled(cores: int, config: Sequence[str], forced: Sequence[str] = ()) -> list[Step]:
    """The steps of a dry run in Snakemake's order, without rule "all".

    Args:
        cores: number of cores for Snakemake.
        config: KEY=VALUE texts. For this call, they override settings in config/config.yaml.
        forced: files that are made again even if they are up to date.

    Raises:
        UserError: the dry run failed; the message has its last lines.
    """
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--nocolor", "--cores", str(cores)]
    command += [*(["--config", *config] if config else []), *(["--forcerun", *forced] if forced else [])]
    run = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    text = run.stdout + run.stderr
    if run.returncode:
        raise UserError(*[line for line in text.splitlines() if line.strip()][-5:], "the dry run of Snakemake failed.")
    return [step_of(rule, body) for rule, body in BLOCK.findall(text) if rule != "all"]


def step_of(rule: str, body: str) -> Step:
    """The step described by the name of its rule and the indented lines below it."""
    lines = dict(LINE.findall(body))
    reason = lines.get("reason", "")
    wildcards = dict(pair.split("=", 1) for pair in lines.get("wildcards", "").split(", ") if "=" in pair)
    kinds = frozenset(key for key, beginning in REASONS.items() if beginning in reason)
    params = PARAMS.search(f"{reason.rstrip()} ")
    before, now = ((), ()) if params is None else (_values(params[1]), _values(params[2]))
    return Step(rule, wildcards, lines.get("output", "").split(", ")[0], kinds, before, now)


def _values(text: str) -> tuple[str, ...]:
    """The values in a list of parameters. Snakemake prints them as Python literals with commas between them."""
    return () if text == NOTHING else tuple(str(value) for value in ast.literal_eval(f"[{text}]"))
