"""The command line. Each group of commands for people has its own file; commands for the workflow are in job.py.

A command is one function with the decorator `@group.command(...)`. No other file lists it. It is in the file of its
group, except `new-study`: it is in photos.py, and belongs to the group of studies.py.
"""

from gan_bench.cli.entry import main, process

__all__ = ["main", "process"]
