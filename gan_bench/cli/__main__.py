"""`python -m gan_bench.cli`: the same as `gan-bench`, with the interpreter that is named."""

from gan_bench.cli.entry import process

process()
