"""Cost of the workflow itself: planning, starting jobs, and the share of training in the time of a real grid.

    python benchmarks/workflow.py [--quick] [--only plan again grid] [--out FILE]

    plan    dry runs of 100, 1,000 and 10,000 runs: CPU seconds, peak memory
    again   jobs that only write their output, so that all of their CPU time is overhead; then a dry run
    grid    a real grid of two-second runs on two cores: share of training, and of each other command, in all CPU time

Every number is measured on separate processes by the kernel (user + system time, with all children). --quick limits
`again` to 100 runs; otherwise it also has 1,000 and 10,000 runs, which takes a quarter of an hour. Except for FILE
(JSON), only a temporary folder is written.
"""

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SEEDS = 4

#: A command in place of training or scoring: it only writes the output that the rule expects.
STUB = """\
import pathlib, sys
arguments = dict(zip(sys.argv[1:], sys.argv[2:]))
out = pathlib.Path(arguments["--out"])
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text("{}")
"""

#: Python runs this at the start of each process of the project. At the end of the process it records the command, its
#: CPU seconds, and the part of them in threads other than the first.
ACCOUNT = """\
import atexit, json, pathlib, resource, sys
def account():
    all, first = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_THREAD))
    used, own = (one.ru_utime + one.ru_stime for one in (all, first))
    line = json.dumps([sys.argv[2] if "gan_bench" in sys.argv[0] else "snakemake", used, used - own])
    with pathlib.Path(__file__).with_name("account.jsonl").open("a") as file:
        file.write(line + "\\n")
atexit.register(account)
"""

STUDY = """\
description: Made for a benchmark of the workflow.
datasets: [digits]
variants:
  - model: {{name: mlp, g_widths: [{width}], d_widths: [{width}]}}
    loss: non_saturating
    optimizer: [{optimizers}]
seeds: {seeds}
chunk: {chunk}
budget: {{g_steps: {steps}}}
evaluation: {{n_samples: 500}}
figures: [status_matrix]
"""

#: Targets: CPU seconds and megabytes of a plan of 10,000 runs, CPU milliseconds of a job, share of training in a grid.
TARGETS = {"plan_cpu_s": 15.0, "plan_mb": 400.0, "job_cpu_ms": 20.0, "training_share": 0.85}


@dataclass
class Cost:
    """Cost of a command with all its children; the peak memory is that of the largest process."""

    cpu_s: float
    wall_s: float
    peak_mb: float


class Project:
    """A copy of the project with one artificial study. After `stub`, its commands only write their output files."""

    def __init__(self, folder: Path, runs: int, *, seeds: int = SEEDS, steps: int = 10, width: int = 8) -> None:
        self.folder = folder
        for name in ("gan_bench", "workflow", "config", "profiles"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".snakemake"))
        for name in ("Snakefile", "pyproject.toml", "requirements.lock"):
            shutil.copy2(ROOT / name, folder / name)
        cells = runs // seeds
        rates = ", ".join(f"{{name: adam, lr: {1e-4 * (1 + i / cells):.10f}}}" for i in range(cells))
        text = STUDY.format(width=width, optimizers=rates, seeds=seeds, chunk=seeds, steps=steps)
        (folder / "config/studies/demo.yaml").write_text(text)

    def stub(self) -> None:
        (self.folder / "gan_bench/cli/__init__.py").write_text("")
        (self.folder / "gan_bench/cli/__main__.py").write_text(STUB)

    def snakemake(self, *arguments: str) -> Cost:
        """Run snakemake. If it fails, RuntimeError has the end of its output."""
        variables = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        variables |= {"PYTHONPATH": str(self.folder), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "snakemake", *arguments]
        log = self.folder / "snakemake.log"
        began = time.monotonic()
        with log.open("wb") as file:
            process = subprocess.Popen(command, cwd=self.folder, env=variables, stdout=file, stderr=file)
            # Usage of the process, including children for which it waited.
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)}:\n{log.read_text()[-3000:]}")
        return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - began, usage.ru_maxrss / 1024)


def plan(runs: int, folder: Path) -> dict[str, Any]:
    """Cost of a dry run of a new study."""
    return {"runs": runs, **asdict(Project(folder / "plan", runs).snakemake("-n", "-q", "all"))}


def again(runs: int, folder: Path) -> dict[str, Any]:
    """Overhead of a job, and cost of a dry run of a study in which all runs are trained, scored and judged.

    The outputs of the jobs are stubs.
    """
    project = Project(folder / "again", runs)
    project.stub()
    first = project.snakemake("--cores", "2", "-q", "all", "--until", "detect_collapse")
    dry_run = project.snakemake("-n", "-q", "all", "--until", "detect_collapse")
    log = (project.folder / "snakemake.log").read_text()
    if "Nothing to be done" not in log and not re.search(r"^total +0$", log, re.MULTILINE):
        raise RuntimeError(f"there was something to do:\n{log[-3000:]}")
    jobs = 3 * runs // SEEDS + 4
    return {"runs": runs, "jobs": jobs, **asdict(dry_run), "making": asdict(first), **_per_job(project, first, jobs)}


def _per_job(project: Project, jobs_run: Cost, jobs: int) -> dict[str, float]:
    """CPU milliseconds of a job: of snakemake alone, with the stub, and of the stub alone.

    Snakemake's start and planning are not counted.
    """
    fixed = project.snakemake("-n", "-q", "all", "--until", "detect_collapse", "--forceall").cpu_s
    python = _interpreter_seconds(project)
    total = 1000 * (jobs_run.cpu_s - fixed) / jobs
    return {"job_cpu_ms": total - 1000 * python, "job_with_stub_cpu_ms": total, "stub_cpu_ms": 1000 * python}


def _interpreter_seconds(project: Project, times: int = 20) -> float:
    """CPU seconds of one stub, started as a rule starts it but without a shell."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for i in range(times):
        command = [sys.executable, "-m", "gan_bench.cli", "x", "--out", str(project.folder / f"stub{i}")]
        subprocess.run(command, cwd=project.folder, check=True, env={**os.environ, "PYTHONPATH": str(project.folder)})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / times


def grid(runs: int, folder: Path, *, seeds: int = 20, steps: int = 4200) -> dict[str, Any]:
    """CPU time of the parts of a real grid on two cores, up to its tables.

    "Training" is the whole time of the training jobs; the time of the steps alone comes from each status.json.
    """
    project = Project(folder / "grid", runs, seeds=seeds, steps=steps, width=64)
    (project.folder / "sitecustomize.py").write_text(ACCOUNT)
    cost = project.snakemake("--cores", "2", "-q", "all", "--until", "tables")
    statuses = [json.loads(file.read_text()) for file in project.folder.glob("results/demo/runs/*/*/seed*/status.json")]
    if len(statuses) != runs or any(status["status"] != "ok" for status in statuses):
        raise RuntimeError(f"{len(statuses)} of {runs} runs, not all ok")
    used: dict[str, float] = {}
    beside: dict[str, float] = {}
    for line in (project.folder / "account.jsonl").read_text().splitlines():
        command, seconds, others = json.loads(line)
        used[command] = used.get(command, 0.0) + seconds
        beside[command] = max(beside.get(command, 0.0), others / seconds)
    training = min(sum(status["seconds"] for status in statuses), used["train-cell"])
    return {
        **{"runs": runs, "chunk": seeds, "seconds_a_run": training / runs, **asdict(cost)},
        "training_s": training,
        "training_share": used["train-cell"] / cost.cpu_s,
        "steps_share": training / cost.cpu_s,
        "command_cpu_s": used,
        # Each of these jobs has one thread, so a share above zero would show a second thread.
        "beside_own_thread": max(share for command, share in beside.items() if command != "snakemake"),
    }


def row(name: str, results: dict[str, Any]) -> str:
    """A row of the printed table: what was measured, the numbers, and whether they meet the targets."""
    runs, cpu, peak = results["runs"], results["cpu_s"], results["peak_mb"]
    if name == "grid":
        share = results["training_share"]
        most = sorted(results["command_cpu_s"].items(), key=lambda item: -item[1])[:6]
        jobs = ", ".join(f"{command} {seconds:.0f} s" for command, seconds in most)
        beside = f"at most {100 * results['beside_own_thread']:.1f} % of a job's CPU time outside its main thread"
        steps = f"training jobs, {100 * results['steps_share']:.0f} % their steps alone"
        text = f"{100 * share:.0f} % of {cpu:.0f} CPU s is {steps} ({jobs}); {results['wall_s']:.0f} s; {beside}"
        where = f"{runs} runs of {results['seconds_a_run']:.1f} s, {results['chunk']} a job, to the tables"
        return f"| {where} | {text} | >= 85 %: {_met(share >= TARGETS['training_share'])} |"
    fits = cpu <= TARGETS["plan_cpu_s"] and peak <= TARGETS["plan_mb"]
    planned = f"{cpu:.1f} CPU s, {peak:.0f} MB"
    if name == "plan":
        return f"| plan {runs} runs | {planned} | <= 15 CPU s, 400 MB: {_met(fits)} |"
    job = results["job_cpu_ms"]
    text = f"{planned}; a job {job:.0f} ms of CPU (with the stub's Python {job + results['stub_cpu_ms']:.0f})"
    met = f"{_met(fits)}; <= 20 ms: {_met(job <= TARGETS['job_cpu_ms'])}"
    return f"| nothing to do for {runs} runs, {results['jobs']} jobs | {text} | <= 15 CPU s, 400 MB: {met} |"


def _met(yes: bool) -> str:
    return "met" if yes else "missed"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", choices=("plan", "again", "grid"), default=["plan", "again", "grid"])
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    sizes = [100] if args.quick else [100, 1000, 10_000]
    results: dict[str, Any] = {"targets": TARGETS}
    print("| what | measured | target |\n|---|---|---|", flush=True)
    for name, sizes_of, run in (
        ("plan", [100, 1000, 10_000], plan),
        ("again", sizes, again),
        ("grid", [200], grid),
    ):
        for size in sizes_of if name in args.only else ():
            with tempfile.TemporaryDirectory() as folder:
                results.setdefault(name, []).append(run(size, Path(folder)))
            print(row(name, results[name][-1]), flush=True)
    if args.out is not None:
        args.out.write_text(json.dumps(results, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
