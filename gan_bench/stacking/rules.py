"""Which runs can train together, and for which it is worth it. Its constants are read where torch is not imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gan_bench import registry

if TYPE_CHECKING:
    from gan_bench.game.game import Game

#: Runs in one stack at most: beyond it the numbers of an operation outgrow a core's cache (benchmarks/stacked.py).
MOST = 16

#: Most parameters of both networks together -> runs from which it pays. Measured on one core of a shared cloud CPU
#: (benchmarks/stacked.py, docs/stacking.md): a single perceptron of 64 units is 2.4 times as fast in a stack of one,
#: the demo's of 128 and 256 units 1.6 times, and one with two layers of 256 units 1.8 times with four runs.
PAYS_FROM: tuple[tuple[int, int], ...] = ((150_000, 1), (200_000, 4))

#: The same for networks with convolutions, with the most pixels of an image: a dcgan of 53,000 parameters on 8 x 8
#: images is 1.5 times as fast with two runs; on 28 x 28 images four runs took as long together as one by one.
SMALL_IMAGES, CONVOLUTIONS_PAY_FROM = 64, ((60_000, 2),)

#: Generator steps left from which it pays. Tracing and stacking take 1 to 3 CPU seconds for 1 to 16 such runs, and a
#: step in a stack saves 1.5 ms a run and more: one run wins half as much again as it loses, 16 runs ten times as much.
LEAST_STEPS = 1000


def why_alone(settings: Mapping[str, Any]) -> str | None:
    """Why runs with these settings cannot train together with the bits of single runs; None where they can."""
    from gan_bench.game.rounds import optimizers_of

    return why_alone_with(settings, optimizers_of(settings).values())


def why_alone_with(settings: Mapping[str, Any], optimizers: Iterable[Mapping[str, Any]]) -> str | None:
    """`why_alone` for given references of optimizers: a plan does not load the tricks, which may change them."""
    method = settings["method"]["name"]
    if not registry.component("methods", method).facts.get("stacks"):
        return f"method {method!r} has no stacked step"
    if settings["threads"] != 1:
        return "more threads than one split an operation's numbers in ways that depend on how many there are"
    if settings["device"] != "cpu":
        return f"on device {settings['device']!r} equal bits were not measured"
    if settings.get("precision", "float32") != "float32":
        return f"in {settings['precision']} equal bits were not measured"
    for reference in optimizers:
        if not registry.component("optimizers", reference["name"]).facts.get("elementwise"):
            return f"optimizer {reference['name']!r} does not say that it acts on each number by itself"
    return None


def why_not_worth(game: Game, runs: int, g_steps: int) -> str | None:
    """Why training `runs` runs of this game together for `g_steps` would take longer, as far as was measured, or None.

    A function of the settings and of how much is left alone, never of a clock.
    """
    tensors = [t for n in (game.generator, game.discriminator) for t in n.module.parameters()]
    convolutions = any(tensor.ndim > 2 for tensor in tensors)
    if convolutions and game.shape[1] * game.shape[2] > SMALL_IMAGES:
        return "convolutions are computed run by run, and their work is what a step takes"
    pays_from = CONVOLUTIONS_PAY_FROM if convolutions else PAYS_FROM
    count = sum(tensor.numel() for tensor in tensors)
    least = next((least for most, least in pays_from if count <= most), None)
    if least is None:
        kind = " with convolutions" if convolutions else ""
        return f"the two networks{kind} have {count:,} parameters, more than {pays_from[-1][0]:,}"
    if runs < least:
        return f"there are {runs} runs, and with {count:,} parameters it takes {least}"
    if g_steps < LEAST_STEPS:
        return f"{g_steps} steps do not pay for the stacking, which takes those of {LEAST_STEPS}"
    return None
