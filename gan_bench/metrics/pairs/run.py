"""The passes themselves: which parts read which pairs."""

from collections.abc import Iterator
from typing import Any, TypeVar

import torch
from torch import Tensor

from gan_bench.metrics import MetricUndefined
from gan_bench.metrics.pairs.blocks import Block, between, within
from gan_bench.metrics.pairs.part import Part
from gan_bench.metrics.pairs.rows import BLOCK, FLOAT64_ROWS, Frame, Rows

State = dict[str, dict[str, Tensor]]
P = TypeVar("P", bound=Part)

#: The passes that no generated row enters.
REAL_PASSES = ("real", "held")

#: Norms in the frame's units above which float32 squares leave their range.
FLOAT32_NORM = 1e15
#: Norms above which float64 squares do.
FLOAT64_NORM = 1e140


class Pairs:
    """Sets of rows in one frame, that of the real ones."""

    def __init__(
        self, real: Tensor, fake: Tensor | None = None, train: Tensor | None = None, block: int = BLOCK
    ) -> None:
        frame = Frame.of(real)
        self.frame = frame
        self.real = Rows(real, frame, block)
        self.fake = self.real if fake is None else Rows(fake, frame, block)
        self.train = None if train is None else Rows(train, frame, block)
        self._alone = fake is None
        sets = [rows for rows in (self.real, self.fake, self.train) if rows is not None]
        largest = max(float(rows.norms.max()) for rows in sets)
        if not largest < FLOAT64_NORM**2:
            raise MetricUndefined("some features are too far from the real ones for the range of float64")
        small = max(rows.total for rows in sets) <= FLOAT64_ROWS
        working = torch.float64 if small or largest > FLOAT32_NORM**2 else torch.float32
        for rows in sets:
            rows.working = working

    def has(self, which: str) -> bool:
        """Whether the sets of a pass are there."""
        return (self.train is not None or which not in ("held", "train")) and (not self._alone or which in REAL_PASSES)

    def blocks(self, which: str) -> Iterator[Block]:
        """The pairs of a pass that it `has`."""
        if which in ("real", "fake"):
            return within(self.real if which == "real" else self.fake)
        if which == "cross":
            return between(self.real, self.fake)
        assert self.train is not None
        return between(self.train, self.real if which == "held" else self.fake)


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
