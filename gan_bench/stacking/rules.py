"""Which runs can train in a stack with the bits of single runs, and for which of them a stack is faster.

The job, which needs torch in any case, decides by `why_alone` (exactness) and `why_not_worth` (speed). The planner does
not load torch and decides by `may_stack`. A job stacks only runs for which `may_stack` is True with the job's value of
STACKING.
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

#: Environment variable: "auto" (stack if it is faster, the default), "always" (stack if bits agree) or "never". Results
#: do not depend on it.
STACKING = "GAN_BENCH_STACKING"
CHOICES = ("auto", "always", "never")

#: The only method that gan_bench.stacking.step implements. Runs of any other method train alone.
METHOD = "adversarial"

#: Largest number of runs in one stack. With more runs, the numbers of an operation exceed the cache of a core
#: (benchmarks/stacked.py).
MOST = 16

#: (largest number of parameters of both networks, least number of runs for which a stack is faster). Measured on one
#: core of a shared cloud CPU (benchmarks/stacked.py, docs/stacking.md).
PAYS_FROM: tuple[tuple[int, int], ...] = ((150_000, 1), (200_000, 4))

#: SMALL_IMAGES: largest number of pixels of an image for which a stack of networks with convolutions is faster.
#: CONVOLUTIONS_PAY_FROM: like PAYS_FROM, for such networks.
SMALL_IMAGES, CONVOLUTIONS_PAY_FROM = 64, ((60_000, 2),)

#: Least number of remaining generator steps for which a stack is faster. Tracing and stacking take 1 to 3 CPU seconds
#: for 1 to 16 runs of small networks, and a stacked step saves at least 1.5 ms per run.
LEAST_STEPS = 1000


def choice() -> str:
    """The value of the variable STACKING. UserError for an unknown value."""
    text = os.environ.get(STACKING, CHOICES[0])
    if text not in CHOICES:
        raise UserError(f"{STACKING} is {text!r}; valid: {', '.join(CHOICES)}.")
    return text


def may_stack(settings: Mapping[str, Any], choice: str = "auto") -> bool:
    """Whether the settings of runs permit a stack: the bits agree and, unless `choice` is "always", it may be faster.

    The networks are not built.
    """
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
    """Why runs with these settings cannot train in a stack with the bits of single runs; None if they can do so."""
    from gan_bench.game.rounds import optimizers_of

    return _why_alone(settings, optimizers_of(settings).values())


def _why_alone(  # noqa: PLR0911 (one reason for each return)
    settings: Mapping[str, Any], optimizers: Iterable[Mapping[str, Any]]
) -> str | None:
    """Like `why_alone`, with given optimizers. The planner cannot call `why_alone`, which loads the tricks."""
    if (method := settings["method"]["name"]) != METHOD:
        return f"method {method!r} has no stacked step"
    chained = any(settings.get(key) for key in ("continue_from", "rewind_on_collapse"))
    if chained or isinstance(settings.get("early_stop"), Mapping):
        return "a run that continues another one, goes back or is scored in training has a course of its own"
    if settings["threads"] != 1:
        return "with several threads the order of a sum depends on how an operation is divided among them"
    if settings["device"] != "cpu":
        return f"it was not tested whether bits agree on device {settings['device']!r}"
    if settings.get("precision", "float32") != "float32":
        return f"it was not tested whether bits agree in {settings['precision']}"
    for reference in optimizers:
        if not registry.component("optimizers", reference["name"]).facts.get("elementwise"):
            return f"optimizer {reference['name']!r} does not declare that it updates each number independently"
    return None


def why_not_worth(game: Game, runs: int, g_steps: int) -> str | None:
    """Why a stack of `runs` runs would not be faster for `g_steps` steps, by the limits above; None if it would.

    The answer depends only on the networks and on these two numbers. Nothing is timed.
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
        return f"there are {runs} runs; with {count:,} parameters, a stack is faster only from {least} runs on"
    if g_steps < LEAST_STEPS:
        return f"{g_steps} steps are too few: a stack is faster only from {LEAST_STEPS} steps on"
    return None
