"""The part of a split that choices are made by: scores of a run against real images that no reported number sees.

A study asks for it with `evaluation.validation`. The rows of the split are dealt once and for all into two parts; a run
is scored against each with samples of its own, so that nothing that is chosen by the one is seen by the other.
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

#: Seed of the cut: all runs of all studies set aside the same images of a data set.
CUT_SEED = 0


@dataclass(frozen=True)
class Validation:
    """The rows set aside, and what metrics take from them alone."""

    real: Features
    known: RealSide


def parts(reference: Reference, split: str, validation: float | None) -> tuple[Features, Features | None]:
    """The real images of a split that are reported on, and those set aside: round(validation * n) of its n images.

    All of them and None without `validation`. UserError where a part would be empty.
    """
    pool = reference.real(split)
    if validation is None:
        return pool, None
    m = round(validation * len(pool))
    if not 0 < m < len(pool):
        raise UserError(f"evaluation.validation is {validation}: of {len(pool)} {split} images that sets aside {m}.")
    order = generator(CUT_SEED, "evaluation").spawn(4)[3].permutation(len(pool))
    return pool.take(np.sort(order[m:])), pool.take(np.sort(order[:m]))


def side(aside: Features | None, train: Features, refs: Sequence[Ref]) -> Validation | None:
    """What runs are scored against for choices; None without rows set aside."""
    return None if aside is None else Validation(aside, prepare_real(aside, train, without_run(refs)))


def rows(
    found: Validation,
    sampled: Callable[[int, int], Features | None],
    refs: Sequence[Ref],
    seed: int,
    train: Features,
    place: dict[str, Any],
) -> list[Row]:
    """Rows of a generator against the images set aside. `sampled`: (n, seed) -> features of n samples, None where they
    are not finite.

    As many samples as there are images, drawn by a seed of their own. Families that need the run itself are left out.
    """
    n, refs = len(found.real), without_run(refs)
    fake = sampled(n, seed_of(seed))
    if fake is None:
        note = "the generator gives numbers that are not finite"
        return null_rows(refs, note, n_real=n, n_fake=n, **place)
    return evaluate_sets(found.real, fake, refs, seed=seed, train=train, known=found.known, **place)


def seed_of(seed: int) -> int:
    """The seed of the samples that are scored for choices: of other samples than those reported."""
    return int(generator(seed, "evaluation").spawn(3)[2].integers(2**32, 2**48))


def without_run(refs: Sequence[Ref]) -> list[Ref]:
    """The families that compare sets of samples alone."""
    return [ref for ref in refs if "run" not in component("metrics", ref["name"]).facts["needs"]]
