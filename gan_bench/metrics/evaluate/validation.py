"""The images of a split that are set aside for model selection: scores against them use no image of the reported
scores.

A study enables this with `evaluation.validation`. The split is divided into two fixed parts. A run is scored against
each with different samples, so a choice made by one score does not bias the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.features.reference import Reference
from gan_bench.metrics.evaluate.families import RealSide, Ref, prepare_real
from gan_bench.metrics.evaluate.sets import Row, evaluate_sets, null_rows
from gan_bench.registry import component
from gan_bench.seeds import generator

#: Seed of the division: all runs of all studies set aside the same images of a data set.
CUT_SEED = 0


@dataclass(frozen=True)
class Validation:
    """The rows set aside, and what metrics compute from them alone."""

    real: Features
    known: RealSide


def split_parts(reference: Reference, split: str, validation: float | None) -> tuple[Features, Features | None]:
    """The reported real images of a split, and those set aside: round(validation * n) of its n images.

    Without `validation`, all of them and None. UserError if a part would be empty.
    """
    pool = reference.real(split)
    if validation is None:
        return pool, None
    m = round(validation * len(pool))
    if not 0 < m < len(pool):
        raise UserError(f"evaluation.validation is {validation}: of {len(pool)} {split} images that sets aside {m}.")
    order = generator(CUT_SEED, "evaluation").spawn(4)[3].permutation(len(pool))
    return pool.take(np.sort(order[m:])), pool.take(np.sort(order[:m]))


def make_validation(aside: Features | None, train: Features, refs: Sequence[Ref]) -> Validation | None:
    """What runs are scored against for model selection; None without rows set aside."""
    return None if aside is None else Validation(aside, prepare_real(aside, train, without_run(refs)))


def validation_rows(
    validation: Validation,
    sampled: Callable[[int, int], Features | None],
    refs: Sequence[Ref],
    seed: int,
    train: Features,
    labels: dict[str, Any],
) -> list[Row]:
    """Rows of a generator against the images set aside, with as many samples as images.

    Families that need the run itself are left out.

    Args:
        sampled: (n, seed) -> features of n samples; None if they are not finite.
    """
    n, refs = len(validation.real), without_run(refs)
    fake = sampled(n, sample_seed(seed))
    if fake is None:
        note = "the generator gives numbers that are not finite"
        return null_rows(refs, note, n_real=n, n_fake=n, **labels)
    return evaluate_sets(validation.real, fake, refs, seed=seed, train=train, known=validation.known, **labels)


def sample_seed(seed: int) -> int:
    """Seed of the samples scored for model selection, which differ from the reported ones."""
    return int(generator(seed, "evaluation").spawn(3)[2].integers(2**32, 2**48))


def without_run(refs: Sequence[Ref]) -> list[Ref]:
    """The families that only compare sets of samples."""
    return [ref for ref in refs if "run" not in component("metrics", ref["name"]).facts["needs"]]
