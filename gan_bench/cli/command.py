"""Declares subcommands: a function, its arguments above it, its docstring as help text."""

import argparse
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

#: Takes the parsed arguments; returns an exit code, or None for 0.
Run = Callable[[argparse.Namespace], int | None]


class Argument(NamedTuple):
    """An argument of a subcommand, in the terms of `ArgumentParser.add_argument`."""

    flags: tuple[str, ...]
    options: dict[str, Any]


def arg(*flags: str, **options: Any) -> Argument:
    return Argument(flags, options)


class Group:
    """The subcommands of one file. `common` arguments belong to each of them."""

    def __init__(self, title: str, *common: Argument) -> None:
        self.title = title
        self.common = common
        self.commands: dict[str, tuple[Run, tuple[Argument, ...]]] = {}

    def command(self, *arguments: Argument) -> Callable[[Run], Run]:
        """Register a function as a subcommand called as the function is, with "-" for "_" ("list_" is "list")."""

        def register(run: Run) -> Run:
            self.commands[run.__name__.strip("_").replace("_", "-")] = (run, (*arguments, *self.common))
            return run

        return register

    def add_to(self, parsers: Any) -> None:
        """Add a parser for each subcommand to `parsers`, the result of `add_subparsers`."""
        for name, (run, arguments) in self.commands.items():
            parser = parsers.add_parser(name, description=inspect.getdoc(run))
            parser.set_defaults(run=run, prog=parser.prog)
            for flags, options in arguments:
                parser.add_argument(*flags, **options)

    def overview(self) -> str:
        """The title and a line for each subcommand: its name and the first line of its docstring."""
        lines = [
            f"  {name:<15} {(run.__doc__ or '').partition(chr(10))[0]}" for name, (run, _) in self.commands.items()
        ]
        return "\n".join([f"{self.title}:", *lines])
