"""Writes the folder of a small invented study, without training: a plan, and runs with given outcomes and scores.

`fabricate_study` is a plain function for the tests of `stats` and of `report`. The two metric families are written
as component files beside the runs, so that no real metric is needed.
"""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from gan_bench import paths
from gan_bench.collapse.loss_facts import loss_facts
from gan_bench.collapse.verdict import judge
from gan_bench.files import digest_of, write_bytes, write_json, write_text

Run = tuple[str, str, int]
"""(data set label, variant label, seed)"""

EXTRACTOR = "made-up-classifier"
N_SAMPLES = 200
LOG_ROWS = 40
G_STEPS = 400

VARIANTS: Mapping[str, Mapping[str, str]] = {
    "DCGAN": {"model": "dcgan", "loss": "non_saturating", "penalty": "none", "optimizer": "adam"},
    "LSGAN": {"model": "dcgan", "loss": "least_squares", "penalty": "none", "optimizer": "adam"},
    "WGAN-GP": {"model": "mlp", "loss": "wasserstein", "penalty": "gradient_penalty", "optimizer": "rmsprop"},
}

METRICS: Mapping[str, dict[str, Any]] = {
    "frechet": {"frechet": {"label": "Fréchet distance", "direction": "lower", "range": [0, None], "unit": ""}},
    "neighbours": {
        "coverage": {"label": "coverage", "direction": "higher", "range": [0, 1], "unit": ""},
        "nn_accuracy": {"label": "1-NN accuracy", "direction": "half", "range": [0, 1], "unit": ""},
    },
}

FLOOR = {"frechet": 0.5, "coverage": 0.97, "nn_accuracy": 0.5}

#: Outcomes of the runs by default: seed 2 of WGAN-GP on digits diverges, and all other runs finish.
OUTCOMES: Mapping[Run, str] = {("digits", "WGAN-GP", 2): "diverged"}


def default_value(dataset: str, variant: str, seed: int, metric: str) -> float:
    """Default value of a metric for a finished run.

    `frechet` is 10, 20, 30... for the first, second, third variant, plus the seed, plus 5 if the data are not digits.
    Other metrics are computed from it.
    """
    fid = 10.0 * (1 + list(VARIANTS).index(variant)) + seed + (0.0 if dataset == "digits" else 5.0)
    return {"frechet": fid, "coverage": 1.0 - fid / 100, "nn_accuracy": 0.5 + fid / 200}[metric]


def fabricate_study(
    folder: Path,
    *,
    study: str = "demo",
    datasets: Sequence[str] = ("digits",),
    variants: Sequence[str] = ("DCGAN", "LSGAN", "WGAN-GP"),
    seeds: Sequence[int] = (0, 1, 2),
    outcomes: Mapping[Run, str] = OUTCOMES,
    values: Mapping[tuple[str, str, int, str], float | None] | None = None,
    metrics: Sequence[str] = ("frechet", "neighbours"),
    figures: Sequence[dict[str, Any]] = (),
    media: bool = True,
) -> dict[str, Any]:
    """Write plan.json, components and all runs below `folder` (a study's folder) and return the plan.

    `outcomes`: run -> "ok", "diverged", "failed", "timeout" or "missing" (the run has no folder). All other runs are
    "ok".
    `values`: (data set, variant, seed, metric) -> score, or None if the metric is undefined for the run. All other
    scores are those of `default_value`.
    """
    plan = _plan(folder, study, datasets, variants, seeds, metrics, figures)
    write_json(folder / paths.PLAN, plan)
    for cell in plan["cells"]:
        for seed in cell["seeds"]:
            run = (cell["dataset"], cell["variant"], seed)
            outcome = outcomes.get(run, "ok")
            if outcome != "missing":
                _write_run(folder, cell, seed, outcome, values or {}, metrics, media)
    return plan


def run_folder(folder: Path, plan: Mapping[str, Any], dataset: str, variant: str, seed: int) -> Path:
    """Folder of one run of a fabricated study."""
    cell = next(c for c in plan["cells"] if (c["dataset"], c["variant"]) == (dataset, variant))
    return paths.seed_folder(folder / "runs" / dataset / cell["id"], seed)


def _plan(
    folder: Path,
    study: str,
    datasets: Sequence[str],
    variants: Sequence[str],
    seeds: Sequence[int],
    metrics: Sequence[str],
    figures: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    cells = [_cell(dataset, variant, seeds) for dataset in datasets for variant in variants]
    return {
        "study": study,
        "description": "A study made up for tests.",
        "config_digest": digest_of([study, list(datasets), list(variants), list(seeds)]),
        "datasets": {
            name: {"ref": {"name": name}, "id": f"{name}-00000000", "shape": [1, 8, 8], "labelled": True}
            for name in datasets
        },
        "evaluation": {
            "metrics": [{"name": _metric_component(folder, name)} for name in metrics],
            "split": "test",
            "n_samples": N_SAMPLES,
            "extractor": {name: {"name": EXTRACTOR} for name in datasets},
        },
        "cells": cells,
        "figures": list(figures),
    }


def _cell(dataset: str, variant: str, seeds: Sequence[int]) -> dict[str, Any]:
    parts = VARIANTS[variant]
    optimizer = {"name": parts["optimizer"], "lr": 0.0002}
    settings = {
        "dataset": {"name": dataset},
        "method": {"name": "adversarial"},
        "model": {"name": parts["model"], "width": 16},
        "loss": {"name": parts["loss"]},
        "penalty": {"name": parts["penalty"]},
        "tricks": [],
        "ema": None,
        "g_optimizer": optimizer,
        "d_optimizer": optimizer,
        "d_steps": 1,
        "batch_size": 32,
        "budget": {"g_steps": G_STEPS},
        "log_points": LOG_ROWS,
        "snapshots": 4,
        "threads": 1,
        "device": "cpu",
    }
    named = [parts["model"], parts["loss"], parts["penalty"], parts["optimizer"]]
    words = [word for word in named if word != "none"]
    cell_id = "-".join([*words, digest_of(settings)[:8]])
    return {"dataset": dataset, "id": cell_id, "variant": variant, "settings": settings, "seeds": list(seeds)}


def _metric_component(folder: Path, name: str) -> str:
    """Write a metric family as a user's component file.

    Returns its path, which is the name of the family in the plan.
    """
    facts = {
        "paper": "none: made up for tests",
        "settings": {},
        "deviations": [],
        "needs": "features",
        "values": METRICS[name],
        "min_n": 2,
        "estimator": "plain",
    }
    file = folder / "components" / f"{name}.py"
    write_text(file, f'"""Metric family {name}, made up for tests."""\n\nFACTS = {facts!r}\n')
    return str(file)


def _write_run(
    folder: Path,
    cell: Mapping[str, Any],
    seed: int,
    outcome: str,
    values: Mapping[tuple[str, str, int, str], float | None],
    metrics: Sequence[str],
    media: bool,
) -> None:
    run = paths.seed_folder(folder / "runs" / cell["dataset"] / cell["id"], seed)
    write_json(run / paths.SETTINGS, {**cell["settings"], "seed": seed})
    write_json(run / paths.STATUS, _status(outcome))
    history = fabricate_history(cell["settings"]["loss"]["name"], seed, diverged=outcome == "diverged")
    run.mkdir(parents=True, exist_ok=True)
    history.to_parquet(run / paths.HISTORY, index=False)
    names = [value for family in metrics for value in METRICS[family]]
    found = {name: _value(values, cell, seed, name, outcome) for name in names}
    write_json(run / paths.METRICS, _metrics(found, outcome))
    write_json(run / paths.COLLAPSE, judge(history, loss_facts(cell["settings"]["loss"]), _status(outcome)))
    if media and outcome == "ok":
        write_bytes(run / paths.SAMPLES, _picture(seed, "PNG"))
        write_bytes(run / paths.PROGRESS, _picture(seed, "GIF"))


def _value(values: Mapping[Any, float | None], cell: Mapping[str, Any], seed: int, name: str, outcome: str) -> Any:
    if outcome != "ok":
        return None
    key = (cell["dataset"], cell["variant"], seed, name)
    return values[key] if key in values else default_value(*key)


def _status(outcome: str) -> dict[str, Any]:
    done = G_STEPS if outcome == "ok" else G_STEPS // 4
    reasons = {"diverged": "d_loss is not finite", "failed": "the process ended with code 1", "timeout": "out of time"}
    return {
        "status": outcome,
        "reason": reasons.get(outcome),
        "step": done if outcome == "diverged" else None,
        "g_steps": done,
        "d_steps": done,
        "images": 32 * done,
        "seconds": 1.5,
        "steps_per_second": done / 1.5,
        "parameters": {"generator": 1234, "discriminator": 987},
        "provenance": {
            "python": "3.11",
            "torch": "2.14",
            "numpy": "2.4",
            "platform": "linux",
            "cpu": "made up",
            "threads": 1,
            "device": "cpu",
            "gan_bench": "0.1.0",
        },
    }


def fabricate_history(loss: str, seed: int, *, diverged: bool = False, rows: int = LOG_ROWS) -> pd.DataFrame:
    """A history with every column of history.parquet. The losses vary about a typical level for `loss`."""
    rng = np.random.Generator(np.random.PCG64(seed))
    step = (np.arange(1, rows + 1) * (G_STEPS // rows)).astype(np.int64)
    levels = {"non_saturating": (1.386, 0.693), "least_squares": (0.5, 0.25), "wasserstein": (-0.4, 0.1)}
    d_level, g_level = levels.get(loss, (1.0, 1.0))

    def wobble(level: float, sd: float = 0.03) -> np.ndarray:
        return level + sd * rng.standard_normal(rows)

    history = pd.DataFrame({"step": step, "d_step": step, "images": 32 * step, "d_loss": wobble(d_level)})
    history["d_loss_real"] = history["d_loss"] / 2
    history["d_loss_fake"] = history["d_loss"] / 2
    history["g_loss"] = wobble(g_level)
    history["penalty"] = 0.0
    for name, level in {
        "d_real": 0.5,
        "d_fake": 0.5,
        "lg_real_sd": 1.0,
        "lg_fake_sd": 0.9,
        "gn_d": 0.3,
        "gn_g": 0.3,
    }.items():
        history[name] = wobble(level)
    history["g_loss_sd"] = 0.01
    history["d_loss_sd"] = 0.01
    # Values of a run whose samples cover the data.
    healthy = {"d_acc": 0.6, "div_pair": 1.0, "div_nn": 1.0, "div_std": 1.0, "mean_shift": 0.25, "cov_batch": 0.97}
    for name, level in {**healthy, "d_held_real": 0.5, "d_held_acc": 0.5, "div_pair_features": 1.0}.items():
        history[name] = wobble(level)
    if diverged:
        history = history.iloc[: rows // 4].copy()
        history.loc[history.index[-1], ["d_loss", "g_loss"]] = np.nan
    return history


def _metrics(values: Mapping[str, float | None], outcome: str) -> dict[str, Any]:
    note = None if outcome == "ok" else f"run {outcome}"

    def rows(numbers: Mapping[str, float | None], why: str | None) -> list[dict[str, Any]]:
        shared = {
            "n_real": N_SAMPLES,
            "n_fake": N_SAMPLES,
            "extractor": EXTRACTOR,
            "estimator": "plain",
            "split": "test",
        }
        undefined = "undefined: made up"
        return [
            {"name": k, "value": v, **shared, "note": why or (undefined if v is None else None)}
            for k, v in numbers.items()
        ]

    floor = {name: FLOOR[name] for name in values}
    protocol = {"n_real": N_SAMPLES, "n_fake": N_SAMPLES, "extractor": EXTRACTOR, "split": "test"}
    return {"metrics": rows(values, note), "floor": rows(floor, None), "protocol": protocol}


def _picture(seed: int, kind: str) -> bytes:
    pixels = np.random.Generator(np.random.PCG64(seed)).integers(0, 256, (3, 16, 16), dtype=np.uint8)
    frames = [Image.fromarray(frame) for frame in pixels]
    stream = io.BytesIO()
    if kind == "GIF":
        frames[0].save(stream, kind, save_all=True, append_images=frames[1:], duration=100, loop=0)
    else:
        frames[0].save(stream, kind)
    return stream.getvalue()
