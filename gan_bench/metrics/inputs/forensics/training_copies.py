"""Generated images that equal images of the training set, exactly or nearly."""

from gan_bench.metrics.inputs.forensics._copies import training_copies
from gan_bench.metrics.inputs.forensics._sets import Sets

READS = "any"


def find(sets: Sets) -> list[str]:
    return training_copies(sets.fake, sets.train, "generated")
