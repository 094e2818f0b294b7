"""Cards of the runs on the report page: settings, status, scores, verdict and pictures of each run."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gan_bench import paths
from gan_bench.collapse.answer import signs_in_losses, verdict_lines
from gan_bench.report.asked import known
from gan_bench.report.judged import NOT_JUDGED, evidence_lines, tone
from gan_bench.report.pictures import Picture, share, shown
from gan_bench.report.style import in_words
from gan_bench.report.tables_input import PlannedCell, Tables, records
from gan_bench.stats.write.markdown import number

#: Shown entries of a status document -> their names on the page.
STATUS_ROWS = {
    "reason": "reason",
    "step": "diverged at G step",
    "g_steps": "generator steps",
    "d_steps": "discriminator steps",
    "images": "real images shown",
    "seconds": "training time, s",
    "steps_per_second": "G steps per second",
}

#: (name of a picture, its file, whether it is animated).
PICTURES = (("samples", paths.SAMPLES, False), ("training progress", paths.PROGRESS, True))


def run_cards(tables: Tables, budget: int) -> list[tuple[str, list[dict[str, Any]]]]:
    """(data set, cards of its runs) in the order of the plan; cards are numbered from 1.

    `budget`: largest number of bytes of all pictures together.
    """
    limits = _limits(tables, budget)
    scores = _scores(tables)
    histories = dict(iter(tables.histories.groupby(["dataset", "cell", "seed"], sort=False)))
    count = itertools.count(1)
    groups = []
    for dataset in tables.datasets:
        cards = []
        for cell in tables.cells_of(dataset):
            for seed in cell.seeds:
                history = histories.get((dataset, cell.id, seed))
                card = _card(tables, cell, seed, scores, limits)
                cards.append({**card, "number": next(count), "history": None if history is None else lines(history)})
        groups.append((dataset, cards))
    return groups


def _scores(tables: Tables) -> dict[tuple[str, str, int], list[tuple[str, str, str]]]:
    """(metric, value, note) of each metric value, by (data set, cell, seed)."""
    labels = dict(zip(tables.metrics["metric"], tables.metrics["label"], strict=True))
    scores: dict[tuple[str, str, int], list[tuple[str, str, str]]] = {}
    for row in records(tables.runs):
        note = "" if pd.isna(row["note"]) else str(row["note"])
        extractor = "" if pd.isna(row["extractor"]) else f" ({row['extractor']})"
        entry = (f"{labels[row['metric']]}{extractor}", number(row["value"]), note)
        scores.setdefault((row["dataset"], row["cell"], int(row["seed"])), []).append(entry)
    return scores


def _card(
    tables: Tables,
    cell: PlannedCell,
    seed: int,
    scores: Mapping[tuple[str, str, int], list[Any]],
    limits: tuple[int, ...],
) -> dict[str, Any]:
    card = tables.card(cell, seed)
    collapse = card["collapse"]
    verdict = str((collapse or {}).get("verdict") or NOT_JUDGED)
    folder = paths.seed_folder(f"runs/{cell.dataset}/{cell.id}", seed)
    return {
        "name": cell.variant,
        "seed": seed,
        "folder": folder.as_posix(),
        "status": in_words(card["status"]),
        "status_tone": tone(card["status"]),
        "verdict": in_words(verdict),
        "verdict_tone": tone(verdict),
        "facts": _facts(card["status_document"] or {}),
        "scores": scores.get((cell.dataset, cell.id, seed), []),
        "answer": verdict_lines(collapse) if collapse else [],
        "signs": signs_in_losses(collapse) if collapse else [],
        "provenance": _provenance(card["status_document"] or {}),
        "evidence": evidence_lines(collapse, "evidence"),
        "weak": evidence_lines(collapse, "weak_signs"),
        "against": evidence_lines(collapse, "counter_evidence"),
        "missing": (collapse or {}).get("signals_missing", []),
        "note": (collapse or {}).get("note"),
        "settings": json.dumps(card["settings"], indent=1, sort_keys=True, ensure_ascii=False),
        "pictures": _pictures(tables, cell, seed, limits),
    }


def _facts(status: Mapping[str, Any]) -> list[tuple[str, str]]:
    values = [(label, status[key]) for key, label in STATUS_ROWS.items() if status.get(key) is not None]
    rows = [(label, number(value) if isinstance(value, float) else str(value)) for label, value in values]
    parameters = status.get("parameters") or {}
    return [*rows, *((f"parameters of the {name}", str(count)) for name, count in sorted(parameters.items()))]


def _provenance(status: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, value) of versions, machine, digests of settings, code and data, and SHA-256 of reproducible files."""
    rows = [(key.replace("_", " "), known(value)) for key, value in (status.get("provenance") or {}).items()]
    identity = status.get("identity") or {}
    rows += [(f"digest of {key}", str(identity[key])) for key in ("settings", "code", "data") if key in identity]
    return [*rows, *((f"SHA-256 of {name}", str(sha)) for name, sha in sorted((status.get("sha256") or {}).items()))]


def _limits(tables: Tables, budget: int) -> tuple[int, ...]:
    """Largest size of one picture of each kind, in bytes: samples get two thirds of the budget, animations the rest."""
    pictures = [tables.pictures(cell, seed) for cell in tables.cells for seed in cell.seeds]
    still, moving = ([len(content) for content in kind if content is not None] for kind in zip(*pictures, strict=True))
    limit = share(still, budget * 2 // 3)
    return limit, share(moving, budget - sum(min(size, limit) for size in still))


def _pictures(
    tables: Tables, cell: PlannedCell, seed: int, limits: tuple[int, ...]
) -> list[tuple[str, str, bool, Picture | None]]:
    """(name, file, animated, picture) of a run's pictures; None for a picture that cannot be made small enough."""
    contents = zip(PICTURES, tables.pictures(cell, seed), limits, strict=True)
    return [(*about, shown(content, limit)) for about, content, limit in contents if content is not None]


#: Width and height of the drawing, and largest number of points of a line.
WIDTH, HEIGHT, POINTS = 300, 90, 80


def lines(history: pd.DataFrame) -> dict[str, str] | None:
    """Points "x,y x,y ..." of both losses ("d", "g") and the axis labels "low", "high" and "last"; None without a line.

    The loss axis spans the 1st to the 99th percentile; values outside are drawn on its edge.
    """
    values = history[["d_loss", "g_loss"]].to_numpy(dtype=np.float64)
    steps = history["step"].to_numpy(dtype=np.float64)
    finite = values[np.isfinite(values)]
    if len(steps) < 2 or finite.size < 2:
        return None
    low, high = (float(end) for end in np.percentile(finite, [1, 99]))
    width = (high - low) or max(abs(high), 1.0)
    every = max(1, -(-len(steps) // POINTS))
    rows = np.unique(np.append(np.arange(0, len(steps), every), len(steps) - 1))
    x = WIDTH * steps[rows] / steps[-1]
    y = HEIGHT * (1 - (np.clip(values[rows], low, high) - low) / width)
    points = {name: _points(x, y[:, i]) for i, name in enumerate("dg")}
    return {**points, "low": f"{low:.3g}", "high": f"{high:.3g}", "last": str(int(steps[-1]))}


def _points(x: np.ndarray, y: np.ndarray) -> str:
    finite = np.isfinite(y)
    return " ".join(f"{a:.0f},{b:.1f}" for a, b in zip(x[finite], y[finite], strict=True))
