"""Traces of JPEG compression are more frequent in the pixels of one set than in those of the other set.

The 8 x 8 DCT coefficients of a decoded JPEG are near multiples of the steps of its quantisation table (Fan and de
Queiroz 2003, IEEE Trans. Image Process. 12:230). Each picture is compared with each table of the Independent JPEG Group
(qualities 20 to 96). Each coefficient above half a step votes for the table with cos(2 pi coefficient / step), which is
1 at multiples of the step. The check is not made if the height or width of images is below 16 px. It does not find
JPEGs with other tables, JPEGs that were resized later, or crops that do not start on the 8 px grid.
"""

import numpy as np
from scipy.fft import dctn

from gan_bench.metrics.inputs.forensics._sets import Sets, Trait, luminance, one_sided, sentence, spaced
from gan_bench.metrics.inputs.load import Points

READS = "images"

#: The luminance table of quality 50 (ITU-T T.81, table K.1).
BASE = np.array(
    [
        *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56),
        *(14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
        *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
    ]
).reshape(8, 8)
QUALITIES = range(20, 97)
#: Smallest step that is used. The rounding of pixels hides smaller steps.
FINEST = 3
#: A picture has traces if its standard score (see `scores`) is above this. The largest score among 256 photographs,
#: resized to 32 and 64 px, is 3.3.
THRESHOLD = 6.0
#: Only the top left corner of an image is examined. This is the largest height and width of the corner, in px.
SIDE = 64


def find(sets: Sets) -> list[str]:
    if min(sets.real.array.shape[2:]) < 16:
        return []
    real, fake = _traces(sets.real), _traces(sets.fake)
    words = "have traces of JPEG compression in their pixels"
    return [sentence(sets, real, fake, words)] if one_sided(real, fake) else []


def _traces(points: Points) -> Trait:
    rows = spaced(len(points))
    return Trait(rows, scores(np.asarray(points.array[rows])) > THRESHOLD)


def scores(images: np.ndarray) -> np.ndarray:
    """(n,) standard scores of the votes for images (n, c, h, w); for each image, the largest score over all tables."""
    height, width = (min(size // 8 * 8, SIDE) for size in images.shape[2:])
    centred = luminance(images[:, :, :height, :width]) - 128
    blocks = centred.reshape(len(images), height // 8, 8, width // 8, 8)
    coefficients = dctn(blocks, axes=(2, 4), norm="ortho").transpose(0, 1, 3, 2, 4).reshape(len(images), -1, 64)
    # Most coefficients are below half of the finest step. They have no vote and are left out.
    image, _, frequency = np.nonzero(np.abs(coefficients) > FINEST / 2)
    values = coefficients[np.abs(coefficients) > FINEST / 2].astype(np.float32)
    best = np.full(len(images), -np.inf)
    for quality in QUALITIES:
        steps = _table(quality).ravel().astype(np.float32)
        steps[(steps < FINEST) | (np.arange(64) == 0)] = np.inf
        step = steps[frequency]
        voting = np.abs(values) > step / 2
        votes = np.cos(2 * np.float32(np.pi) * values[voting] / step[voting])
        sums, counts = (np.bincount(image[voting], weights, len(images)) for weights in (votes, None))
        best = np.maximum(best, sums / np.sqrt(np.maximum(counts, 1) / 2))
    return best


def _table(quality: int) -> np.ndarray:
    """The table of the Independent JPEG Group for a quality."""
    scale = 5000 / quality if quality < 50 else 200 - 2 * quality
    return np.clip(np.floor((BASE * scale + 50) / 100), 1, 255)
