"""The variants of a study one by one: each combination of the values that its entries list."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from gan_bench.config.grammar import Grammar, Variant
from gan_bench.config.labels import variant_labels
from gan_bench.config.problems import Problems, show
from gan_bench.errors import unknown_name

#: More variants than this is a mistake in a list rather than a study.
MAX_POINTS = 20_000


@dataclass(frozen=True)
class Point:
    """One variant, before a data set is chosen and before overrides: `entry` is its index in `variants`."""

    entry: int
    label: str
    names: frozenset[str]
    settings: dict[str, Any]
    datasets: frozenset[str] | None

    def runs_on(self, label: str) -> bool:
        """Whether the variant runs on the data set of that label."""
        return self.datasets is None or label in self.datasets


def points(grammar: Grammar, problems: Problems) -> list[Point]:
    """Every variant of the study with its label; labels used twice are noted in `problems`."""
    count = sum(prod(len(values) for values in _axes(variant, grammar).values()) for variant in grammar.variants)
    if count > MAX_POINTS:
        problems.add(("variants",), f"the lists multiply to {count} variants; at most {MAX_POINTS} are possible.")
        return []
    pairs = [(i, settings) for i, variant in enumerate(grammar.variants) for settings in _unrolled(variant, grammar)]
    labels = variant_labels([(grammar.variants[i].name, settings) for i, settings in pairs])
    _check_names(grammar, problems)
    _check_labels(pairs, labels, problems)
    return [_point(i, grammar.variants[i], label, settings) for (i, settings), label in zip(pairs, labels, strict=True)]


def _point(entry: int, variant: Variant, label: str, settings: dict[str, Any]) -> Point:
    datasets = None if variant.datasets is None else frozenset(variant.datasets)
    return Point(entry, label, frozenset({label, variant.name or label}), settings, datasets)


def check_datasets(grammar: Grammar, problems: Problems) -> None:
    """Note every label that a variant names and the study does not have."""
    labels = [dataset.label for dataset in grammar.datasets]
    for i, variant in enumerate(grammar.variants):
        for label in variant.datasets or ():
            if label not in labels:
                problems.add(("variants", i, "datasets"), unknown_name("data set label", label, labels))


def _axes(variant: Variant, grammar: Grammar) -> dict[str, list[Any]]:
    optimizers = {"optimizer": variant.optimizer}
    if variant.optimizer is None:
        optimizers = {"g_optimizer": variant.g_optimizer, "d_optimizer": variant.d_optimizer}
    return {
        "model": variant.model,
        "loss": variant.loss,
        "penalty": variant.penalty,
        **optimizers,
        "d_steps": variant.d_steps,
        "batch_size": variant.batch_size or [grammar.batch_size],
    }


def _unrolled(variant: Variant, grammar: Grammar) -> Iterator[dict[str, Any]]:
    axes = _axes(variant, grammar)
    budget = (variant.budget or grammar.budget).resolved()
    for values in product(*axes.values()):
        settings = dict(zip(axes, values, strict=True))
        if "optimizer" in settings:
            settings["g_optimizer"] = settings["d_optimizer"] = settings.pop("optimizer")
        yield {**settings, "budget": budget}


def _check_names(grammar: Grammar, problems: Problems) -> None:
    first: dict[str, int] = {}
    for i, variant in enumerate(grammar.variants):
        if variant.name is not None and first.setdefault(variant.name, i) != i:
            where = problems.path(("variants", first[variant.name]))
            problems.add(("variants", i, "name"), f"{show(variant.name)} is the name of {where} too; give it another.")


def _check_labels(pairs: list[tuple[int, dict[str, Any]]], labels: list[str], problems: Problems) -> None:
    first: dict[str, tuple[int, dict[str, Any]]] = {}
    for (i, settings), label in zip(pairs, labels, strict=True):
        other, other_settings = first.setdefault(label, (i, settings))
        # Equal settings under one label are the same cell twice, which is told where cells are made.
        if other_settings != settings:
            where = problems.path(("variants", other))
            problems.add(("variants", i), f"label {show(label)} stands for {where} too; give one of them a name.")
