"""Runs the passes over pairs of rows. The blocks of a pass are computed once and read by all parts that need them."""

from typing import Any, TypeVar

from torch import Tensor

from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.sets import REAL_PASSES, Pairs

State = dict[str, dict[str, Tensor]]
P = TypeVar("P", bound=Part)


class Requests:
    """Creates parts by class and settings; equal requests return the same part."""

    def __init__(self) -> None:
        self._by_request: dict[Any, Part] = {}

    def __call__(self, kind: type[P], **settings: Any) -> P:
        name = (kind, *sorted(settings.items()))
        if name not in self._by_request:
            self._by_request[name] = kind(**settings)
        part = self._by_request[name]
        assert isinstance(part, kind)
        return part

    @property
    def parts(self) -> list[Part]:
        """All parts, in the order of their first requests. A part is requested after the parts that it uses."""
        return list(self._by_request.values())


def read_pairs(pairs: Pairs, parts: list[Part], known: State | None = None) -> None:
    """Let each part read the blocks of its `passes`. A pass is left out if one of its two sets is not given.

    `known`: results of `real_state` for the same real rows. Parts that can load these results skip the passes without
    generated rows.
    """
    restored = [part for part in parts if _restore(part, pairs, known or {})]
    for which in REAL_PASSES:
        _read(which, [part for part in parts if part not in restored], pairs)
    for which in ("fake", "cross", "train"):
        _read(which, parts, pairs)


def real_state(pairs: Pairs, parts: list[Part]) -> State:
    """Key of each part -> its results of the passes without generated rows."""
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
