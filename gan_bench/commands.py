"""What each subcommand does: arguments in, one function called, one thing written."""

import argparse
import json
from pathlib import Path
from typing import Any

from gan_bench.errors import UserError
from gan_bench.files import read_json, write_json


def list_components(args: argparse.Namespace) -> None:
    from gan_bench.listing import listing

    print(listing(args.axis))


def check(args: argparse.Namespace) -> None:
    from gan_bench.config.document.check import check_report
    from gan_bench.config.load import load_study

    print(check_report(load_study(args.study)))


def train(args: argparse.Namespace) -> None:
    from gan_bench.config.settings import validate_run_settings
    from gan_bench.data import open_data, prepare
    from gan_bench.jobs.watch import watcher
    from gan_bench.paths import MANIFEST, STATUS
    from gan_bench.train.run import train_run

    settings = validate_run_settings(read_json(args.settings))
    if args.data is None:
        args.data = args.out / "data"
        if not (args.data / MANIFEST).is_file():
            prepare(settings["dataset"], args.data, args.data_dir)
    status = train_run(settings, open_data(args.data), args.out, on_progress=print, watch=watcher(settings))
    where = "" if status["step"] is None else f" at step {status['step']}"
    print(f"{args.out / STATUS}: {status['status']}{where}")


def sample(args: argparse.Namespace) -> None:
    from gan_bench.jobs.sample import write_samples

    write_samples(args.run_dir, args.n, args.seed, args.out, args.label)
    print(args.out)


def evaluate(args: argparse.Namespace) -> None:
    from gan_bench.metrics.inputs import evaluate_files, format_table

    result = evaluate_files(
        args.real,
        args.fake,
        real_labels=args.real_labels,
        fake_probs=args.fake_probs,
        real_probs=args.real_probs,
        train=args.train,
        device=args.device,
        block=args.block,
        metrics=args.metrics.split(",") if args.metrics else None,
        extractor=args.extractor,
        n=args.n,
        seed=args.seed,
    )
    write_json(args.out, result)
    print(format_table(result))


def detect(args: argparse.Namespace) -> None:
    from gan_bench.collapse.inputs import Logged, detect_file, detect_files, parse_columns

    logged = Logged(args.loss, args.d_loss, args.penalty_inside, parse_columns(args.columns), args.seen)
    if not args.history.is_dir():
        print(json.dumps(detect_file(args.history, logged), indent=1, allow_nan=False))
        return
    wrong = count = 0
    for document in detect_files(args.history, logged):
        print(("[" if not count else ",\n") + json.dumps(document, allow_nan=False), end="")
        count += 1
        wrong += "error" in document
    print("]")
    if wrong:
        raise UserError(f"{args.history}: {wrong} of {count} files could not be judged; each says why under 'error'.")


def redraw(args: argparse.Namespace) -> None:
    from gan_bench.jobs.records import require_cells
    from gan_bench.report.redraw import redraw

    require_cells(args.study_folder)
    redraw(args.study_folder, json.loads(args.figures) if args.figures else None)
    print(args.study_folder / "report.html")


def plan(args: argparse.Namespace) -> None:
    from gan_bench.config.load import load_study
    from gan_bench.config.plan.grid import expand

    write_json(args.out, expand(load_study(args.study), device=args.device).to_json())


def data(args: argparse.Namespace) -> None:
    from gan_bench.data import prepare

    manifest = prepare(parse_settings(args.settings), args.out.parent, Path(args.data_dir) if args.data_dir else None)
    counts = manifest["counts"]
    print(f"{manifest['name']}: {counts['train']} training and {counts['test']} test images")


def reference(args: argparse.Namespace) -> None:
    from gan_bench.features.reference import open_reference, prepare_reference
    from gan_bench.jobs.intact import open_intact

    open_intact(args.data.parent)
    prepare_reference(args.data.parent, parse_settings(args.settings), args.out.parent, threads=args.threads)
    print(f"extractor: {open_reference(args.out.parent).label}")


def scoring(args: argparse.Namespace) -> None:
    from gan_bench.jobs.evaluate import prepare
    from gan_bench.jobs.intact import require_features

    require_features(args.reference.parent)
    prepare(args.reference.parent, args.out, threads=args.threads, **parse_settings(args.evaluation))


def train_cell(args: argparse.Namespace) -> None:
    from gan_bench.jobs.train import train_cell

    cell_folder, name = args.out.parent, f"{args.out.parent.parent.name}/{args.out.parent.name}"
    record, failed = train_cell(
        parse_settings(args.settings),
        args.seeds,
        args.data.parent,
        args.out.parents[4] / "store",  # RESULTS/STUDY/runs/DATASET/CELL/chunk.json
        cell_folder,
        lambda text: print(f"{name} {text}"),
    )
    if failed:
        raise SystemExit(f"{name}: seeds {failed} failed; the others are stored and will not be trained again")
    write_json(args.out, record)


def train_stack(args: argparse.Namespace) -> None:
    from gan_bench.jobs.together import train_stack

    members = [(one["settings"], one["seeds"]) for one in parse_settings(args.members)]
    name = args.out.stem
    store = args.out.parents[3] / "store"  # RESULTS/STUDY/stacks/DATASET/stack.json
    write_json(args.out, train_stack(members, args.data.parent, store, lambda text: print(f"{name} {text}")))


def evaluate_cell(args: argparse.Namespace) -> None:
    from gan_bench.jobs.evaluate import evaluate_cell
    from gan_bench.jobs.intact import open_intact, require_features, require_scoring
    from gan_bench.jobs.records import require_intact

    require_intact(args.out.parent, args.seeds, "evaluate")
    open_intact(args.data.parent)
    require_features(args.reference.parent)
    require_scoring(args.scoring)
    protocol = parse_settings(args.evaluation)
    record = evaluate_cell(
        args.out.parent,
        args.seeds,
        args.reference.parent,
        args.scoring,
        args.data.parent,
        threads=args.threads,
        **protocol,
    )
    write_json(args.out, record)


def detect_cell(args: argparse.Namespace) -> None:
    from gan_bench.jobs.evaluate import detect_cell
    from gan_bench.jobs.records import require_intact

    require_intact(args.out.parent, args.seeds, "collapse")
    write_json(args.out, detect_cell(args.out.parent, args.seeds))


def collect(args: argparse.Namespace) -> None:
    from gan_bench.jobs.records import require_cells
    from gan_bench.stats.collect import collect

    require_cells(args.study_folder)
    collect(args.study_folder, complete=True)


def tables(args: argparse.Namespace) -> None:
    from gan_bench.stats.tables import write_tables

    write_tables(args.study_folder)


def figure(args: argparse.Namespace) -> None:
    from gan_bench.report.draw import draw_figure

    draw_figure(args.study_folder, parse_settings(args.settings))


def report(args: argparse.Namespace) -> None:
    from gan_bench.report.page import render

    render(args.study_folder)
    print(args.study_folder / "report.html")


def manifest(args: argparse.Namespace) -> None:
    from gan_bench.jobs.manifest import write_manifest

    found = write_manifest(args.study_folder)
    print(f"{args.study_folder / 'manifest.json'}: {len(found['results']['runs'])} runs, digest {found['digest']}")


def verify(args: argparse.Namespace) -> None:
    from gan_bench.verify.study import find_study, study_of_config, verify

    folder = find_study(args.study) if args.study else find_study(*study_of_config())
    verify(folder, args.sample, args.seed, args.data_dir, lambda text: print(text, flush=True))


def parse_settings(text: str) -> Any:
    """Settings given as JSON text, or as the path of a JSON file."""
    try:
        return json.loads(text)
    except ValueError:
        return read_json(text)
