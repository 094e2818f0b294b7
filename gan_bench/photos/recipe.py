"""Variants, tricks and steps for a number of pictures, a size and some minutes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gan_bench.config.one_run import run_settings
from gan_bench.config.plan.minutes import STEPS_SHARE
from gan_bench.errors import UserError

#: Pictures above which D does not learn the training set by heart in minutes, so that augmentation is not needed.
MANY = 20_000
#: Minutes of a run below which a second variant would leave too few steps for either.
ENOUGH = 8.0
#: Seconds that the machine is timed for.
TIMED_SECONDS = 10.0

R1 = "Mescheder et al. 2018, arXiv:1801.04406"
RECIPE: Mapping[str, Any] = {
    "model": {"name": "dcgan", "width": 32, "d_norm": "none"},
    "loss": "non_saturating",
    "penalty": {"name": "r1", "gamma": 0.3},
    "optimizer": {"name": "adam", "lr": 0.001, "beta1": 0.0, "beta2": 0.99},
    "ema": 0.998,
    "batch_size": 16,
}


@dataclass(frozen=True)
class Choice:
    """One variant of the study: its name, its keys, the reason, and the seconds of a G step on this machine."""

    name: str
    keys: Mapping[str, Any]
    reason: str
    seconds: float = 0.0


def choices(count: int, minutes: float, cores: int) -> list[Choice]:
    """The variants for `count` pictures and `minutes` of `cores` cores, the recommended one first."""
    tricks = ["flips"] if count > MANY else ["diff_augment", "flips"]
    few = (
        f"{count} pictures are few: D would learn them by heart; DiffAugment shows it changed ones "
        "(Zhao et al. 2020, arXiv:2006.10738)"
    )
    many = f"{count} pictures are many: D needs no augmentation in these minutes"
    recipe = Choice(
        "recipe",
        {**RECIPE, "tricks": tricks},
        f"{many if count > MANY else few}. R1 with a small weight keeps D smooth ({R1}); no batch norm in D; an "
        "average of G's weights (Karras et al. 2018, arXiv:1710.10196).",
    )
    plain = Choice(
        "plain_dcgan",
        {"preset": "dcgan", "model": {"width": 32}, "batch_size": 16},
        "the DCGAN as published, to see what the recipe adds (Radford et al. 2016, arXiv:1511.06434).",
    )
    return [recipe, plain] if minutes * cores / 2 >= ENOUGH else [recipe]


def timed(chosen: Sequence[Choice], shape: tuple[int, int, int]) -> list[Choice]:
    """The variants with the seconds of one G step, timed on random pictures for TIMED_SECONDS in all."""
    from gan_bench.dry_run.step import try_step

    result = []
    dataset = {"name": "image_folder", "path": "pictures", "size": shape[1], "channels": shape[0]}
    for choice in chosen:
        base = {"preset": "dcgan", "dataset": dataset, "budget": {"g_steps": 1}}
        wrong, seconds = try_step(run_settings({**base, **choice.keys}), shape, 0, TIMED_SECONDS / len(chosen))
        if wrong:
            raise UserError(*wrong)
        result.append(Choice(choice.name, choice.keys, choice.reason, sorted(seconds)[len(seconds) // 2]))
    return result


def steps(choice: Choice, minutes: float, runs: int, cores: int) -> int:
    """G steps of a run when `runs` runs share `minutes` of `cores` cores."""
    per_run = minutes * 60 * min(cores, runs) / runs
    return max(1, int(STEPS_SHARE * per_run / choice.seconds))
