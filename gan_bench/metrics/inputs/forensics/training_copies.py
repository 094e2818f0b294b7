"""Generated images are copies or near copies of training images."""

from gan_bench.metrics.inputs.forensics._copies import training_copies
from gan_bench.metrics.inputs.forensics._sets import Sets

READS = "any"


def find(sets: Sets) -> list[str]:
    return training_copies(sets.fake, sets.train, "generated")
