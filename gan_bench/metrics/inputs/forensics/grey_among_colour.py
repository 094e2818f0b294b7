"""One set of colour pictures contains a larger share of grey pictures than the other set."""

import numpy as np

from gan_bench.metrics.inputs.forensics._sets import Sets, Trait, one_sided, sentence
from gan_bench.metrics.inputs.load import Points

READS = "images"


def find(sets: Sets) -> list[str]:
    if sets.real.array.shape[1] == 1:
        return []
    real, fake = _grey(sets.real), _grey(sets.fake)
    return [sentence(sets, real, fake, "are grey, with equal channels")] if one_sided(real, fake) else []


def _grey(points: Points) -> Trait:
    """Pictures with equal channels. Pictures with a single value, such as black pictures, do not count."""
    has = [bool((image == image[:1]).all() and image.min() < image.max()) for image in points.array]
    return Trait(np.arange(len(points)), np.array(has))
