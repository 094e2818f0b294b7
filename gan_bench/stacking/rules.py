"""Which runs can train in a stack with the bits of single runs, and for which a stack is faster.

`why_alone` (exactness) and `why_not_worth` (speed) decide in the job, where torch is loaded. The planner has no torch
and uses `may_stack`; a job stacks nothing that `may_stack` refuses.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from gan_bench import data, registry
from gan_bench.errors import UserError
from gan_bench.stacking.family import OPTIMIZERS

if TYPE_CHECKING:
    from gan_bench.game.game import Game

#: Environment variable: "auto" (stack where it is faster, the default), "always" (wherever bits agree) or "never".
#: Results do not depend on it.
STACKING = "GAN_BENCH_STACKING"
CHOICES = ("auto", "always", "never")

#: The only method that gan_bench.stacking.step implements. Runs of any other method train alone.
METHOD = "adversarial"

#: Most runs in one stack. With more, the numbers of an operation do not fit a core's cache (benchmarks/stacked.py).
MOST = 16

#: (most parameters of both networks, fewest runs for which a stack is faster). Measured on one core of a shared cloud
#: CPU (benchmarks/stacked.py, docs/stacking.md): a single perceptron of 64 units is 2.4 times as fast in a stack of
#: one, the demo's of 128 and 256 units 1.6 times, and one with two layers of 256 units 1.8 times with four runs.
PAYS_FROM: tuple[tuple[int, int], ...] = ((150_000, 1), (200_000, 4))

#: The same for networks with convolutions, and the most pixels of an image: a dcgan of 53,000 parameters on 8 x 8
#: images is 1.5 times as fast with two runs; on 28 x 28 images a stack of four was no faster.
SMALL_IMAGES, CONVOLUTIONS_PAY_FROM = 64, ((60_000, 2),)

#: Fewest remaining generator steps for which a stack is faster. Tracing and stacking take 1 to 3 CPU seconds for 1 to
#: 16 such runs, and a stacked step saves 1.5 ms a run or more. A stack of one run then saves 1.5 times its cost, a
#: stack of 16 runs ten times.
LEAST_STEPS = 1000


def choice() -> str:
    """The value of STACKING. UserError for an unknown one."""
    text = os.environ.get(STACKING, CHOICES[0])
    if text not in CHOICES:
        raise UserError(f"{STACKING} is {text!r}; valid: {', '.join(CHOICES)}.")
    return text


def may_stack(settings: Mapping[str, Any], choice: str = "auto") -> bool:
    """Whether runs with these settings may be stacked, as far as the settings show without the networks."""
    if _why_alone(settings, [settings[key] for key in OPTIMIZERS]) is not None:
        return False
    if choice == "always":
        return True
    if settings["budget"].get("g_steps", LEAST_STEPS) < LEAST_STEPS:
        return False
    model = settings["model"]
    widths = registry.component("models", model["name"]).facts.get("dense")
    if widths is not None:
        return sum(a * b for key in widths for a, b in pairwise(model[key])) <= PAYS_FROM[-1][0]
    _, height, width = data.describe(settings["dataset"])["shape"]
    return height * width <= SMALL_IMAGES


def why_alone(settings: Mapping[str, Any]) -> str | None:
    """Why runs with these settings cannot train in a stack with the bits of single runs; None where they can."""
    from gan_bench.game.rounds import optimizers_of

    return _why_alone(settings, optimizers_of(settings).values())


def _why_alone(  # noqa: PLR0911 (one reason for each return)
    settings: Mapping[str, Any], optimizers: Iterable[Mapping[str, Any]]
) -> str | None:
    """`why_alone` for given optimizer references. Tricks may change them, and a plan does not load tricks."""
    if (method := settings["method"]["name"]) != METHOD:
        return f"method {method!r} has no stacked step"
    chained = any(settings.get(key) for key in ("continue_from", "rewind_on_collapse"))
    if chained or isinstance(settings.get("early_stop"), Mapping):
        return "a run that continues another one, goes back or is scored in training has a course of its own"
    if settings["threads"] != 1:
        return "with more threads the order of a sum depends on how an operation is split among them"
    if settings["device"] != "cpu":
        return f"on device {settings['device']!r} equal bits were not measured"
    if settings.get("precision", "float32") != "float32":
        return f"in {settings['precision']} equal bits were not measured"
    for reference in optimizers:
        if not registry.component("optimizers", reference["name"]).facts.get("elementwise"):
            return f"optimizer {reference['name']!r} does not declare that it updates each number by itself"
    return None


def why_not_worth(game: Game, runs: int, g_steps: int) -> str | None:
    """Why, by the measurements above, a stack of `runs` runs would be slower for `g_steps` steps; None if it is faster.

    The answer depends on the settings and the remaining steps, never on a clock.
    """
    tensors = [t for n in (game.generator, game.discriminator) for t in n.module.parameters()]
    convolutions = any(tensor.ndim > 2 for tensor in tensors)
    if convolutions and game.shape[1] * game.shape[2] > SMALL_IMAGES:
        return "convolutions are computed run by run, and they take most of the time of a step"
    pays_from = CONVOLUTIONS_PAY_FROM if convolutions else PAYS_FROM
    count = sum(tensor.numel() for tensor in tensors)
    least = next((least for most, least in pays_from if count <= most), None)
    if least is None:
        kind = " with convolutions" if convolutions else ""
        return f"the two networks{kind} have {count:,} parameters, more than {pays_from[-1][0]:,}"
    if runs < least:
        return f"there are {runs} runs, and with {count:,} parameters it takes {least} for a stack to be faster"
    if g_steps < LEAST_STEPS:
        return f"{g_steps} steps are too few to make up for the stacking, which costs as much as {LEAST_STEPS}"
    return None
