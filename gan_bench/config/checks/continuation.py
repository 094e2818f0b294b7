"""Checks of runs that continue another run (their parent) or go back to an earlier step."""

import ast
import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_bench.config.grammar.problems import show
from gan_bench.registry import component, stem

Settings = Mapping[str, Any]

#: Keys whose values must be equal in a run and in its parent -> the reason.
SAME = {
    "dataset": "the networks have the shape of its images",
    "method": "another method has other networks",
    "model": "its weights fit no other networks",
    "batch_size": "real images are counted through both runs",
    "device": "another device draws other random numbers and rounds sums differently",
}

#: A trick changes the networks or their inputs if its FACTS have one of these entries, or its file has one of these
#: functions.
RESHAPING_FACTS = ("conditions", "d_sees_labels", "packs")
RESHAPING_FUNCTIONS = {"generator", "discriminator", "code_width", "head_width"}


def continuation_clashes(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield (key, sentence) for each reason why a run cannot continue another run or go back as its settings say."""
    if (start := settings.get("continue_from")) is not None:
        yield from (("continue_from", text) for text in _start(settings, start))
    if (rewind := settings.get("rewind_on_collapse")) is not None:
        yield from (("rewind_on_collapse", text) for text in _rewind(settings, rewind))


def _start(settings: Settings, start: Mapping[str, Any]) -> Iterator[str]:
    parent, step = start["settings"], start["step"]
    for key, reason in SAME.items():
        if (difference := _difference(key, settings.get(key), parent.get(key))) is not None:
            place, here, there = difference
            yield f"{place} is {show(here)}; valid: {show(there)} as in the run to continue, because {reason}."
    yield from _tricks(settings["tricks"], parent["tricks"])
    if parent.get("rewind_on_collapse") is not None:
        yield "the run to continue has rewind_on_collapse, so some steps occur twice; valid: a run without it."
    if step == "best" and not isinstance(parent.get("early_stop"), Mapping):
        yield "step is 'best' and the run to continue has no scores; valid: a run whose early_stop has a metric."
    end, parent_end = ((run["budget"] or {}).get("g_steps", math.inf) for run in (settings, parent))
    if isinstance(step, int) and step > min(end - 1, parent_end):
        shown = f"the budget of this run ends at step {end}, that of the run to continue at step {parent_end}"
        yield f"step is {step}, and {shown}; valid: up to {min(end - 1, parent_end)}."


def _rewind(settings: Settings, rewind: Mapping[str, Any]) -> Iterator[str]:
    to, end = rewind["to"], (settings["budget"] or {}).get("g_steps")
    if to == 0 or (isinstance(to, int) and end is not None and to >= end):
        below = "" if end is None else f" below {end}, the end of the budget"
        yield f"to is {to}; valid: a step{below}, a negative number of steps before the collapse, or best."
    if to == "best" and not isinstance(settings.get("early_stop"), Mapping):
        yield "to is 'best' and the run has no scores; valid: early_stop with a metric."
    for change in rewind["then"]:
        if not change:
            yield "an item of `then` changes nothing, so the run would collapse again; valid: settings that differ."
        yield from _tricks(change.get("tricks", settings["tricks"]), settings["tricks"])


def _tricks(ours: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each trick that changes the networks and is not the same in both lists of tricks."""
    here, there = ({stem(ref["name"]): ref for ref in refs} for refs in (ours, theirs))
    for name in sorted(here.keys() | there.keys()):
        if here.get(name) != there.get(name) and _reshapes((here.get(name) or there[name])["name"]):
            state = "is added" if name not in there else "is taken out" if name not in here else "has other settings"
            yield (
                f"trick {name!r} {state}, which changes the networks or their inputs; valid: the tricks of the run to "
                "continue, and other tricks that do not change the networks."
            )


def _reshapes(name: str) -> bool:
    trick = component("tricks", name)
    return any(trick.facts.get(fact) for fact in RESHAPING_FACTS) or bool(_functions(trick.file) & RESHAPING_FUNCTIONS)


@functools.lru_cache(maxsize=256)
def _functions(file: Path) -> frozenset[str]:
    tree = ast.parse(file.read_bytes())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def _difference(place: str, here: Any, there: Any) -> tuple[str, Any, Any] | None:
    """The first value that differs, as (place, value here, value there); None if all values are equal.

    An example is ("model.d_widths", [64], [32]).
    """
    if here == there:
        return None
    if isinstance(here, Mapping) and isinstance(there, Mapping) and here.get("name") == there.get("name"):
        for key in sorted({*here, *there}):
            if (difference := _difference(f"{place}.{key}", here.get(key), there.get(key))) is not None:
                return difference
    names = [value["name"] if isinstance(value, Mapping) and "name" in value else value for value in (here, there)]
    return place, names[0], names[1]
