"""Real images that are set aside for model selection. The reported scores do not use them.

A study enables this with `evaluation.validation`. The split on which runs are scored is divided into two fixed parts,
one for the reported scores and one for model selection. A run is scored against each part with different samples. So
choosing the generator with the best score on one part does not bias its score on the other part.
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

#: Seed with which the images set aside are drawn. Two studies with the same data set, split and `evaluation.validation`
#: set aside the same images.
CUT_SEED = 0


@dataclass(frozen=True)
class Validation:
    """The features of the images set aside, and what metrics compute without generated images.

    real: the features.
    known: what metrics compute from these features and the features of the training images.
    """

    real: Features
    known: RealSide


def split_parts(reference: Reference, split: str, validation: float | None) -> tuple[Features, Features | None]:
    """The real images of a split for reported scores, and the images set aside: round(validation * n) of n images.

    If `validation` is None, the result is all images and None. UserError if one of the two sets would be empty.
    """
    pool = reference.real(split)
    if validation is None:
        return pool, None
    m = round(validation * len(pool))
    if not 0 < m < len(pool):
        raise UserError(
            f"evaluation.validation is {validation}: this sets aside {m} of the {len(pool)} {split} images; at least "
            "one image must be set aside and one must remain."
        )
    order = generator(CUT_SEED, "evaluation").spawn(4)[3].permutation(len(pool))
    return pool.take(np.sort(order[m:])), pool.take(np.sort(order[:m]))


def make_validation(aside: Features | None, train: Features, refs: Sequence[Ref]) -> Validation | None:
    """The images set aside, and what metrics compute from them and from training images; None if `aside` is None."""
    return None if aside is None else Validation(aside, prepare_real(aside, train, without_run(refs)))


def validation_rows(
    validation: Validation,
    sampled: Callable[[int, int], Features | None],
    refs: Sequence[Ref],
    seed: int,
    train: Features,
    labels: dict[str, Any],
) -> list[Row]:
    """Values of metrics that compare the images set aside with equally many samples of a generator, as rows.

    Metrics that need the run, and not only features of its samples, are left out.

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
    """Seed of the samples that are scored for model selection. The reported scores use other samples."""
    return int(generator(seed, "evaluation").spawn(3)[2].integers(2**32, 2**48))


def without_run(refs: Sequence[Ref]) -> list[Ref]:
    """The metrics of `refs` that do not need the run."""
    return [ref for ref in refs if "run" not in component("metrics", ref["name"]).facts["needs"]]
