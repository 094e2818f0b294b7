"""`python -m gan_bench.cli`: the same as `gan-bench`, with a chosen Python interpreter."""

from gan_bench.cli.entry import process

process()
