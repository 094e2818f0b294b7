"""Cost of tables, figures and the page by the number of runs, measured on artificial runs with the real commands.

    python benchmarks/tables.py [--runs 1000 3000 10000] [--rows 200] [--folder FOLDER] [--out FILE]

For each size, the script makes a folder with the files of the runs: histories of --rows rows, metric values, and a
verdict with its evidence. Then it runs `gan-bench job collect`, `tables`, `figure` and `report` in separate processes.
It prints CPU seconds and peak memory as counted by the kernel, the size of the page, and the exponent with which CPU
seconds grow between the last two sizes (1: linear). Equal files (histories, verdicts, statuses) are hard links to one
file, to save disk space. All files are below --folder (default: the folder for temporary files), and are removed after
each size.
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gan_bench import paths
from gan_bench.files import write_json

#: Seeds of a variant: SEEDS, or MANY_SEEDS if SEEDS would give more than VARIANTS variants.
SEEDS, MANY_SEEDS, VARIANTS = 4, 5, 20_000
#: Largest number of hard links to one file; the limit of ext4 is 65,000.
NAMES = 50_000
FIGURES = ("metric_by_variant", "collapse_rate", "status_matrix", "cost", "loss_curves")
COMMANDS = ("collect", "tables", *FIGURES, "report")

STUDY = """\
description: Made for a benchmark of the tables.
datasets: [digits]
variants:
  - model: {{name: mlp, g_widths: [8], d_widths: [8]}}
    loss: [non_saturating, least_squares]
    optimizer: [{optimizers}]
seeds: {seeds}
budget: {{g_steps: 1000}}
figures: [status_matrix]
"""


def make(folder: Path, runs: int, rows: int) -> Path:
    """Make the files of a finished study with `runs` runs below `folder`; returns the study's folder."""
    import numpy as np

    from gan_bench.collapse.loss_facts import loss_facts
    from gan_bench.collapse.verdict import judge
    from gan_bench.config.load import parse_study
    from gan_bench.config.plan.grid import expand
    from gan_bench.stats.collect.plan import planned_values

    seeds = SEEDS if runs <= SEEDS * VARIANTS else MANY_SEEDS
    rates = ", ".join(f"{{name: adam, lr: {1e-4 * (1 + i):.8f}}}" for i in range(runs // seeds // 2))
    plan = expand(parse_study(STUDY.format(optimizers=rates, seeds=seeds), "made")).to_json()
    study, rng = folder / "made", np.random.default_rng(0)
    write_json(study / paths.PLAN, plan)
    values = planned_values(plan)
    place = {"n_real": 539, "n_fake": 539, "extractor": "classifier (digits)", "split": "test", "note": None}
    loss = loss_facts(plan["cells"][0]["settings"]["loss"])
    table = history(rng, rows)
    verdict = judge(table, loss, {"status": "ok", "step": None, "reason": None}, None)
    table.to_parquet(folder / "history.parquet", index=False)
    status = {"status": "ok", "reason": None, "step": None, "g_steps": 1000, "d_steps": 1000, "images": 64000}
    write_json(folder / "status.json", {**status, "seconds": 1.0, "provenance": {"code": "made", "torch": "made"}})
    write_json(folder / "collapse.json", verdict)
    same = {name: Same(folder / name) for name in (paths.HISTORY, paths.STATUS, paths.COLLAPSE)}
    for cell in plan["cells"]:
        for seed in cell["seeds"]:
            run = paths.seed_folder(study / "runs" / cell["dataset"] / cell["id"], seed)
            run.mkdir(parents=True)
            _put(run / paths.SETTINGS, {**cell["settings"], "seed": seed})
            scored = [
                {"name": v["metric"], "value": float(rng.uniform()), "estimator": v["estimator"], **place}
                for v in values
            ]
            _put(run / paths.METRICS, {"metrics": scored, "checkpoints": [], "floor": scored, "protocol": {}})
            for name, file in same.items():
                file.put(run / name)
    return study


def _put(file: Path, value: Any) -> None:
    """Write JSON with the layout of `write_json`, without waiting for the disk."""
    file.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")


class Same:
    """A file at many paths: hard links to it, and a new copy when a file has NAMES links."""

    def __init__(self, file: Path) -> None:
        self._file, self._names = file, 0

    def put(self, place: Path) -> None:
        if self._names < NAMES:
            place.hardlink_to(self._file)
            self._names += 1
        else:
            shutil.copyfile(self._file, place)
            self._file, self._names = place, 0


def history(rng: Any, rows: int) -> Any:
    """An artificial history of an adversarial run: noise around 0.7 in each column."""
    import numpy as np
    import pandas as pd

    from gan_bench.train.monitor import COLUMNS, COUNTS

    table = pd.DataFrame({name: 0.7 + 0.05 * rng.standard_normal(rows) for name in COLUMNS})
    return table.assign(**{name: np.arange(1, rows + 1) * 5 for name in COUNTS})


def cost(*arguments: str) -> dict[str, float]:
    """CPU seconds, wall seconds and peak megabytes of one command. RuntimeError if it fails.

    The output of the command is dropped, because it would stand between the rows of the table.
    """
    began = time.monotonic()
    command = [sys.executable, "-m", "gan_bench.cli", "job", *arguments]
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    process = os.posix_spawn(sys.executable, command, os.environ, file_actions=silent)
    _, status, usage = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"gan-bench job {' '.join(arguments)} failed")
    wall = time.monotonic() - began
    return {"cpu_s": usage.ru_utime + usage.ru_stime, "wall_s": wall, "peak_mb": usage.ru_maxrss / 1024}


def measure(runs: int, rows: int, where: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(dir=where) as folder:
        # A separate process makes the files: the peak of a command is at least the memory of its parent at the start.
        subprocess.run(
            [sys.executable, __file__, "--make", folder, "--runs", str(runs), "--rows", str(rows)], check=True
        )
        study = Path(folder) / "made"
        place = ("--study-folder", str(study), "--log", str(Path(folder) / "log"))
        costs: dict[str, Any] = {"runs": runs, "rows": rows, "collect": cost("collect", *place)}
        costs["tables"] = cost("tables", *place)
        for name in FIGURES:
            costs[name] = cost("figure", "--settings", json.dumps({"name": name}), *place)
        costs["report"] = cost("report", *place)
        costs["page_mb"] = (study / paths.REPORT).stat().st_size / 1e6
    return costs


def growth(costs: list[dict[str, Any]]) -> dict[str, float]:
    """Exponent of CPU seconds between the last two sizes, by command."""
    first, last = costs[-2:]
    ratio = math.log(last["runs"] / first["runs"])
    return {name: math.log(last[name]["cpu_s"] / first[name]["cpu_s"]) / ratio for name in COMMANDS}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, nargs="+", default=[1000, 3000, 10_000])
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="folder for the temporary files of the artificial runs")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.make is not None:
        make(args.make, args.runs[0], args.rows)
        return 0
    costs: list[dict[str, Any]] = []
    print(f"| runs | {' | '.join(COMMANDS)} |\n|---|{'---|' * len(COMMANDS)}", flush=True)
    for runs in args.runs:
        costs.append(measure(runs, args.rows, args.folder))
        parts = (f"{cost['cpu_s']:.1f} s, {cost['peak_mb']:.0f} MB" for cost in map(costs[-1].get, COMMANDS))
        print(f"| {runs} | {' | '.join(parts)}, a page of {costs[-1]['page_mb']:.1f} MB |", flush=True)
    result: dict[str, Any] = {"sizes": costs}
    if len(costs) > 1:
        result["growth"] = growth(costs)
        grown = ", ".join(f"{name} {power:.2f}" for name, power in result["growth"].items())
        print(f"\nCPU time grows as (number of runs)^a, with these a: {grown}.")
    if args.out is not None:
        args.out.write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
