"""Enlarged or blurred pictures are more frequent in one set: fine details are missing, or pixels are doubled.

The check is not made if the height or width of images is below 16 px.
"""

import numpy as np
from scipy.fft import dctn

from gan_bench.metrics.inputs.forensics._sets import Sets, Trait, luminance, one_sided, sentence, spaced
from gan_bench.metrics.inputs.load import Points

READS = "images"

#: The finest details are missing if the ratio of two energies is below this. The ratio is the mean energy of the DCT
#: coefficients in the highest quarter of the frequencies, divided by the mean energy in the second-lowest quarter. The
#: smallest ratio of 256 photographs resized to 32, 64 and 128 px is 10^-1.8. For photographs enlarged from half the
#: size, the ratio is 10^-2.4 to 10^-3.9.
MISSING = 10**-2.3
#: Pixels count as doubled if more than this share of neighbours is equal, both in the column pairs (2k, 2k + 1) and in
#: the row pairs (2k, 2k + 1).
DOUBLED = 0.95


def find(sets: Sets) -> list[str]:
    if min(sets.real.array.shape[2:]) < 16:
        return []
    sentences = []
    for trait, words in TRAITS:
        real, fake = trait(sets.real), trait(sets.fake)
        if one_sided(real, fake):
            sentences.append(sentence(sets, real, fake, words))
    return sentences


def _smooth(points: Points) -> Trait:
    rows = spaced(len(points))
    energy = dctn(luminance(np.asarray(points.array[rows])), axes=(1, 2), norm="ortho") ** 2
    height, width = energy.shape[1:]
    frequency = np.maximum(np.arange(height)[:, None] / height, np.arange(width) / width)
    fine = energy[:, frequency >= 0.75].mean(axis=1)
    middle = energy[:, (frequency >= 0.25) & (frequency < 0.5)].mean(axis=1)
    return Trait(rows, fine < MISSING * middle)


def _doubled(points: Points) -> Trait:
    rows = spaced(len(points))
    images = np.asarray(points.array[rows])
    height, width = (size // 2 * 2 for size in images.shape[2:])
    down = images[:, :, 0:height:2] == images[:, :, 1:height:2]
    across = images[..., 0:width:2] == images[..., 1:width:2]
    # In a flat picture, pairs that start at odd positions are equal too. In a doubled picture, some of them differ.
    apart = images[..., 1 : width - 1 : 2] != images[..., 2:width:2]
    share = np.minimum(down.mean(axis=(1, 2, 3)), across.mean(axis=(1, 2, 3)))
    return Trait(rows, (share > DOUBLED) & (apart.mean(axis=(1, 2, 3)) > 2 * (1 - DOUBLED)))


TRAITS = (
    (_smooth, "lack the finest details, as enlarged or blurred pictures do"),
    (_doubled, "have pixels in equal pairs, as pictures enlarged by nearest neighbour do"),
)
