"""The command that writes a study for a folder of pictures."""

import argparse
import os
from pathlib import Path

from gan_bench.cli.command import arg
from gan_bench.cli.studies import group


@group.command(
    arg("--folder", type=Path, required=True, help="folder of your pictures, with or without a sub-folder per class"),
    arg(
        "--size",
        type=int,
        help="side in px (default: 64 if all pictures are that large and budget x cores is at least 4 hours; else 32)",
    ),
    arg("--budget", default="30min", help="time of the whole study, such as 30min or 2h (default: 30min)"),
    arg("--cores", type=int, default=os.cpu_count() or 1, help="number of cores (default: all of this machine)"),
    arg("--out", type=Path, help="study file to write (default: name of the folder with .yaml)"),
    example="--folder PHOTOS --budget 30min",
)
def new_study(args: argparse.Namespace) -> None:
    """Examine a folder of pictures, time this machine, and write a commented study file for them."""
    from gan_bench.photos.write import new_study

    out = args.out or Path(f"{args.folder.resolve().name}.yaml")
    print("\n".join(new_study(args.folder, args.size, args.budget, args.cores, out)))
