"""Inputs that figures need and `fabricate` does not make: pictures, curves, and tables of comparisons."""

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from fabricate import _picture

from gan_bench import paths
from gan_bench.files import read_json, write_bytes, write_json
from gan_bench.metrics import _diagnostic_files
from gan_bench.report.tables_input import Tables, read_tables

ALL = "all data sets"
CLASSES = 10


def _runs(folder: Path) -> list[Path]:
    """Folders of the finished runs."""
    return [f.parent for f in sorted(folder.glob("runs/*/*/*/status.json")) if read_json(f)["status"] == "ok"]


def add_shown(folder: Path) -> None:
    """Add the pictures of an evaluation for every finished run, and a memory record for every cell."""
    for i, run in enumerate(_runs(folder)):
        write_bytes(run / _diagnostic_files.INTERPOLATION, _picture(i, "PNG"))
        write_bytes(run / _diagnostic_files.NEIGHBOURS, _picture(i + 1, "PNG"))
        counts = [20 + (i + k) % 7 for k in range(CLASSES - 1)]
        modes = {"kind": "classes", "names": [str(k) for k in range(CLASSES)], "outside": 0, "extractor": "made up"}
        write_json(run / _diagnostic_files.MODES, {**modes, "real": [20] * CLASSES, "samples": [*counts, 0]})
        record = folder / "benchmarks" / "train" / run.parents[1].name / run.parent.name / "chunk0.jsonl"
        write_bytes(record, b'{"max_rss": 512.5, "s": 1.0}\n')


def add_curves(folder: Path) -> None:
    """Add to every finished run the scores of generators that were stored at steps 100, 200 and 400."""
    for run in _runs(folder):
        found = read_json(run / paths.METRICS)
        kept = [
            {
                "step": step,
                "metrics": [
                    {**row, "value": row["value"] and row["value"] * (1 + 100 / step)} for row in found["metrics"]
                ],
            }
            for step in (100, 200, 400)
        ]
        write_json(run / paths.METRICS, {**found, "checkpoints": kept})


def set_rates(folder: Path, rates: Sequence[float]) -> None:
    """Give the learning rates `rates` to the cells of a plan and to their runs.

    If there are more cells than rates, the rates are repeated in the same order. The first len(rates) cells have the
    model mlp, and all others dcgan; other settings are kept.
    """
    plan = read_json(folder / paths.PLAN)
    for i, cell in enumerate(plan["cells"]):
        change = {"model": {"name": "mlp" if i < len(rates) else "dcgan"}}
        change |= {f"{player}_optimizer": {"name": "adam", "lr": rates[i % len(rates)]} for player in "gd"}
        cell["settings"] |= change
        for seed in cell["seeds"]:
            file = paths.seed_folder(folder / "runs" / cell["dataset"] / cell["id"], seed) / paths.SETTINGS
            write_json(file, read_json(file) | change)
    write_json(folder / paths.PLAN, plan)


def add_statistics(folder: Path) -> None:
    """Write the tables failures, ranks, friedman, axes, budget and agreement, with numbers that tests expect."""
    tables = read_tables(folder)
    rng = np.random.Generator(np.random.PCG64(0))
    for name, make in MAKERS.items():
        make(tables, rng).to_csv(folder / "tables" / f"{name}.csv", index=False)


def _metrics(tables: Tables) -> list[dict[str, str]]:
    rows = tables.metrics.to_dict("records")
    return [{"metric": r["metric"], "label": r["label"], "direction": r["direction"]} for r in rows]


def _scored(tables: Tables) -> list[str]:
    """Data sets with a finished run. If there are several, the entry for all data sets is added."""
    ok = [
        d
        for d in tables.datasets
        if any(tables.card(c, s)["status"] == "ok" for c in tables.cells_of(d) for s in c.seeds)
    ]
    return [*ok, ALL] if len(ok) > 1 else ok


def _variants(tables: Tables, dataset: str) -> list[str]:
    cells = tables.cells if dataset == ALL else tables.cells_of(dataset)
    return list(dict.fromkeys(cell.variant for cell in cells))


def _failures(tables: Tables, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for cell in tables.cells:
        found = [tables.card(cell, seed)["status"] for seed in cell.seeds]
        row = {"dataset": cell.dataset, "variant": cell.variant, "cell": cell.id, "n_asked": len(found)}
        row |= {f"n_{s}": found.count(s) for s in ("ok", "diverged", "failed", "timeout", "missing")}
        row |= {"n_judged": found.count("ok"), "n_collapsed": 0}
        left = len(found) - row["n_missing"]
        lost = left - row["n_ok"]
        kinds = {"diverged": (row["n_diverged"], left), "collapsed": (0, row["n_judged"]), "lost": (lost, left)}
        for kind, (k, n) in kinds.items():
            rate = k / n if n else None
            ends = (max(0, rate - 0.3), min(1, rate + 0.4)) if n else (None, None)
            row |= {f"{kind}_rate": rate, f"{kind}_low": ends[0], f"{kind}_high": ends[1]}
        rows.append(row)
    return pd.DataFrame(rows)


RANKS = ["dataset", "metric", "label", "failures", "variant", "position", "mean_rank", "n_blocks"]


def _ranks(tables: Tables, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for dataset, metric in itertools.product(_scored(tables), _metrics(tables)):
        names = _variants(tables, dataset)
        for failures in ("last", "left out"):
            ranks = np.sort(rng.uniform(1, len(names), len(names))) if len(names) > 1 else np.ones(1)
            for i, (variant, rank) in enumerate(zip(names, ranks, strict=True)):
                row = {"dataset": dataset, **metric, "failures": failures, "variant": variant, "position": i + 1}
                rows.append({**row, "mean_rank": rank, "n_blocks": 5})
    return pd.DataFrame(rows, columns=RANKS)


FRIEDMAN = ["dataset", "metric", "label", "failures", "n_blocks", "cd", "cliques", "decision"]


def _friedman(tables: Tables, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for dataset, metric in itertools.product(_scored(tables), _metrics(tables)):
        names = _variants(tables, dataset)
        third = max(2, len(names) // 3)
        groups = [names[i : i + third] for i in range(0, len(names), max(1, third // 2))]
        row = {"dataset": dataset, **metric, "n_blocks": 5, "cd": 0.6 * len(names) ** 1.2 if len(names) > 2 else None}
        row |= {
            "cliques": json.dumps([g for g in groups if len(g) > 1]),
            "decision": "not all alike (p = 0.01), made up",
        }
        rows += [{**row, "failures": failures} for failures in ("last", "left out")]
    return pd.DataFrame(rows, columns=FRIEDMAN)


AXES = ["dataset", "metric", "label", "response", "axis", "kind", "eta_sq", "eta_low", "eta_high", "n_runs"]
AXES += ["n_cells", "note"]


def _axes(tables: Tables, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    sources = [("loss", "axis", 0.5), ("model", "axis", 0.25), ("loss x model", "interaction", 0.1)]
    sources += [("seeds (residual)", "residual", 0.15), ("total", "total", 1.0)]
    for dataset, metric in itertools.product(_scored(tables), _metrics(tables)):
        for response in ("values", "ranks"):
            row = {"dataset": dataset, **metric, "response": response, "n_runs": 9, "n_cells": len(tables.cells)}
            for axis, kind, eta in sources:
                rows.append({**row, "axis": axis, "kind": kind, "eta_sq": eta, "eta_low": eta / 2, "eta_high": eta})
            rows[-1]["note"] = "8 of 9 runs, 4 of 5 cells: loss (a; b) x model (c; d), 2 seeds each"
            rows.append({**row, "axis": "penalty", "kind": "constant"})
    return pd.DataFrame(rows, columns=AXES)


BUDGET = [
    "dataset",
    "metric",
    "label",
    "direction",
    "searched",
    "group",
    "budget",
    "expected_best",
    "best_q05",
    "best_q95",
    "n_runs",
]


def _budget(tables: Tables, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    datasets = [d for d in _scored(tables) if d != ALL]
    for dataset, metric in itertools.product(datasets, _metrics(tables)):
        names = _variants(tables, dataset)
        for searched, group in [("all", "all"), *(("variant", name) for name in names), ("model", "mlp")]:
            for budget in (1, 2, 3, 5, 8):
                best = 10.0 / budget + len(group)
                row = {"dataset": dataset, **metric, "searched": searched, "group": group, "budget": budget}
                rows.append({**row, "expected_best": best, "best_q05": best - 1, "best_q95": best + 2, "n_runs": 8})
    return pd.DataFrame(rows, columns=BUDGET)


AGREEMENT = [
    "dataset",
    "metric_a",
    "metric_b",
    "label_a",
    "label_b",
    "n",
    "kendall",
    "kendall_low",
    "kendall_high",
]


def _agreement(tables: Tables, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for dataset, (a, b) in itertools.product(_scored(tables), itertools.combinations(_metrics(tables), 2)):
        tau = float(rng.uniform(-1, 1))
        row = {"dataset": dataset, "metric_a": a["metric"], "metric_b": b["metric"], "label_a": a["label"]}
        row |= {"label_b": b["label"], "n": 9, "kendall": tau, "kendall_low": tau - 0.2, "kendall_high": tau + 0.2}
        rows.append(row)
    return pd.DataFrame(rows, columns=AGREEMENT)


MAKERS = {
    "failures": _failures,
    "ranks": _ranks,
    "friedman": _friedman,
    "axes": _axes,
    "budget": _budget,
    "agreement": _agreement,
}
