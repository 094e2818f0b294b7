"""Chooses variants, tricks and steps for a number of pictures, a size and a time budget."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gan_bench.config.one_run import run_settings
from gan_bench.config.plan.minutes import STEPS_SHARE
from gan_bench.errors import UserError

#: Some minutes of training are too short for D to memorise more pictures than this, so augmentation is then not needed.
MANY = 20_000
#: A second variant is added only if each of the two variants has at least this many core minutes.
ENOUGH = 8.0
#: Seconds in which training steps are timed, in total over all variants.
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
    """One variant of the study: its name, keys and reason, and the seconds per G step on this machine (0 = unknown)."""

    name: str
    keys: Mapping[str, Any]
    reason: str
    seconds: float = 0.0


def choices(count: int, minutes: float, cores: int) -> list[Choice]:
    """The variants for `count` pictures and `minutes` on `cores` cores; the recommended variant is first."""
    tricks = ["flips"] if count > MANY else ["diff_augment", "flips"]
    few = (
        f"{count} pictures are few, so D would memorise them; DiffAugment changes the pictures that D sees "
        "(Zhao et al. 2020, arXiv:2006.10738)"
    )
    many = f"{count} pictures are many, so D needs no augmentation in this time"
    recipe = Choice(
        "recipe",
        {**RECIPE, "tricks": tricks},
        f"{many if count > MANY else few}. R1 with a small weight keeps D smooth ({R1}). D has no batch norm. Samples "
        "come from a moving average of G's weights (Karras et al. 2018, arXiv:1710.10196).",
    )
    plain = Choice(
        "plain_dcgan",
        {"preset": "dcgan", "model": {"width": 32}, "batch_size": 16},
        "the DCGAN as published (Radford et al. 2016, arXiv:1511.06434), to show the effect of the recipe.",
    )
    return [recipe, plain] if minutes * cores / 2 >= ENOUGH else [recipe]


def timed(chosen: Sequence[Choice], shape: tuple[int, int, int]) -> list[Choice]:
    """The variants with the seconds per G step, timed on random pictures for TIMED_SECONDS in total.

    UserError if a step of a variant fails.
    """
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
    """Number of G steps per run, if `runs` runs share `minutes` on `cores` cores."""
    per_run = minutes * 60 * min(cores, runs) / runs
    return max(1, int(STEPS_SHARE * per_run / choice.seconds))
