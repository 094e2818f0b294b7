"""`gan-bench run`: runs Snakemake on a study, and explains how Snakemake ended."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_bench.dag import Lookups
from gan_bench.data import check_sources
from gan_bench.errors import UserError
from gan_bench.follow.states import FAILED, FINISHED, StudyStates
from gan_bench.follow.words import data_remarks, failures, summary
from gan_bench.paths import CONFIG, MANIFEST, REPORT, RUNS_TABLE
from gan_bench.stats.write.names import TABLES

#: Signals that stop a study.
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: Exit code if a study is complete but some of its runs failed.
INCOMPLETE = 3


def lookups_of(study: str | None, config: Mapping[str, Any]) -> Lookups:
    """The study as the workflow sees it: from config/config.yaml, overridden by `config` and `study`."""
    return Lookups(config_of(study, config))


def config_of(study: str | None, config: Mapping[str, Any]) -> dict[str, Any]:
    """Content of config/config.yaml, overridden by `config` and `study`."""
    import yaml

    if not CONFIG.is_file():
        raise UserError(
            f"{CONFIG}: no such file; call this in a folder with a Snakefile, or make such a folder: "
            "gan-bench init FOLDER"
        )
    content = yaml.safe_load(CONFIG.read_text(encoding="utf-8")) or {}
    return {**content, **config, **({} if study is None else {"study": study})}


def config_arguments(study: str | None, config: Sequence[str]) -> list[str]:
    """`config` and, if given, the study, as KEY=VALUE texts for Snakemake."""
    return [*([] if study is None else [f"study={study}"]), *config]


def chunks_of(lookups: Lookups, runs: Container[tuple[tuple[str, str], int]]) -> list[str]:
    """Training records of all chunks that contain one of `runs`, which are pairs (cell, seed).

    A chunk consists of the seeds of a cell that one job trains.
    """
    return [
        f"{lookups.study_folder}/runs/{dataset}/{cell}/chunk{k}.train.json"
        for (dataset, cell, k), seeds in lookups.chunks.items()
        if any(((dataset, cell), seed) in runs for seed in seeds)
    ]


def parse_config(pairs: Sequence[str]) -> dict[str, Any]:
    """KEY=VALUE texts as a mapping. Values are YAML, as for Snakemake. UserError for a text without "="."""
    import yaml

    config = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise UserError(f"--config has {pair!r}; valid: KEY=VALUE, such as data_dir=DATA.")
        config[key] = yaml.safe_load(value) if value else ""
    return config


def run(study: str | None, cores: int, config: Sequence[str], retry: bool, more: Sequence[str]) -> int:
    """Run the workflow and return the exit code of `gan-bench run`. `more`: further arguments for Snakemake."""
    if any(word in ("--config", "-C", "--cores", "-c") for word in more):
        raise UserError("put --config and --cores before the --, because gan-bench needs them too.")
    lookups = lookups_of(study, parse_config(config))
    data_dir = Path(lookups.data_dir) if lookups.data_dir else None
    check_sources((entry["ref"] for entry in lookups.datasets.values()), data_dir)
    if retry:
        for name in forget_failures(lookups):
            print(f"{name}: will be trained again")
    named = config_arguments(study, config)
    command = ["snakemake", "--cores", str(cores), *(["--config", *named] if named else []), *more]
    print(shlex.join(command), flush=True)
    code = _call([sys.executable, "-m", "gan_bench.follow.snakemake_process", *command[1:]])
    if code < 0:  # the output above has already said that the study was stopped
        return 128 - code
    if code:
        print("not finished, for the reason above; call the same command to try again", file=sys.stderr)
        return code if code == 2 else 1
    lookups.read_search()
    states, report = StudyStates(lookups).read(), Path(lookups.study_folder, REPORT)
    if not report.is_file() or any(run.state not in FINISHED for run in states):
        return 0  # a dry run, or targets that are only a part of the study
    print(f"study {lookups.json['study']} is complete: {summary(StudyStates(lookups), states, cores)}; {report}")
    failed = failures(states)
    for line in [*data_remarks(lookups), *failed]:
        print(f"  {line}")
    if failed:
        print("  Failed runs are trained again if their code changes, or with --retry-failed.")
    return INCOMPLETE if failed else 0


def forget_failures(lookups: Lookups) -> list[str]:
    """Delete failed runs and the records of their chunks, so that they are trained again; returns the names of runs.

    The study's manifest, report and table of runs are deleted too. If they existed, Snakemake would not make the
    missing records again.
    """
    failed = [run for run in StudyStates(lookups).read() if run.state in FAILED]
    for run in failed:
        if run.folder is not None:
            shutil.rmtree(run.folder)
    for record in chunks_of(lookups, {(run.cell, run.seed) for run in failed}):
        Path(record).unlink(missing_ok=True)
    for name in (MANIFEST, REPORT, f"{TABLES}/{RUNS_TABLE}") if failed else ():
        Path(lookups.study_folder, name).unlink(missing_ok=True)
    return [run.name for run in failed]


def _call(command: Sequence[str]) -> int:
    """Exit code of a command, or minus the number of a signal that this process got while the command ran.

    The command has its own process group. A signal to this process is passed on to the group as SIGINT. Jobs then save
    their checkpoints, and Snakemake starts no further jobs.
    """
    received: list[int] = []
    with subprocess.Popen(command, process_group=0) as process:  # noqa: S603

        def forward(number: int, _frame: object) -> None:
            received.append(number)
            os.killpg(process.pid, signal.SIGINT)

        # SIGHUP means that the terminal was closed. Signals that are ignored now (SIGHUP under nohup) stay ignored.
        numbers = [number for number in STOPS if signal.getsignal(number) != signal.SIG_IGN]
        before = {number: signal.signal(number, forward) for number in numbers}
        try:
            code = process.wait()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return -received[0] if received else code
