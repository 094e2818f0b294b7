"""Declares subcommands: a decorator lists the arguments of a function. The docstring of the function is the help."""

import argparse
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

#: Function of the parsed arguments that returns an exit code, or None for 0.
Run = Callable[[argparse.Namespace], int | None]


class Argument(NamedTuple):
    """An argument of a subcommand: the parameters of `ArgumentParser.add_argument`."""

    flags: tuple[str, ...]
    options: dict[str, Any]


def arg(*flags: str, **options: Any) -> Argument:
    return Argument(flags, options)


def count(text: str) -> int:
    """Type of an argument that is a positive whole number."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not valid; a positive whole number is needed")
    return int(text)


class Group:
    """Subcommands that `gan-bench --help` lists under one title. Each of them also has the `common` arguments."""

    def __init__(self, title: str, *common: Argument) -> None:
        self.title = title
        self.common = common
        self.commands: dict[str, tuple[Run, tuple[Argument, ...]]] = {}
        self.examples: dict[str, str] = {}

    def command(self, *arguments: Argument, example: str = "") -> Callable[[Run], Run]:
        """Register a function as a subcommand. Its name is the function's, with "-" for "_"; "list_" becomes "list".

        `example`: arguments of a typical call.
        """

        def register(run: Run) -> Run:
            name = run.__name__.strip("_").replace("_", "-")
            self.commands[name] = (run, (*arguments, *self.common))
            if example:
                self.examples[name] = f"gan-bench {name} {example}"
            return run

        return register

    def add_to(self, parsers: Any) -> None:
        """Add a parser for each subcommand to `parsers`, the result of `add_subparsers`."""
        for name, (run, arguments) in self.commands.items():
            example = f"example: {self.examples[name]}" if name in self.examples else None
            parser = parsers.add_parser(name, description=inspect.getdoc(run), epilog=example)
            long = [flag for flags, _ in arguments for flag in flags if flag.startswith("--")]
            parser.set_defaults(run=run, prog=parser.prog, options=long)
            for flags, options in arguments:
                parser.add_argument(*flags, **options)

    def overview(self) -> str:
        """The title and, for each subcommand, its name, the first line of its docstring, and its example."""
        lines = [f"{self.title}:"]
        for name, (run, _) in self.commands.items():
            lines.append(f"  {name:<15} {(run.__doc__ or '').partition(chr(10))[0]}")
            if name in self.examples:
                lines.append(f"  {'':<15}   {self.examples[name]}")
        return "\n".join(lines)
