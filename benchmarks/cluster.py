"""Overhead of a batch system: the same small runs are timed without Slurm, and in Slurm with two Snakemake profiles.

    python benchmarks/cluster.py [--runs 200] [--chunk 25] [--jobs 20] [--ways local,generic,slurm]

Needs root and the programs of `make test-slurm` (slurmctld, slurmd, slurm-client, munge). The script starts Slurm on
this machine, with two nodes of one core, and stops it at the end. The ways to run jobs (--ways) are `local` (without
Slurm), and the profiles `generic` and `slurm`. The script measures wall seconds:

- in each way: a study of `--runs` runs in jobs of `--chunk` seeds, from prepared data to the manifest;
- in each way: `--jobs` jobs that do nothing, so that all of their time is overhead;
- once: `collect`, `tables` and a dry run.

It also counts the files and bytes of a run.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/slurm"), str(ROOT / "tests")]

from cluster_tree import STUDY, ClusterTree
from real_slurm import RealSlurm, missing
from workflow_tree import copy_project, environment

EMPTY = """\
localrules: all
rule all:
    input: expand("out/{n}", n=range(JOBS))
rule nothing:
    output: "out/{n}"
    shell: "touch {output}"
"""


def options(tree: ClusterTree, way: str) -> list[str]:
    """Snakemake's arguments for one of the ways to run jobs: local, generic or slurm."""
    return ["--cores", "2"] if way == "local" else ["--profile", tree.profile(way, jobs=500)]


def timed(folder: Path, *arguments: str) -> float:
    """Seconds of a Snakemake call. SystemExit if it fails."""
    begin = time.monotonic()
    command = [sys.executable, "-m", "snakemake", *arguments]
    run = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(run.stdout[-3000:] + run.stderr[-3000:])
    return time.monotonic() - begin


def study(folder: Path, runs: int, chunk: int) -> ClusterTree:
    """A copy of the project with prepared data and a study of `runs` runs in jobs of `chunk` seeds."""
    copy_project(folder)
    tree = ClusterTree(folder)
    text = STUDY.replace("seeds: 2", f"seeds: {runs // 2}\nchunk: {chunk}").replace("g_steps: 300", "g_steps: 60")
    tree.study.write_text(text)
    timed(folder, "--cores", "2", "--until", "prepare_scoring")
    return tree


def sizes(tree: ClusterTree, runs: int) -> dict[str, float]:
    """Per run: paths, files (hard links count once), kB. Also the number of Snakemake's metadata files."""
    files = [p for p in tree.results.glob("demo/runs/**/*") if p.is_file()]
    stored = [p for p in tree.results.glob("store/**/*") if p.is_file()]
    inodes = {p.stat().st_ino: p.stat().st_size for p in (*files, *stored)}
    metadata = [p for p in (tree.folder / ".snakemake/metadata").rglob("*") if p.is_file()]
    return {
        "names per run": (len(files) + len(stored)) / runs,
        "files per run": len(inodes) / runs,
        "kB per run": sum(inodes.values()) / runs / 1000,
        "metadata files of the study": len(metadata),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--chunk", type=int, default=25)
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--ways", default="local,generic,slurm")
    arguments = parser.parse_args()
    if missing():
        raise SystemExit(missing())
    with tempfile.TemporaryDirectory(prefix="gan_bench_cluster_") as name:
        Path(name).chmod(0o755)
        with RealSlurm(Path(name) / "batch"):
            measure(Path(name), arguments)


def measure(folder: Path, arguments: argparse.Namespace) -> None:
    prepared = study(folder / "prepared", arguments.runs, arguments.chunk)
    jobs = arguments.runs // arguments.chunk
    print(f"load {os.getloadavg()[0]:.1f}\n")
    print(f"| way | {arguments.runs} runs in {jobs} jobs, s | {arguments.jobs} empty jobs, s |")
    print("| --- | ---: | ---: |", flush=True)
    digests, tree = set(), prepared
    for way in arguments.ways.split(","):
        tree = ClusterTree(folder / way)
        shutil.copytree(prepared.folder, tree.folder)
        wall = timed(tree.folder, *options(tree, way), tree.target)
        digests.add(tree.digest)
        empty = folder / f"empty-{way}"
        shutil.copytree(tree.folder / "profiles", empty / "profiles")
        (empty / "Snakefile").write_text(EMPTY.replace("JOBS", str(arguments.jobs)))
        begun = options(ClusterTree(empty), way) if way == "local" else ["--profile", f"profiles/{way}"]
        print(f"| {way} | {wall:.0f} | {timed(empty, *begun):.0f} |", flush=True)
    print(f"\nmanifests: {len(digests)} different\n{json.dumps(sizes(tree, arguments.runs))}")
    for command in ("collect", "tables"):
        begin = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "gan_bench.cli", "job", command, "--study-folder", "results/demo"],
            cwd=tree.folder,
            env=environment(),
            check=True,
        )
        print(f"{command}: {time.monotonic() - begin:.1f} s")
    print(f"plan of everything: {timed(tree.folder, '--cores', '2', '-n', '-q', 'all'):.1f} s")


if __name__ == "__main__":
    main()
