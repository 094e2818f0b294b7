"""Commands that the workflow's rules call: `gan-bench job COMMAND`. Each reads and writes the files of its rule."""

import argparse
import json
from pathlib import Path
from typing import Any

from gan_bench.cli.command import Group, arg
from gan_bench.cli.tee import log_only
from gan_bench.files import read_json, write_json
from gan_bench.words import plural

HELP = "Commands that the workflow's rules call; `gan-bench job --help` lists them."

group = Group("called by the rules of the workflow", arg("--log", type=Path, help="also write all output to this file"))


def _seed_list(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list of seeds such as 0,1,2") from None


def _formats(text: str) -> tuple[str, ...]:
    from gan_bench.log_to import FORMATS

    formats = tuple(filter(None, text.split(",")))
    if wrong := set(formats) - set(FORMATS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(wrong))}: no such format; valid: {', '.join(FORMATS)}")
    return formats


def _parse_settings(text: str) -> Any:
    """Settings given as JSON text, or as the path of a JSON file."""
    try:
        return json.loads(text)
    except ValueError:
        return read_json(text)


SETTINGS = arg("--settings", required=True, help="JSON text or file")
EVALUATION = arg("--evaluation", required=True, help="scoring protocol: JSON text or file")
SEEDS = arg("--seeds", type=_seed_list, required=True, help="such as 0,1,2")
DATA = arg("--data", type=Path, required=True, help="manifest.json of the prepared data set")
REFERENCE = arg("--reference", type=Path, required=True, help="extractor.json that `reference` wrote")
OTHERS = arg("--others", type=Path, nargs="*", default=[], help="scoring.json of each additional feature space")
SCORING = arg("--scoring", type=Path, required=True, help="scoring.json that `prepare-scoring` wrote")
OUT = arg("--out", type=Path, required=True, help="file to write, at its place in the results")
LOG_TO = arg("--log-to", type=_formats, default=(), help="formats of other tools, such as csv,tensorboard")
STUDY_FOLDER = arg("--study-folder", type=Path, required=True)
THREADS = arg("--threads", type=int, default=1)


@group.command(
    arg("--study", required=True),
    arg("--device", required=True),
    arg("--part", default="", help="part of the study, such as digits,seeds:0-3; empty for all"),
    OUT,
)
def plan(args: argparse.Namespace) -> None:
    """Write the plan of a study: its runs with their settings."""
    from gan_bench.config.load import load_study
    from gan_bench.config.plan.grid import expand
    from gan_bench.config.plan.part import part_of

    plan = part_of(expand(load_study(args.study), device=args.device), args.part or None)
    write_json(args.out, plan.after_search(args.out.parent).to_json())


@group.command(SETTINGS, arg("--data-dir", default="", help="folder with the source data; empty for none"), OUT)
def data(args: argparse.Namespace) -> None:
    """Prepare a data set."""
    from gan_bench.data import prepare, remarks

    settings = _parse_settings(args.settings)
    manifest = prepare(settings, args.out.parent, Path(args.data_dir) if args.data_dir else None)
    counts = manifest["counts"]
    print(f"{manifest['name']}: {counts['train']} training and {counts['test']} test images")
    for sentence in remarks(manifest):
        print(f"{manifest['name']}: {sentence}")


@group.command(SETTINGS, DATA, THREADS, OUT)
def reference(args: argparse.Namespace) -> None:
    """Fit an extractor, and compute the features of the real data."""
    from gan_bench.features.reference import open_reference, prepare_reference
    from gan_bench.jobs.intact import open_intact

    open_intact(args.data.parent)
    prepare_reference(args.data.parent, _parse_settings(args.settings), args.out.parent, threads=args.threads)
    print(f"extractor: {open_reference(args.out.parent).label}")


@group.command(EVALUATION, REFERENCE, THREADS, OUT)
def prepare_scoring(args: argparse.Namespace) -> None:
    """Compute the part of the scores that depends only on the real data and the scoring protocol."""
    from gan_bench.jobs.evaluate import prepare
    from gan_bench.jobs.intact import require_features

    require_features(args.reference.parent)
    prepare(args.reference.parent, args.out, _parse_settings(args.evaluation), args.threads)


@group.command(arg("--members", required=True, help="list of {settings, seeds}: JSON text or file"), DATA, OUT)
def train_stack(args: argparse.Namespace) -> None:
    """Train runs of several cells together, as one batch of networks."""
    from gan_bench.jobs.train import train_stack

    members = [(cell["settings"], cell["seeds"]) for cell in _parse_settings(args.members)]
    name = args.out.stem
    store = args.out.parents[3] / "store"  # RESULTS/STUDY/stacks/DATASET/stack.json
    write_json(args.out, train_stack(members, args.data.parent, store, lambda text: print(f"{name} {text}"), log_only))


@group.command(SETTINGS, SEEDS, DATA, LOG_TO, OUT)
def train_cell(args: argparse.Namespace) -> None:
    """Train the seeds of a cell. Runs that the store already has are copied instead."""
    from gan_bench.jobs.train import train_cell

    cell_folder, name = args.out.parent, f"{args.out.parent.parent.name}/{args.out.parent.name}"
    record = train_cell(
        _parse_settings(args.settings),
        args.seeds,
        args.data.parent,
        args.out.parents[4] / "store",  # RESULTS/STUDY/runs/DATASET/CELL/chunk.json
        cell_folder,
        lambda text: print(f"{name} {text}"),
        log_only,
        args.log_to,
    )
    write_json(args.out, record)


@group.command(EVALUATION, SEEDS, REFERENCE, SCORING, OTHERS, DATA, THREADS, OUT)
def evaluate_cell(args: argparse.Namespace) -> None:
    """Score seeds of a cell."""
    from gan_bench.jobs.evaluate import evaluate_cell
    from gan_bench.jobs.intact import open_intact, require_features, require_scoring
    from gan_bench.jobs.records import require_intact

    require_intact(args.out.parent, args.seeds, "evaluate")
    open_intact(args.data.parent)
    require_features(args.reference.parent)
    for scoring in (args.scoring, *args.others):
        require_scoring(scoring)
    evaluation, others = _parse_settings(args.evaluation), args.others
    record = evaluate_cell(
        args.out.parent,
        args.seeds,
        args.reference.parent,
        args.scoring,
        args.data.parent,
        evaluation,
        args.threads,
        others,
    )
    write_json(args.out, record)


@group.command(
    arg("--study", required=True), arg("--device", required=True), arg("--stage", type=int, required=True), OUT
)
def search_stage(args: argparse.Namespace) -> None:
    """Do one stage of a search: drop trials, propose trials, or choose settings."""
    from gan_bench.jobs.search import search_stage

    # RESULTS/STUDY/search/stage.json
    document = search_stage(args.study, args.device, args.stage, args.out.parents[1])
    write_json(args.out, document)
    results = ("pruned", "proposed", "chosen")
    done = ", ".join(f"{len(document[key])} {key}" for key in results if key in document)
    print(f"search stage {args.stage}: {plural(len(document['trials']), 'trial')} scored, {done}")


@group.command(SEEDS, OUT)
def detect_cell(args: argparse.Namespace) -> None:
    """Judge the histories of seeds of a cell with the collapse detector."""
    from gan_bench.jobs.detect import detect_cell
    from gan_bench.jobs.records import require_intact

    require_intact(args.out.parent, args.seeds, "collapse")
    write_json(args.out, detect_cell(args.out.parent, args.seeds))


@group.command(STUDY_FOLDER)
def collect(args: argparse.Namespace) -> None:
    """Collect the results of all runs of the plan into raw tables."""
    from gan_bench.jobs.records import require_cells
    from gan_bench.stats.collect.collect import collect

    require_cells(args.study_folder)
    collect(args.study_folder, complete=True)


@group.command(STUDY_FOLDER)
def tables(args: argparse.Namespace) -> None:
    """Compute all other tables from the raw tables."""
    from gan_bench.stats.tables.write_tables import write_tables

    write_tables(args.study_folder)


@group.command(SETTINGS, STUDY_FOLDER)
def figure(args: argparse.Namespace) -> None:
    """Draw one figure."""
    from gan_bench.report.draw import draw_figure

    draw_figure(args.study_folder, _parse_settings(args.settings))


@group.command(STUDY_FOLDER)
def report(args: argparse.Namespace) -> None:
    """Write report.html."""
    from gan_bench.report.page import render

    render(args.study_folder)
    print(args.study_folder / "report.html")


@group.command(STUDY_FOLDER, LOG_TO)
def log_files(args: argparse.Namespace) -> None:
    """Write the training curves of all runs in formats of other tools."""
    from gan_bench.jobs.log_files import write_study

    runs = write_study(args.study_folder, args.log_to)
    write_json(args.study_folder / "log_to.json", {"formats": list(args.log_to), "runs": runs})
    print(f"curves of {plural(len(runs), 'run')}: {', '.join(str(args.study_folder / form) for form in args.log_to)}")


@group.command(STUDY_FOLDER)
def manifest(args: argparse.Namespace) -> None:
    """Write manifest.json, with the SHA-256 of all files that must be reproducible."""
    from gan_bench.jobs.manifest import write_manifest

    content = write_manifest(args.study_folder)
    print(
        f"{args.study_folder / 'manifest.json'}: {plural(len(content['results']['runs']), 'run')}, "
        f"digest {content['digest']}"
    )
