"""The command line. Each group of commands for people has its own file; commands for the workflow are in job.py.

A command is one function with the decorator `@group.command(...)`. No other file lists the command. Commands
are in the file of their group. Only `new-study` is in another file: in photos.py, although its group is in studies.py.
"""

from gan_bench.cli.entry import main, process

__all__ = ["main", "process"]
