"""Commands for the user's own components."""

import argparse
from pathlib import Path

from gan_bench.cli.command import Group, arg
from gan_bench.errors import UserError
from gan_bench.registry import AXES
from gan_bench.templates import KINDS, USES, write

group = Group("components of your own")


@group.command(
    arg("kind", choices=list(KINDS), help=", ".join(KINDS)),
    arg("name", help="name of the component; it is written to NAME.py"),
    arg("--folder", type=Path, default=Path(), help="folder of the new file (default: the current folder)"),
    example="loss my_loss",
)
def new(args: argparse.Namespace) -> None:
    """Write a working template of a component, with its contract as a comment."""
    file = write(args.kind, args.name, args.folder)
    print(f"{file}: a working {args.kind}. Edit it, then test it: gan-bench test-component {file}")
    print(f"In a study: {USES[args.kind].replace('FILE', str(file))}")


@group.command(
    arg("file", help="file of a component, or networks.py:Generator,Discriminator"),
    arg("--axis", choices=list(AXES), help="kind of component (default: guessed from the file's FACTS and functions)"),
    example="my_loss.py",
)
def test_component(args: argparse.Namespace) -> None:
    """Test a component against the contract of its axis. Each mistake is printed: function, expected, found."""
    from gan_bench.dry_run.component import axis_of, examine

    axis = args.axis or axis_of(args.file)
    if wrong := examine(args.file, axis):
        raise UserError(*wrong)
    print(f"{args.file}: fulfils the contract of {axis} (gan_bench/{AXES[axis]}/__init__.py)")
