"""Checks for tricks that cannot be combined with each other or with the data, the loss or the penalty of a run.

`FACTS` is the dictionary in which the file of a component declares its settings and properties.
"""

import ast
import functools
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

from gan_bench.config.grammar.reference import Ref, slug
from gan_bench.registry import Component, component

Clash = tuple[str, str]
"""(key of a run's settings, sentence)"""

#: Key of FACTS that at most one trick of a run may have -> what such a trick does.
ONCE = {"conditions": "give G the class", "packs": "pack images for D"}

#: Name of a function that at most one trick of a run may define -> what the function sets.
DECIDING = {
    "latent": "the distribution of the noise",
    "judge": "how D is called",
    "generator_loss": "G's objective",
    "d_steps": "the number of D steps",
}


def trick_clashes(settings: Mapping[str, Any], labelled: bool) -> Iterator[Clash]:
    """Yield (key, sentence) for each reason why a run with these tricks cannot work.

    Args:
        labelled: whether the run's data set has labels.
    """
    tricks = tricks_of(settings)
    for trick, ref in tricks:
        yield from _labels(trick, settings, labelled)
        yield from _loss(trick, settings)
        yield from _penalty(trick, ref, settings)
        yield from _packs(trick, ref, settings)
    for (first, _), (second, _) in combinations(tricks, 2):
        yield from _pair(first, second)


def tricks_of(settings: Mapping[str, Any]) -> list[tuple[Component, Ref]]:
    """(component, reference) of each trick of a run."""
    return [(component("tricks", ref["name"]), ref) for ref in settings["tricks"]]


def value_in(fact: Any, ref: Ref) -> str | None:
    """The name of the setting that makes a fact of a trick true: "" if the fact is always true, None if it is false.

    In FACTS, a fact has the value True if it always holds. It has the value {setting: [values]} if it holds only with
    these values of the setting.
    """
    if isinstance(fact, Mapping):
        return next((key for key, values in fact.items() if ref.get(key) in values), None)
    return "" if fact else None


def _labels(trick: Component, settings: Mapping[str, Any], labelled: bool) -> Iterator[Clash]:
    if not labelled and any(trick.facts.get(fact) for fact in ("needs_labels", "conditions", "d_sees_labels")):
        yield (
            "tricks",
            f"trick {trick.name!r} with dataset {slug(settings['dataset'])!r}: the trick needs labels and the data "
            "set has none; take the trick out, or choose another data set.",
        )


def _loss(trick: Component, settings: Mapping[str, Any]) -> Iterator[Clash]:
    if settings["loss"] is None or not trick.facts.get("separable_loss"):
        return
    loss = component("losses", settings["loss"]["name"])
    if loss.facts.get("separable") is False:
        yield (
            "tricks",
            f"trick {trick.name!r} with loss {loss.name!r}: the trick changes the terms of single images, and this "
            "loss compares real with generated images; take the trick out, or choose another loss.",
        )


def _penalty(trick: Component, ref: Ref, settings: Mapping[str, Any]) -> Iterator[Clash]:
    setting = value_in(trick.facts.get("couples_batch"), ref)
    if settings["penalty"] is None or setting is None:
        return
    penalty = component("penalties", settings["penalty"]["name"])
    if penalty.facts.get("per_sample_critic"):
        shown = f" and {trick.name}.{setting} {ref[setting]!r}" if setting else ""
        yield (
            "penalty",
            f"penalty {penalty.name!r} with trick {trick.name!r}{shown}: the penalty is defined for each sample alone, "
            "and such a critic mixes the samples of a minibatch (Gulrajani et al. 2017, section 4); take the trick "
            "out, or choose another penalty.",
        )


def _packs(trick: Component, ref: Ref, settings: Mapping[str, Any]) -> Iterator[Clash]:
    setting, batch = trick.facts.get("packs"), settings["batch_size"]
    if setting and batch is not None and batch % int(ref[setting]):
        yield (
            "batch_size",
            f"batch_size {batch} with trick {trick.name!r} and {trick.name}.{setting} {ref[setting]}: D judges "
            f"{ref[setting]} images together; set batch_size to a multiple of {ref[setting]}.",
        )


def _pair(first: Component, second: Component) -> Iterator[Clash]:
    both = f"tricks {first.name!r} and {second.name!r}"
    if second.name in first.facts.get("excludes", ()) or first.name in second.facts.get("excludes", ()):
        yield "tricks", f"{both} exclude each other; take one of them out."
        return
    for fact, what in ONCE.items():
        if first.facts.get(fact) and second.facts.get(fact):
            yield "tricks", f"{both} both {what}; take one of them out."
    for function in DECIDING.keys() & _functions(first) & _functions(second):
        yield "tricks", f"{both} both decide {DECIDING[function]}; take one of them out."


def _functions(trick: Component) -> frozenset[str]:
    stat = trick.file.stat()
    return _defined(trick.file, (stat.st_mtime_ns, stat.st_size))


@functools.lru_cache(maxsize=256)
def _defined(file: Path, _version: tuple[int, int]) -> frozenset[str]:
    """Names of the functions of a file. The file is parsed, not imported."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))
