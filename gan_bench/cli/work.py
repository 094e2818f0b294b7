"""Commands that run a study and show its progress."""

import argparse
import os

from gan_bench.cli.command import Group, arg, count

group = Group("running a study")

STUDY = arg("study", nargs="?", help="name in config/studies/, or a path (default: the study of config/config.yaml)")
CONFIG = arg("--config", nargs="+", default=[], metavar="KEY=VALUE", help="changes to config/config.yaml")
CORES = arg("--cores", type=count, default=os.cpu_count() or 1, help="number of cores (default: all of this machine)")


@group.command(
    STUDY,
    CORES,
    CONFIG,
    arg("--retry-failed", action="store_true", help="train runs with status failed or timeout again"),
    example="demo --cores 2",
)
def run(args: argparse.Namespace) -> int:
    """Run a study with Snakemake; after a stop, the same command continues. Exit code 3: some runs failed.

    Arguments after -- go to Snakemake, as in: gan-bench run demo -- --dry-run
    """
    from gan_bench.api.studies import time_study
    from gan_bench.follow.launch import run

    for sentence in time_study(args.study, args.config):
        print(sentence)
    return run(args.study, args.cores, args.config, args.retry_failed, args.more)


@group.command(STUDY, CORES, CONFIG, example="demo")
def status(args: argparse.Namespace) -> None:
    """Print the progress of a study: finished, current and failed runs, and the time left."""
    from gan_bench.follow.launch import lookups_of, parse_config
    from gan_bench.follow.states import StudyStates
    from gan_bench.follow.words import status_text

    print(status_text(StudyStates(lookups_of(args.study, parse_config(args.config))), args.cores))


@group.command(
    STUDY,
    CORES,
    CONFIG,
    arg("--retry-failed", action="store_true", help="show what `run` would do with this option"),
    example="demo",
)
def plan(args: argparse.Namespace) -> None:
    """Print what `run` would do and why: runs to train, runs in the store, changes since the last run."""
    from gan_bench.follow.launch import config_arguments, lookups_of, parse_config
    from gan_bench.preview.report import plan_text

    lookups = lookups_of(args.study, parse_config(args.config))
    print(plan_text(lookups, args.cores, config_arguments(args.study, args.config), args.retry_failed))
