"""Formats of logs. Each file of this folder is one format.

A format defines

  NAME                       the format in words, for the message that lists the formats
  score(source) -> float     how likely it is that this format can read the file; 0 if it cannot
  read(source) -> Table      the columns of the file; UserError says in one sentence why the file cannot be read

The format with the highest score reads the file.
"""

import functools
import importlib
import pkgutil
from types import ModuleType

from gan_bench.errors import UserError
from gan_bench.logs.log import Table
from gan_bench.logs.source import Source


@functools.cache
def all_formats() -> tuple[ModuleType, ...]:
    """The modules of this folder, in the order of their names."""
    return tuple(importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))


def read_table(source: Source) -> Table:
    """The columns of a file, read by the format with the highest score. UserError if no format recognises the file."""
    best = max(all_formats(), key=lambda module: module.score(source))
    if not best.score(source):
        names = ", ".join(module.NAME for module in all_formats())
        first = next((line.strip() for line in source.first_lines if line.strip()), "")
        shown = f"line 1 is {first[:60]!r}" if first else "it is empty" if not source.head else "it is binary"
        raise UserError(f"{source.path}: not recognised as a log of losses: {shown}; valid: {names}.")
    table: Table = best.read(source)
    return table


def recognised(source: Source) -> bool:
    """Whether any format recognises the file."""
    return any(module.score(source) for module in all_formats())
