"""Nearly all pictures of one set, and fewer of the other, span exactly 0 to 255, as if each had been stretched."""

import numpy as np

from gan_bench.metrics.inputs.forensics._sets import Sets, Trait, one_sided, sentence
from gan_bench.metrics.inputs.load import Points

READS = "images"

#: A finding needs a set in which at least this share of the pictures has the full range.
LEAST = 0.95


def find(sets: Sets) -> list[str]:
    real, fake = _full_range(sets.real), _full_range(sets.fake)
    words = "span exactly 0 to 255 (usual for digits and drawings; in photographs, a sign that each was stretched)"
    return [sentence(sets, real, fake, words)] if one_sided(real, fake, LEAST) else []


def _full_range(points: Points) -> Trait:
    has = [bool(image.min() == 0 and image.max() == 255) for image in points.array]
    return Trait(np.arange(len(points)), np.array(has))
