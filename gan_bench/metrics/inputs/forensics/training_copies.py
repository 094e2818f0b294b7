"""Generated images that equal images of the training set, exactly or nearly."""

from gan_bench.metrics.inputs.forensics._copies import copies, words
from gan_bench.metrics.inputs.forensics._sets import Sets

READS = "any"


def find(sets: Sets) -> list[str]:
    if sets.train is None:
        return []
    pairs_of = copies(sets.fake, sets.train)
    thing = "images" if sets.fake.images else "rows"
    return [
        f"{len(pairs)} of {len(sets.fake)} generated {thing} {how} training ones, such as "
        f"{words(sets.fake, sets.train, pairs)}."
        for pairs, how in ((pairs_of.exact, "equal"), (pairs_of.near, "are near copies of"))
        if pairs
    ]
