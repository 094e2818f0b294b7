"""Continues a collapsing run in several ways, twice, and compares the SHA-256 of all files of the runs.

    python benchmarks/continuation_acceptance.py [--seeds N] [--cores N] [--folder FOLDER]

The script runs the study below twice with the real workflow, in two result folders. The first time, the workflow is
killed once and started again. For each variant the script prints the step from which its runs continue, and the median
diversity of their minibatches at this step and at the end. It also prints the verdicts of the runs, and whether their
files are equal in both folders. A study that continues the run with PacGAN must be refused, because PacGAN needs
another discriminator. The exit code is 1 if files differ or PacGAN is accepted. The script takes minutes.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from gan_bench.config.load import parse_study
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.paths import HISTORY, STATUS

ROOT = Path(__file__).resolve().parents[1]
STUDY = """\
description: A run that collapses, continued from the step of its collapse under each remedy.
datasets: [digits]
variants:
  - name: collapsing
    model: {name: mlp, g_widths: [32, 64], d_widths: [32]}
    loss: non_saturating
    g_optimizer: {name: adam, lr: 0.02, beta1: 0.9}
    d_optimizer: {name: adam, lr: 0.0005, beta1: 0.9}
    early_stop: on_collapse
  - {name: nothing changed, continue_from: {variant: collapsing, step: last}}
  - {name: lower rate, continue_from: {variant: collapsing, step: last}, g_optimizer: {lr: 0.0005}}
  - {name: R1, continue_from: {variant: collapsing, step: last}, penalty: r1}
  - {name: more D steps, continue_from: {variant: collapsing, step: last}, d_steps: 5}
  - {name: DiffAugment, continue_from: {variant: collapsing, step: last}, tricks: [diff_augment]}
  - {name: label noise, continue_from: {variant: collapsing, step: last}, tricks: [label_flipping]}
  - {name: 100 steps back, continue_from: {variant: collapsing, step: -100}, g_optimizer: {lr: 0.0005}}
seeds: SEEDS
budget: {g_steps: 400}
log_points: 100
snapshots: 3
evaluation: {n_samples: 200, extractor: {name: random_conv, width: 16}}
figures: [continuations]
"""
PACGAN = "  - {name: PacGAN, continue_from: {variant: collapsing, step: last}, tricks: [packing]}\nseeds: 1"


def main() -> int:
    """Run the study twice, print the table, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--cores", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=None)
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp(prefix="continuation-"))
    folder.mkdir(parents=True, exist_ok=True)
    study = folder / "remedies.yaml"
    study.write_text(STUDY.replace("SEEDS", str(args.seeds)), encoding="utf-8")
    kills = run(study, folder / "first", args.cores, killed=True)
    run(study, folder / "second", args.cores, killed=False)
    rows = [row(folder, cell) for cell in read_json(folder / "first/remedies/plan.json")["cells"]]
    print(pd.DataFrame(rows).to_string(index=False))
    digests = [read_json(folder / place / "remedies/manifest.json")["digest"] for place in ("first", "second")]
    print(f"digests of the two manifests: {'equal' if len(set(digests)) == 1 else 'DIFFERENT'}; kills: {kills}")
    refusal = refused()
    print(f"PacGAN: {refusal}")
    return int(len(set(digests)) > 1 or not all(r["equal files"] for r in rows) or "accepted" in refusal)


def run(study: Path, results: Path, cores: int, *, killed: bool) -> int:
    """Run the workflow; with `killed`, kill it once, when the store has two runs. Returns the number of kills."""
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), "--quiet", "all"]
    command += ["--config", f"study={study}", f"results={results}"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    kills = 0
    if killed:
        with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True) as process:
            while process.poll() is None and len(list(results.glob("store/*/*/receipt.json"))) < 2:
                time.sleep(0.1)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                kills = 1
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    return kills


def row(folder: Path, cell: dict) -> dict:
    """The row of a variant, as the module's docstring says. The step is 0 for runs that continue no other run."""
    place = Path("remedies/runs") / cell["dataset"] / cell["id"]
    steps, before, after, verdicts, equal = [], [], [], [], True
    for seed in cell["seeds"]:
        first, second = (folder / name / place / f"seed{seed}" for name in ("first", "second"))
        status, history = read_json(first / STATUS), pd.read_parquet(first / HISTORY)
        step = (status.get("continued") or {}).get("step", 0)
        steps.append(step)
        before.append(history.loc[history["step"] <= max(step, history["step"].min()), "div_pair"].iloc[-1])
        after.append(history["div_pair"].iloc[-1])
        verdicts.append(read_json(first / "collapse.json")["verdict"])
        equal = equal and status["sha256"] == read_json(second / STATUS)["sha256"]
    medians = {"diversity there": pd.Series(before).median(), "diversity at the end": pd.Series(after).median()}
    return {
        "variant": cell["variant"],
        "from step": "/".join(map(str, sorted(set(steps)))),
        **{name: round(value, 3) for name, value in medians.items()},
        "verdicts": ", ".join(f"{n} {name}" for name, n in pd.Series(verdicts).value_counts().items()),
        "equal files": equal,
    }


def refused() -> str:
    """The message that refuses PacGAN, or "accepted"."""
    try:
        parse_study(STUDY.replace("seeds: SEEDS", PACGAN), "remedies")
    except UserError as error:
        return str(error)
    return "accepted"


if __name__ == "__main__":
    raise SystemExit(main())
