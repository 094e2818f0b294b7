"""Which runs can train together, and for which it is worth it. Its constants are read where torch is not imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gan_bench import registry

if TYPE_CHECKING:
    from gan_bench.game.game import Game

#: Runs in one stack at most: beyond it the numbers of an operation outgrow a core's cache (benchmarks/stacked.py).
MOST = 16

#: Most parameters of both networks together -> runs from which it pays. Measured on one core of a shared cloud CPU
#: (benchmarks/stacked.py, docs/stacking.md): perceptrons of 64 units are 1.5 times as fast from two runs on, those of
#: 128 to 256 units 1.1 times at two and 1.5 at four, larger ones gain what the machine's noise hides.
PAYS_FROM: tuple[tuple[int, int], ...] = ((50_000, 2), (200_000, 3))

#: Generator steps left from which it pays. Tracing and stacking take 0.4 to 1.6 s for 2 to 16 such runs, and a step
#: that is shared saves about 1 ms a run: this is at least twice what is lost.
LEAST_STEPS = 1000


def why_alone(settings: Mapping[str, Any]) -> str | None:
    """Why runs with these settings cannot train together with the bits of single runs; None where they can."""
    from gan_bench.game.rounds import optimizers_of

    method = settings["method"]["name"]
    if not registry.component("methods", method).facts.get("stacks"):
        return f"method {method!r} has no stacked step"
    if settings["threads"] != 1:
        return "more threads than one split an operation's numbers in ways that depend on how many there are"
    if settings["device"] != "cpu":
        return f"on device {settings['device']!r} equal bits were not measured"
    if settings.get("precision", "float32") != "float32":
        return f"in {settings['precision']} equal bits were not measured"
    for reference in optimizers_of(settings).values():
        if not registry.component("optimizers", reference["name"]).facts.get("elementwise"):
            return f"optimizer {reference['name']!r} does not say that it acts on each number by itself"
    return None


def why_not_worth(game: Game, runs: int, g_steps: int) -> str | None:
    """Why training `runs` runs of this game together for `g_steps` would take longer, as far as was measured, or None.

    A function of the settings and of how much is left alone, never of a clock.
    """
    tensors = [t for n in (game.generator, game.discriminator) for t in n.module.parameters()]
    if any(tensor.ndim > 2 for tensor in tensors):
        return "convolutions are computed run by run, and their work is what a step takes"
    count = sum(tensor.numel() for tensor in tensors)
    least = next((least for most, least in PAYS_FROM if count <= most), None)
    if least is None:
        return f"the two networks have {count:,} parameters, more than {PAYS_FROM[-1][0]:,}"
    if runs < least:
        return f"there are {runs} runs, and with {count:,} parameters it takes {least}"
    if g_steps < LEAST_STEPS:
        return f"{g_steps} steps do not pay for the stacking, which takes those of {LEAST_STEPS}"
    return None
