"""The command that writes a study for a folder of pictures."""

import argparse
import os
from pathlib import Path

from gan_bench.cli.command import arg
from gan_bench.cli.studies import group


@group.command(
    arg("--folder", type=Path, required=True, help="folder of your pictures, flat or in folders by class"),
    arg("--size", type=int, help="side of the pictures in px (default: 32; 64 for four hours and more)"),
    arg("--budget", default="30min", help="time of the whole study, such as 30min or 2h (default: 30min)"),
    arg("--cores", type=int, default=os.cpu_count() or 1, help="default: those of this machine"),
    arg("--out", type=Path, help="study file to write (default: NAME.yaml, after the folder)"),
    example="--folder PHOTOS --budget 30min",
)
def new_study(args: argparse.Namespace) -> None:
    """Look at a folder of pictures, time this machine, and write a commented study that suits both."""
    from gan_bench.photos.write import new_study

    out = args.out or Path(f"{args.folder.resolve().name}.yaml")
    print("\n".join(new_study(args.folder, args.size, args.budget, args.cores, out)))
