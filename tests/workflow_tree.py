"""A copy of the project with a small default study, in which the real Snakemake runs."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("GAN_BENCH_SHARED_DATA", ROOT.parent / "shared" / "data"))

STUDY = """\
# yaml-language-server: $schema=../schema.json
description: Two cells, two seeds, seconds.
datasets: [digits]
variants:
  - model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: non_saturating
    optimizer: adam
  - model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: least_squares
    optimizer: {name: sgd, lr: 0.05}
seeds: 2
budget: {g_steps: 40}
log_points: 20
snapshots: 3
evaluation: {n_samples: 100, extractor: {name: classifier, epochs: 1}}
figures: [loss_curves, {name: metric_by_variant, dpi: 60}]
"""


class Tree:
    """A copy of the checkout, with its own results."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.study = folder / "config" / "studies" / "demo.yaml"
        self.results = folder / "results"

    def snakemake(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "snakemake", *arguments]
        run = subprocess.run(command, cwd=self.folder, env=environment(), capture_output=True, text=True, check=False)
        assert not check or run.returncode == 0, run.stdout + run.stderr
        return run

    def planned(self, *arguments: str) -> list[str]:
        """Jobs of a dry run, each as the text "rule output". The rule `all` is left out."""
        run = self.snakemake("--cores", "2", "-n", *arguments)
        blocks = re.findall(r"^(?:local)?rule (\w+):\n((?: {4}.*\n)+)", run.stdout + run.stderr, re.MULTILINE)
        jobs = []
        for rule, body in blocks:
            output = re.search(r"output: (\S+?),?(?:\s|$)", body)
            jobs.append(f"{rule} {output.group(1) if output else ''}".strip())
        return sorted(job for job in jobs if job != "all")

    @contextlib.contextmanager
    def edited(self, name: str, old: str, new: str) -> Iterator[None]:
        """Context in which `old` is replaced by `new` in the file `name`."""
        file = self.folder / name
        before = file.read_text()
        assert old in before, f"{old!r} is not in {name}"
        file.write_text(before.replace(old, new))
        try:
            yield
        finally:
            file.write_text(before)

    def texts(self, pattern: str) -> dict[str, bytes]:
        """{path below results/: bytes} of the result files that match a pattern."""
        return {str(p.relative_to(self.results)): p.read_bytes() for p in sorted(self.results.glob(pattern))}


def environment() -> dict[str, str]:
    """Environment of this process without the variables of pytest and coverage tools."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "COV_"))}


def gan_bench(tree: Tree, *arguments: str) -> tuple[int, str]:
    """Run a gan-bench command in the folder of a checkout. Returns (exit code, output)."""
    command = [sys.executable, "-m", "gan_bench.cli", *arguments]
    run = subprocess.run(command, cwd=tree.folder, env=environment(), capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def copy_project(folder: Path) -> Tree:
    """Copy to `folder` all files that the workflow needs. The default study of the copy is the small STUDY."""

    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info", ".snakemake")
    for name in ("gan_bench", "workflow", "config", "profiles"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in ("Snakefile", "README.md", "Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy2(ROOT / name, folder / name)
    tree = Tree(folder)
    tree.study.write_text(STUDY)
    return tree
