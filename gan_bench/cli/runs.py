"""Commands for a single run."""

import argparse
from pathlib import Path

from gan_bench.cli.command import Group, arg
from gan_bench.errors import UserError
from gan_bench.words import plural

group = Group("single runs")


@group.command(
    arg("--settings", type=Path, required=True, help="settings.json of a run, or its short form (docs/python.md)"),
    arg("--out", type=Path, required=True, help="folder of the run"),
    arg("--data", type=Path, help="prepared data folder (default: OUT/data, prepared if it is missing)"),
    arg("--data-dir", type=Path, help="folder with mnist/, fashion_mnist/ or your own picture folders"),
    example="--settings RUN/settings.json --out my_run",
)
def train(args: argparse.Namespace) -> None:
    """Train one run. If it was interrupted, the same command resumes it."""
    from gan_bench.api.runs import train
    from gan_bench.paths import STATUS

    if args.settings.suffix in (".yaml", ".yml"):
        raise UserError(
            f"{args.settings}: this is a study; --settings needs a file such as settings.json in the folder of a run. "
            f"To train the study: gan-bench run {args.settings}"
        )
    status = train(args.settings, args.out, args.data, args.data_dir, on_progress=print).status
    step = "" if status["step"] is None else f" at step {status['step']}"
    print(f"{args.out / STATUS}: {status['status']}{step}")


@group.command(
    arg(
        "run_dir",
        metavar="RUN",
        help="folder of a run, STUDY/DATASET/CELL/seed0 in the results, or its key in the store",
    ),
    arg("--step", default="final", help="final (default), best (by validation score), or a step with a kept generator"),
    arg("--n", type=int, default=64, help="number of samples (default: 64)"),
    arg("--out", type=Path, help="path that ends in .png (a grid) or .npy"),
    arg("--folder", type=Path, help="new folder for single .png files, one per sample"),
    arg("--seed", type=int, default=0, help="seed of the latents (default: 0)"),
    arg("--label", type=int, help="class to generate, counted from 0 (conditional runs; default: all)"),
    example="my_run --n 64 --out grid.png",
)
def sample(args: argparse.Namespace) -> None:
    """Sample a trained generator: write single pictures, a PNG grid, or an .npy array (N,C,H,W)."""
    from gan_bench.api.runs import named_run
    from gan_bench.jobs.sample import chosen_step, write_samples

    run = named_run(args.run_dir)
    step, words = chosen_step(run, args.step)
    write_samples(run, args.n, args.seed, args.out, args.label, step=step, folder=args.folder)
    print(f"{args.out or args.folder}: {plural(args.n, 'sample')} of {run}, {words}")


@group.command(
    arg(
        "run_dir",
        metavar="RUN",
        help="folder of a run, STUDY/DATASET/CELL/seed0 in the results, or its key in the store",
    ),
    arg("--out", type=Path, help="folder to write (default: below STUDY/explore, or RUN/explore without a study)"),
    arg("--attribute", help="class whose units are knocked out (default: the most frequent class of the samples)"),
    arg("--arithmetic", action="append", default=[], metavar="A-B+C", help="sum of mean latents; may be repeated"),
    arg("--label", type=int, help="class to generate, counted from 0 (conditional runs; default: all)"),
    arg("--layer", type=int, default=1, help="hidden layer of the knock-out, counted from the image (default: 1)"),
    arg("--step", default="final", help="final (default), best by validation score, or a step with a kept generator"),
    arg("--n", type=int, default=1000, help="number of samples for counting attributes (default: 1000)"),
    arg("--seed", type=int, default=0, help="seed of the latents (default: 0)"),
    example="my_run --attribute 3",
)
def explore(args: argparse.Namespace) -> None:
    """Explore latents and hidden units of a generator: paths, sweeps, arithmetic, knock-out."""
    from gan_bench.api.runs import named_run
    from gan_bench.explore.write import explore
    from gan_bench.jobs.sample import chosen_step

    run = named_run(args.run_dir)
    step, words = chosen_step(run, args.step)
    folder, sentences = explore(
        run,
        args.out,
        step=step,
        label=args.label,
        attribute=args.attribute,
        sums=args.arithmetic,
        layer=args.layer,
        n=args.n,
        seed=args.seed,
    )
    print(f"{folder}: pictures and tables of {run}, {words}", *sentences, sep="\n")
