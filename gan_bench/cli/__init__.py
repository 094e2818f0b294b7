"""The command line. Each group of commands for people has its own file; commands for the workflow are in job.py.

A command is one function with the decorator `@group.command(...)` in the file of its group. No other file lists it.
"""

from gan_bench.cli.entry import main, process

__all__ = ["main", "process"]
