"""Images along directions in latent space: paths, single dimensions, truncation, and arithmetic of mean latents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_bench.errors import UserError
from gan_bench.explore.subject import FEWEST, Share, Subject
from gan_bench.metrics.evaluate.diagnostics import paths_between

#: Picture of paths: PATHS rows of PATH_STEPS images. Animation: WALKS tiles; each tile passes ENDS latents, with
#: WALK_STEPS frames from one latent to the next.
PATHS, PATH_STEPS, WALKS, ENDS, WALK_STEPS = 6, 10, 16, 4, 8
#: Sweeps: at most MOST_SWEPT dimensions are swept, and the change of an image is averaged over BASES samples. SHOWN
#: dimensions are shown, with VALUES values each.
SHOWN, VALUES, BASES, MOST_SWEPT = 8, 9, 32, 512
#: A dimension is swept from this quantile of its distribution to the quantile 1 - QUANTILE.
QUANTILE = 0.01
#: Truncation: z is multiplied by each factor in SCALES. For each factor, TRUNCATED samples are shown and SPREAD samples
#: are measured.
SCALES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
TRUNCATED, SPREAD = 6, 200
#: Arithmetic: classes are counted on AROUND samples around each sum, and NEARBY of these samples are shown.
AROUND, NEARBY = 400, 6


def paths(subject: Subject) -> np.ndarray:
    """Images (PATHS, PATH_STEPS, C, H, W) along paths, each between two latents; the class is constant along a path."""
    z = subject.draw(2 * PATHS)
    between = paths_between(z[:PATHS], z[PATHS:], PATH_STEPS)
    images = subject.images(between.reshape(PATHS * PATH_STEPS, -1))
    return images.reshape(PATHS, PATH_STEPS, *images.shape[1:])


def walk(subject: Subject) -> np.ndarray:
    """Images (frames, WALKS, C, H, W) of the animation.

    Each tile passes ENDS latents and returns to the first of them.
    """
    ends = subject.draw(WALKS * ENDS).reshape(ENDS, WALKS, -1)
    choice = subject.choices()
    ends[:, :, choice] = ends[:1, :, choice]
    legs = [
        paths_between(ends[leg], ends[(leg + 1) % ENDS], WALK_STEPS + 1)[:, :-1].swapaxes(0, 1) for leg in range(ENDS)
    ]
    z = np.concatenate(legs)
    images = subject.images(z.reshape(len(z) * WALKS, -1))
    return images.reshape(len(z), WALKS, *images.shape[1:])


@dataclass(frozen=True)
class Sweep:
    """Sweep of a latent dimension from `low` to `high`.

    `change`: root mean square difference between the images at `low` and at `high`, in grey values from 0 to 255.
    """

    dimension: int
    low: float
    high: float
    change: float


def sweeps(subject: Subject) -> tuple[list[Sweep], np.ndarray]:
    """Sweeps of dimensions, largest change first; and images of one sample in the first SHOWN sweeps.

    In a sweep, one dimension of z goes from its 1 % to its 99 % quantile, while all other dimensions keep their drawn
    values. The change is measured on BASES samples. The first MOST_SWEPT dimensions are swept, not counting columns
    that hold a choice (0 or 1). The images have the shape (SHOWN, VALUES, C, H, W), with fewer rows if fewer dimensions
    are swept.
    """
    law, base = subject.draw(2000), subject.draw(BASES, 1)
    table = []
    for dimension in np.flatnonzero(~subject.choices())[:MOST_SWEPT]:
        low, high = np.quantile(law[:, dimension], (QUANTILE, 1 - QUANTILE))
        first, last = (_with_value(base, dimension, value) for value in (low, high))
        difference = subject.images(first).astype(np.float64) - subject.images(last)
        table.append(Sweep(int(dimension), float(low), float(high), float(np.sqrt(np.square(difference).mean()))))
    table.sort(key=lambda sweep: -sweep.change)
    rows = [
        [_with_value(base[:1], sweep.dimension, value) for value in np.linspace(sweep.low, sweep.high, VALUES)]
        for sweep in table[:SHOWN]
    ]
    images = subject.images(np.concatenate([z for row in rows for z in row]))
    return table, images.reshape(len(rows), VALUES, *images.shape[1:])


def _with_value(z: np.ndarray, dimension: int, value: float) -> np.ndarray:
    changed = z.copy()
    changed[:, dimension] = value
    return changed


def truncation(subject: Subject) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Multiply z by each factor in SCALES. Returns a row of numbers per factor, and images.

    The images have the shape (TRUNCATED, factors, C, H, W). Columns of z that hold a choice (0 or 1) are not
    multiplied. The numbers of a row are computed on SPREAD samples:

        scale        the factor
        spread       root mean square difference in grey values between two samples
        confidence   mean probability of the most probable class; only with a classifier
        classes      number of different classes among the samples; only with a classifier
    """
    z, amounts = subject.draw(SPREAD), ~subject.choices()
    rows, columns = [], []
    for scale in SCALES:
        images = subject.images(np.where(amounts, scale * z, z))
        halves = images[: SPREAD // 2].astype(np.float64), images[SPREAD // 2 :]
        row = {"scale": scale, "spread": float(np.sqrt(np.square(halves[0] - halves[1]).mean()))}
        if subject.log_probs is not None:
            log_probs = subject.log_probs(images)
            row["confidence"] = float(np.exp(log_probs.max(axis=1)).mean())
            row["classes"] = len(np.unique(log_probs.argmax(axis=1)))
        rows.append(row)
        columns.append(images[:TRUNCATED])
    return rows, np.stack(columns, axis=1)


@dataclass(frozen=True)
class Sum:
    """A sum of mean latents: first - second + third. Each term is a class name, which stands for its mean latent."""

    first: str
    second: str
    third: str

    def __str__(self) -> str:
        return f"{self.first} - {self.second} + {self.third}"


def parse_sum(text: str, names: Sequence[str]) -> Sum:
    """The sum in a text "A-B+C". UserError if the text does not have this form, or a class is not in `names`."""
    plain = text.replace(" ", "")
    for first in names:
        for second in names:
            if plain.startswith(start := f"{first}-{second}+") and plain.removeprefix(start) in names:
                return Sum(first, second, plain.removeprefix(start))
    raise UserError(f"--arithmetic is {text!r}; valid: A-B+C with classes among {', '.join(names)}.")


def usual_sums(counts: Mapping[str, int]) -> list[Sum]:
    """Three sums of the three classes A, B and C with most samples: A - B + C, B - C + A and C - A + B.

    [] if fewer than three classes have FEWEST samples.
    """
    common = [name for name in sorted(counts, key=lambda name: -counts[name]) if counts[name] >= FEWEST][:3]
    return [Sum(*np.roll(common, -turn)) for turn in range(3)] if len(common) == 3 else []


def arithmetic(subject: Subject, total: Sum, z: np.ndarray, classes: np.ndarray) -> tuple[dict[str, Any], np.ndarray]:
    """Compute a sum of mean latents. Returns {"sum", "length", "shares"}, and images (4 + NEARBY, C, H, W).

    The usual length of a latent is the root mean square length of `z`.

    length: length of the sum, divided by the usual length.
    shares: {class: {"usual": its share among the samples, "around": its share among the samples around the sum}}.
    images: the mean latents of the three classes and their sum, each scaled to the usual length; then samples around
        the sum. Their latents are sum + s * new z, with s such that they have the usual length on average. If the sum
        is longer than the usual length, s is 0.

    Columns that hold a choice (0 or 1) are not summed. In the latents of the images they have drawn values.

    Args:
        z: latents (n, d) of samples.
        classes: (n,) the class that each sample shows.

    Raises:
        UserError: a class in the sum is unknown, or is shown by fewer than FEWEST samples.
    """
    parts = [subject.class_number(name) for name in (total.first, total.second, total.third)]
    for number, name in zip(parts, (total.first, total.second, total.third), strict=True):
        if (shown := int((classes == number).sum())) < FEWEST:
            raise UserError(f"{shown} of {len(z)} samples show {name}; {FEWEST} are needed for a mean latent.")
    means = [z[classes == number].mean(axis=0, dtype=np.float64) for number in parts]
    choice = subject.choices()
    result = np.where(choice, 0.0, means[0] - means[1] + means[2])
    usual = np.square(np.where(choice, 0.0, z.astype(np.float64))).sum(axis=1).mean()
    scale = np.sqrt(max(0.0, 1.0 - np.square(result).sum() / usual))
    fresh = subject.draw(AROUND, 2)
    around = np.where(choice, fresh, result + scale * fresh)
    shown_images = subject.images(around)
    shown_classes = subject.classes(shown_images)
    centres = np.where(choice, 0.0, np.stack([*means, result]))
    centres *= np.sqrt(usual / np.maximum(np.square(centres).sum(axis=1, keepdims=True), 1e-12))
    centres = np.where(choice, fresh[:1], centres)
    shares = {
        name: {
            "usual": Share(int((classes == number).sum()), len(z)).json,
            "around": Share(int((shown_classes == number).sum()), AROUND).json,
        }
        for name, number in zip((total.first, total.second, total.third), parts, strict=True)
    }
    images = np.concatenate([subject.images(centres), shown_images[:NEARBY]])
    return {"sum": str(total), "length": float(np.sqrt(np.square(result).sum() / usual)), "shares": shares}, images
