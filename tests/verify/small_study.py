"""A whole small study through the commands that the rules call, without snakemake: seconds instead of half a minute.

    python small_study.py STUDY.yaml RESULTS [SEEDS_OF_ONE_JOB]

leaves what the workflow leaves under RESULTS, but for figures and page.
"""

import contextlib
import io
import sys
from pathlib import Path

from gan_bench.cli import main
from gan_bench.config.grid import expand
from gan_bench.config.load import load_study
from gan_bench.dag import extractor_id
from gan_bench.files import canonical_json

STUDY = """\
description: Two cells, two seeds, twenty steps.
datasets: [digits]
variants:
  - model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: non_saturating
    optimizer: adam
  - model: {name: mlp, g_widths: [16, 32], d_widths: [16]}
    loss: least_squares
    optimizer: {name: sgd, lr: 0.05}
seeds: 2
budget: {g_steps: 20}
log_points: 20
snapshots: 3
checkpoints: 2
evaluation: {n_samples: 100, extractor: {name: random_conv, width: 8}}
"""


def command(*arguments: str | Path) -> str:
    """What a command printed; SystemExit where it did not end well."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([str(argument) for argument in arguments])
    if code != 0:
        raise SystemExit(f"{arguments[0]} ended with {code}")
    return out.getvalue()


def prepare(study: Path, results: Path) -> None:
    """Plan, data, features and what runs are scored against."""
    plan = expand(load_study(str(study))).to_json()
    folder = results / plan["study"]
    command("plan", "--study", study, "--device", "cpu", "--out", folder / "plan.json")
    for label, dataset in plan["datasets"].items():
        log, data = results / "log", results / "data" / dataset["id"] / "manifest.json"
        command("data", "--settings", canonical_json(dataset["ref"]), "--out", data, "--log", log)
        ref = plan["evaluation"]["extractor"][label]
        reference = data.parent / "reference" / extractor_id(ref) / "extractor.json"
        command("reference", "--settings", canonical_json(ref), "--data", data, "--out", reference, "--log", log)
        scoring = reference.parent / "scoring" / "one" / "scoring.json"
        arguments = ("--evaluation", protocol(plan), "--reference", reference, "--out", scoring, "--log", log)
        command("prepare-scoring", *arguments)


def protocol(plan: dict) -> str:
    return canonical_json({key: plan["evaluation"][key] for key in ("metrics", "split", "n_samples")})


def run(study: Path, results: Path, chunk: int = 2) -> Path:
    """The finished study's folder; `chunk` seeds are trained by one call."""
    prepare(study, results)
    plan = expand(load_study(str(study))).to_json()
    folder, log = results / plan["study"], results / "log"
    for cell in plan["cells"]:
        data = results / "data" / plan["datasets"][cell["dataset"]]["id"] / "manifest.json"
        ref = plan["evaluation"]["extractor"][cell["dataset"]]
        reference = data.parent / "reference" / extractor_id(ref) / "extractor.json"
        place = folder / "runs" / cell["dataset"] / cell["id"]
        for k, start in enumerate(range(0, len(cell["seeds"]), chunk)):
            seeds = ("--seeds", ",".join(map(str, cell["seeds"][start : start + chunk])), "--log", log)
            settings = ("--settings", canonical_json(cell["settings"]), "--data", data)
            command("train-cell", *settings, *seeds, "--out", place / f"chunk{k}.train.json")
            scored = ("--evaluation", protocol(plan), "--reference", reference, "--data", data)
            scored += ("--scoring", reference.parent / "scoring" / "one" / "scoring.json")
            command("evaluate-cell", *scored, *seeds, "--out", place / f"chunk{k}.evaluate.json")
            command("detect-cell", *seeds, "--out", place / f"chunk{k}.collapse.json")
    for name in ("collect", "tables", "manifest"):
        command(name, "--study-folder", folder, "--log", log)
    return folder


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
