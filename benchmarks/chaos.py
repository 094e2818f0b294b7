"""Kills a small study at random moments and repeats the command. The results must equal those without kills.

    python benchmarks/chaos.py [--kills 50] [--seed 0] [--folder FOLDER]

A copy of the project runs `snakemake --cores 2` undisturbed. Its manifest, which lists the digests of all results, is
the reference. A second copy runs the same command and is killed at random moments (--seed) with SIGINT, SIGTERM or
SIGKILL. The signal goes to a training process, to snakemake alone, or to their process group. Then the command is
called again, without any repair. When the study is finished, its manifest is compared with the reference, all results
are deleted, and the study begins again. After --kills kills, the study is finished once more, and the script ends. It
kills only processes that it started.

Exit code 0 if all manifests equal the reference; 1 if any differs, or if the command fails by itself (without a kill)
four times before a study is finished. Runs only on Linux (it reads /proc).
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
TARGETS = ("training", "snakemake", "group")

STUDY = """\
description: Two cells, four runs, for chaos.
datasets: [digits]
variants:
  - model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: non_saturating
    optimizer: adam
  - model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: least_squares
    optimizer: {name: sgd, lr: 0.05}
seeds: 2
budget: {g_steps: STEPS}
log_points: 50
snapshots: 3
checkpoints: 2
evaluation: {n_samples: 100, extractor: {name: random_conv, width: 8}}
figures: [loss_curves]
"""


class Study:
    """A copy of the project with the small study, and the command that runs it."""

    def __init__(self, folder: Path, steps: int) -> None:
        self.folder = folder
        for name in ("gan_bench", "workflow", "config", "profiles"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".snakemake"))
        for name in ("Snakefile", "pyproject.toml", "requirements.lock"):
            shutil.copy2(ROOT / name, folder / name)
        (folder / "config/studies/demo.yaml").write_text(STUDY.replace("STEPS", str(steps)))
        self.log = folder / "chaos.log"

    def start(self) -> subprocess.Popen[bytes]:
        """Start the command in a new session, so that its processes form a separate process group."""
        variables = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "COV_"))}
        # Checkpoints are saved every 0.2 s, so that most killed runs can resume.
        variables |= {
            "GAN_BENCH_CHECKPOINT_SECONDS": "0.2",
            "PYTHONPATH": python_path(self.folder),
            "OMP_NUM_THREADS": "1",
        }
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "snakemake", "--cores", "2"],
                cwd=self.folder,
                env=variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # A background job of a shell ignores SIGINT, and its children would inherit this.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (no threads here)
            )

    @property
    def manifest(self) -> bytes | None:
        """The manifest of the study; None if the study is not finished."""
        file = self.folder / "results/demo/manifest.json"
        return file.read_bytes() if file.is_file() else None

    def resumed(self) -> int:
        """Number of runs that resumed from a checkpoint."""
        files = self.folder.glob("results/demo/runs/*/*/seed*/status.json")
        return sum(json.loads(file.read_text())["resumed_at_step"] is not None for file in files)

    def clear(self) -> None:
        for name in ("results", ".snakemake"):
            shutil.rmtree(self.folder / name, ignore_errors=True)


def python_path(folder: Path) -> str:
    """PYTHONPATH with the copy first, then the caller's entries except the original project."""
    others = [place for place in os.environ.get("PYTHONPATH", "").split(os.pathsep) if place and Path(place) != ROOT]
    return os.pathsep.join([str(folder), *others])


def group_members(group: int) -> Iterator[tuple[int, str]]:
    """(process id, command line) of the living processes of a group."""
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                fields = (place / "stat").read_text().rpartition(")")[2].split()
                command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:  # the process has ended meanwhile
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                yield int(place.name), command


def kill(process: subprocess.Popen[bytes], target: str, chosen: signal.Signals) -> str:
    """Send the signal and return the target. "training" becomes "snakemake" if there is no training process."""
    if target == "training":
        trainers = [
            pid for pid, text in group_members(process.pid) if "train-cell" in text and "-c" not in text.split()
        ]
        if trainers:
            os.kill(trainers[0], chosen)
            return "training"
        target = "snakemake"
    if target == "snakemake":
        os.kill(process.pid, chosen)
    else:
        os.killpg(process.pid, chosen)
    return target


def settle(group: int, patience: float = 60.0) -> int:
    """Wait for processes that a killed snakemake left running; after `patience` seconds, kill the rest.

    Returns the number of processes that it killed.
    """
    until = time.monotonic() + patience
    while (left := list(group_members(group))) and time.monotonic() < until:
        time.sleep(0.05)
    for pid, _ in left:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return len(left)


def say(text: str) -> None:
    print(text, flush=True)


def chaos(kills: int, seed: int, folder: Path, steps: int) -> int:
    """Run the experiment and print what happened; returns how often a study differed or could not be finished."""
    straight = Study(folder / "straight", steps)
    began = time.monotonic()
    if straight.start().wait() != 0 or straight.manifest is None:
        raise SystemExit(f"the uninterrupted study failed: see {straight.log}")
    length = time.monotonic() - began
    say(f"uninterrupted: {length:.1f} s, digest {json.loads(straight.manifest)['digest']}")
    rng = np.random.default_rng(seed)
    study, hits, orphans = Study(folder / "killed", steps), Counter(), 0
    done = resumes = rounds = wrong = idle = 0
    groups: list[int] = []
    finished = False
    # A kill may come after the last file is written but before the command ends. Then the command is repeated.
    while done < kills or not finished:
        if finished:
            for group in groups:
                orphans += settle(group)
            study.clear()
        finished = False
        process = study.start()
        groups.append(process.pid)
        target, chosen = TARGETS[rng.integers(len(TARGETS))], SIGNALS[rng.integers(len(SIGNALS))]
        moment = rng.uniform(0.0, length)
        try:
            code = process.wait(timeout=moment if done < kills else None)
        except subprocess.TimeoutExpired:
            hit = kill(process, target, chosen)
            done += 1
            hits[f"{hit} {chosen.name}"] += 1
            # In half of the cases, the next command starts when snakemake has ended; jobs may still be running.
            process.wait()
            if rng.integers(2):
                orphans += settle(process.pid)
            continue
        finished = code == 0 and study.manifest is not None
        idle = 0 if finished else idle + 1
        if idle > 3:
            say(f"the command failed four times without a kill: see {study.log}")
            wrong += 1
            break
        if finished:
            rounds, resumes = rounds + 1, resumes + study.resumed()
            wrong += study.manifest != straight.manifest
            say(f"after {done} kills: study {rounds} finished, {'as' if not wrong else 'NOT as'} the uninterrupted one")
    for group in groups:
        settle(group)
    say(f"kills: {done} ({', '.join(f'{name} {count}' for name, count in sorted(hits.items()))})")
    say(f"studies finished: {rounds}, runs resumed from a checkpoint: {resumes}, mismatches: {wrong}")
    say(f"left working a minute after a kill: {orphans}; {time.monotonic() - began:.0f} s in all")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=1500, help="G steps of each of the four runs")
    parser.add_argument("--folder", type=Path, help="kept afterwards; default: a temporary one")
    args = parser.parse_args()
    if args.folder is not None:
        return int(chaos(args.kills, args.seed, args.folder, args.steps) > 0)
    with tempfile.TemporaryDirectory() as folder:
        return int(chaos(args.kills, args.seed, Path(folder), args.steps) > 0)


if __name__ == "__main__":
    sys.exit(main())
