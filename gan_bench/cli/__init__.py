"""The command line. People's commands are in groups, a file each; what the workflow's rules call is in job.py.

A command is one function with `@group.command(...)` above it in the file of its group; nothing else lists it.
"""

from gan_bench.cli.entry import main, process

__all__ = ["main", "process"]
