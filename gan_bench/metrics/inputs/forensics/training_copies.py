"""Generated images or rows are copies or near copies of training images or rows."""

from gan_bench.metrics.inputs.forensics._copies import training_copies
from gan_bench.metrics.inputs.forensics._sets import Sets

READS = "any"


def find(sets: Sets) -> list[str]:
    return training_copies(sets.fake, sets.train, "generated")
