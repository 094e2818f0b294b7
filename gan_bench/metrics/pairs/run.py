"""Passes over the pairs: which parts read which pass."""

from typing import Any, TypeVar

from torch import Tensor

from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.sets import REAL_PASSES, Pairs

State = dict[str, dict[str, Tensor]]
P = TypeVar("P", bound=Part)


class Requests:
    """Parts by class and settings: the same request gives the same part."""

    def __init__(self) -> None:
        self._made: dict[Any, Part] = {}

    def __call__(self, kind: type[P], **settings: Any) -> P:
        name = (kind, *sorted(settings.items()))
        if name not in self._made:
            self._made[name] = kind(**settings)
        found = self._made[name]
        assert isinstance(found, kind)
        return found

    @property
    def parts(self) -> list[Part]:
        """All of them; what another part is given stands before it."""
        return list(self._made.values())


def read_pairs(pairs: Pairs, parts: list[Part], known: State | None = None) -> None:
    """Let `parts` read all the passes they name.

    known: real states of an earlier call with the same real rows; their parts do not read the pass "real" again.
    """
    restored = [part for part in parts if _restore(part, pairs, known or {})]
    for which in REAL_PASSES:
        _read(which, [part for part in parts if part not in restored], pairs)
    for which in ("fake", "cross", "train"):
        _read(which, parts, pairs)


def real_state(pairs: Pairs, parts: list[Part]) -> State:
    """What the passes without generated rows give, by the parts' keys."""
    for which in REAL_PASSES:
        _read(which, parts, pairs)
    return {part.key: part.real_state() for part in parts if set(part.passes) & set(REAL_PASSES)}


def _restore(part: Part, pairs: Pairs, known: State) -> bool:
    if part.key not in known:
        return False
    try:
        part.restore({name: value.to(pairs.real.points.device) for name, value in known[part.key].items()}, pairs)
    except LookupError:
        return False
    return True


def _read(which: str, parts: list[Part], pairs: Pairs) -> None:
    readers = [part for part in parts if which in part.passes]
    if not readers or not pairs.has(which):
        return
    for part in readers:
        part.begin(which, pairs)
    for block in pairs.blocks(which):
        for part in readers:
            part.read(which, block)
    for part in readers:
        part.end(which, pairs)
