"""The tricks of a run with their settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from gan_bench import registry
from gan_bench.errors import UserError

Ref = Mapping[str, Any]


@dataclass(frozen=True)
class Trick:
    """One trick: its FACTS, its settings and its module."""

    name: str
    facts: Mapping[str, Any]
    settings: Ref
    module: ModuleType

    def bound(self, function: str) -> Callable[..., Any] | None:
        """The trick's function of this name, with `settings` already given; None if the trick has no such function."""
        hook = getattr(self.module, function, None)
        return None if hook is None else partial(hook, settings=self.settings)


class Tricks:
    """All tricks of a run in alphabetical order, which is the order in which they are applied."""

    def __init__(self, refs: Sequence[Ref]) -> None:
        ordered = sorted(refs, key=lambda ref: registry.stem(ref["name"]))
        self.all = tuple(
            Trick(registry.stem(name), registry.component("tricks", name).facts, ref, registry.load("tricks", name))
            for name, ref in ((ref["name"], ref) for ref in ordered)
        )

    def hooks(self, function: str) -> list[tuple[Trick, Callable[..., Any]]]:
        """(trick, its function of this name with `settings` already given) for each trick that has such a function."""
        return [(trick, hook) for trick in self.all if (hook := trick.bound(function)) is not None]

    def only_hook(self, function: str) -> Callable[..., Any] | None:
        """The function of this name, which at most one trick may have; None if no trick has it.

        Raises:
            UserError: several tricks have it.
        """
        hooks = self.hooks(function)
        if len(hooks) > 1:
            names = " and ".join(trick.name for trick, _ in hooks)
            raise UserError(f"tricks: {names} cannot be combined: each of them sets {function}; take one of them out.")
        return hooks[0][1] if hooks else None

    def any_declares(self, fact: str) -> bool:
        """Whether the key `fact` is true in the FACTS of at least one trick."""
        return any(bool(trick.facts.get(fact)) for trick in self.all)

    @property
    def packs(self) -> int:
        """Number of images that D judges together."""
        sizes = [int(trick.settings[trick.facts["packs"]]) for trick in self.all if trick.facts.get("packs")]
        return sizes[0] if sizes else 1
