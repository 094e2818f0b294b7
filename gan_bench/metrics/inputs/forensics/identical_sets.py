"""The real and the generated set are the same, or some generated rows equal or nearly equal real rows."""

from gan_bench.metrics.inputs.forensics._copies import copies, words
from gan_bench.metrics.inputs.forensics._sets import Sets

READS = "any"


def find(sets: Sets) -> list[str]:
    fake, real = sets.fake, sets.real
    pairs_of = copies(fake, real)
    thing = "images" if fake.images else "rows"
    if len(pairs_of.exact) == len(fake) and len({j for _, j in pairs_of.exact}) == len(real):
        return [
            f"The real and the generated set contain the same {len(fake)} {thing}, such as "
            f"{words(fake, real, pairs_of.exact)}; therefore every distance is 0."
        ]
    sentences = []
    for pairs, how in ((pairs_of.exact, f"equal real {thing}"), (pairs_of.near, f"are near copies of real {thing}")):
        if pairs:
            sentences.append(
                f"{len(pairs)} of {len(fake)} generated {thing} {how}, such as {words(fake, real, pairs)}."
            )
    return sentences
