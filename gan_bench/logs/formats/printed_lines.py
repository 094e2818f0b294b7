"""Lines that programs print: Keras, tutorials, CycleGAN's loss_log.txt, StudioGAN, and others like them."""

from gan_bench.errors import UserError
from gan_bench.logs.lines import losses_in, table_of_lines
from gan_bench.logs.log import Table
from gan_bench.logs.source import Source

NAME = "printed lines such as 'D loss: 0.6, G loss: 0.8'"


def score(source: Source) -> float:
    return 0.75 if any(losses_in(line) for line in source.first_lines[:2000]) else 0.0


def read(source: Source) -> Table:
    lines = source.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    table = table_of_lines(lines)
    if not table.columns:
        raise UserError(f"{source.path}: no line holds losses of D and G.")
    return table
