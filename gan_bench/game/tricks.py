"""The tricks of a run with their settings bound, and the sizes that they change."""

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
    """One trick: its declaration, its settings and its module."""

    name: str
    facts: Mapping[str, Any]
    settings: Ref
    module: ModuleType

    def bound(self, function: str) -> Callable[..., Any] | None:
        """A function of the trick with its settings, None where it has none of that name."""
        found = getattr(self.module, function, None)
        return None if found is None else partial(found, settings=self.settings)


class Tricks:
    """All tricks of a run, in the order of their names, which is the order in which they act."""

    def __init__(self, refs: Sequence[Ref]) -> None:
        ordered = sorted(refs, key=lambda ref: registry.stem(ref["name"]))
        self.all = tuple(
            Trick(registry.stem(ref["name"]), registry.component("tricks", ref["name"]).facts, ref, _module(ref))
            for ref in ordered
        )

    def with_(self, function: str) -> list[tuple[Trick, Callable[..., Any]]]:
        """The tricks that have a function, and the function bound to their settings."""
        return [(trick, call) for trick in self.all if (call := trick.bound(function)) is not None]

    def one(self, function: str) -> Callable[..., Any] | None:
        """The function of the one trick that has it, None where none has. UserError where several have."""
        found = self.with_(function)
        if len(found) > 1:
            names = " and ".join(trick.name for trick, _ in found)
            raise UserError(f"tricks: {names} both decide {function}; take one of them out.")
        return found[0][1] if found else None

    def flag(self, fact: str) -> bool:
        """Whether any trick declares a fact as true."""
        return any(bool(trick.facts.get(fact)) for trick in self.all)

    @property
    def packs(self) -> int:
        """Images that D judges together."""
        found = [int(trick.settings[trick.facts["packs"]]) for trick in self.all if trick.facts.get("packs")]
        return found[0] if found else 1


def _module(ref: Ref) -> ModuleType:
    return registry.load("tricks", ref["name"])
