"""A checkout whose study runs through a batch system with one of the shipped profiles."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from real_slurm import RealSlurm, processes_of
from workflow_tree import Tree, copy_project, environment

STUDY = """\
description: Two cells, four runs, for a batch system.
datasets: [digits]
variants:
  - model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: non_saturating
    optimizer: adam
  - model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: least_squares
    optimizer: {name: sgd, lr: 0.05}
seeds: 2
budget: {g_steps: 300}
log_points: 50
snapshots: 3
checkpoints: 2
evaluation: {n_samples: 100, extractor: {name: random_conv, width: 8}}
figures: [loss_curves]
"""
#: Keys of the shipped profiles that tests replace. Otherwise tests would wait too long, and this Slurm has no accounts.
QUICK = {
    "generic": {"seconds-between-status-checks": 2, "latency-wait": 10},
    "slurm": {
        "slurm-status-command": "squeue",
        "slurm-init-seconds-before-status-checks": 8,
        "latency-wait": 10,
    },
}


class ClusterTree(Tree):
    """A checkout with a study. A test fails if a command takes longer than ten minutes."""

    target = "results/demo/manifest.json"

    @property
    def digest(self) -> str:
        """One SHA-256 over all files of the study that must be reproducible."""
        return str(json.loads((self.folder / self.target).read_text())["digest"])

    def profile(self, name: str, **changes: object) -> str:
        """Shorten the waits of a shipped profile in this checkout, set the keys in `changes`, and return its path."""
        shipped = self.folder / "profiles" / name
        values = yaml.safe_load((shipped / "profile.v9+.yaml").read_text()) | QUICK[name]
        for word, value in changes.items():
            key = word.replace("_", "-")
            values[key] = {**values[key], **value} if isinstance(value, dict) else value
        (shipped / "profile.v9+.yaml").write_text(yaml.safe_dump(values, width=1000))
        return f"profiles/{name}"

    @contextmanager
    def started(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A Snakemake process that runs during the `with` block and writes to run.log.

        If it still runs at the end of the block, it is killed.
        """
        command = [sys.executable, "-m", "snakemake", *arguments, self.target]
        with (self.folder / "run.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=environment(), stdout=log, stderr=log, start_new_session=True
            )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @property
    def said(self) -> str:
        """The output of the started commands."""
        return (self.folder / "run.log").read_text(errors="replace")

    def finish(self, process: subprocess.Popen[bytes], seconds: float = 300) -> str:
        """Wait until a started command succeeds; returns its output."""
        assert process.wait(timeout=seconds) == 0, self.said[-6000:]
        return self.said

    def trained(self) -> dict[str, str]:
        """{folder of a finished run in the store: text of its status.json}.

        The text changes if the run is trained again.
        """
        # Finished runs are in folders named by two hexadecimal digits; unfinished runs are elsewhere.
        return {str(p.parent): p.read_text() for p in self.results.glob("store/??/*/status.json")}


def new_tree(folder: Path, study: str = STUDY) -> ClusterTree:
    """A checkout in which nothing of the study has run."""
    copy_project(folder)
    tree = ClusterTree(folder)
    tree.study.write_text(study)
    return tree


def training(slurm: RealSlurm, count: int, seconds: float = 120) -> dict[str, int]:
    """Wait until `count` jobs are training. Returns {job id: process id of the training}."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = {job: pid for job in slurm.jobs("running") for pid in processes_of(job) if _trains(pid)}
        if len(found) >= count:
            return found
        time.sleep(0.2)
    raise AssertionError(f"no {count} jobs train after {seconds} s: {slurm.history()}")


def _trains(pid: int) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"gan_bench.cli" in words and b"train-cell" in words


def submitted(said: str) -> int:
    """Number of the jobs that Snakemake's log reports as submitted."""
    return len(
        re.findall(r"^Submitted .* with external jobid '\d+'|has been submitted with SLURM jobid", said, re.MULTILINE)
    )
