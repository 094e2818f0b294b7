"""Real images that scores are computed against and that are in the training set, exactly or nearly."""

from gan_bench.metrics.inputs.forensics._copies import copies, words
from gan_bench.metrics.inputs.forensics._sets import Sets

READS = "any"


def find(sets: Sets) -> list[str]:
    if sets.train is None:
        return []
    pairs_of = copies(sets.real, sets.train)
    thing = "images" if sets.real.images else "rows"
    return [
        f"{len(pairs)} of {len(sets.real)} real {thing} {how} training ones, such as "
        f"{words(sets.real, sets.train, pairs)}: a model that repeats its training set is rewarded."
        for pairs, how in ((pairs_of.exact, "equal"), (pairs_of.near, "are near copies of"))
        if pairs
    ]
