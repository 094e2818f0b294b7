"""`python -m gan_bench.cli` is the same as `gan-bench`, but with the Python interpreter of the caller's choice."""

from gan_bench.cli.entry import process

process()
