"""Commands for a single run."""

import argparse
from pathlib import Path

from gan_bench.cli.command import Group, arg
from gan_bench.errors import UserError
from gan_bench.files import read_json

group = Group("single runs")


@group.command(
    arg("--settings", type=Path, required=True, help="settings.json of a run"),
    arg("--out", type=Path, required=True, help="folder of the run"),
    arg("--data", type=Path, help="prepared data folder (default: OUT/data, prepared where it is missing)"),
    arg("--data-dir", type=Path, help="folder with mnist/, fashion_mnist/ or your own picture folders"),
    example="--settings RUN/settings.json --out my_run",
)
def train(args: argparse.Namespace) -> None:
    """Train one run; the same command again resumes it."""
    from gan_bench.config.settings import validate_run_settings
    from gan_bench.data import open_data, prepare
    from gan_bench.jobs.watch import watcher
    from gan_bench.paths import MANIFEST, STATUS
    from gan_bench.sources import keep_sources
    from gan_bench.train.run import train_run

    if args.settings.suffix in (".yaml", ".yml"):
        raise UserError(
            f"{args.settings}: a study given for settings; settings are settings.json in the folder of a run. "
            f"To train the study: gan-bench run {args.settings}"
        )
    settings = validate_run_settings(read_json(args.settings), title=str(args.settings))
    keep_sources(settings, args.out)
    if args.data is None:
        args.data = args.out / "data"
        if not (args.data / MANIFEST).is_file():
            prepare(settings["dataset"], args.data, args.data_dir)
    status = train_run(settings, open_data(args.data), args.out, on_progress=print, watch=watcher(settings))
    step = "" if status["step"] is None else f" at step {status['step']}"
    print(f"{args.out / STATUS}: {status['status']}{step}")


@group.command(
    arg(
        "run_dir",
        metavar="RUN",
        help="folder of a run, STUDY/DATASET/CELL/seed0 in the results, or its key in the store",
    ),
    arg("--step", default="final", help="final (default), best by validation score, or a step with a kept generator"),
    arg("--n", type=int, default=64, help="number of samples (default: 64)"),
    arg("--out", type=Path, help="path that ends in .png (a grid) or .npy"),
    arg("--folder", type=Path, help="new folder for the pictures, a .png each"),
    arg("--seed", type=int, default=0, help="seed of the latents (default: 0)"),
    arg("--label", type=int, help="class to generate, counted from 0 (conditional runs; default: all)"),
    example="my_run --n 64 --out grid.png",
)
def sample(args: argparse.Namespace) -> None:
    """Sample a trained generator into pictures, a PNG grid or a uint8 .npy (N,C,H,W)."""
    from gan_bench.jobs.find_run import find_run
    from gan_bench.jobs.sample import chosen_step, write_samples
    from gan_bench.verify.stored import CONFIG, study_of_config

    run = find_run(args.run_dir, study_of_config()[1] if CONFIG.is_file() else Path("results"))
    step, words = chosen_step(run, args.step)
    write_samples(run, args.n, args.seed, args.out, args.label, step=step, folder=args.folder)
    print(f"{args.out or args.folder}: {args.n} samples of {run}, {words}")
