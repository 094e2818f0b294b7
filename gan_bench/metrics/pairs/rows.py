"""A set of feature rows without repetitions, in a frame that keeps float32 products accurate."""

from dataclasses import dataclass

import torch
from torch import Tensor

#: Rows of which a block of distances is made: 1 MiB of float32, which stays in cache while parts read it.
BLOCK = 512
#: Sets of this many rows are compared by products in float64, larger ones in float32 with exact decisions.
FLOAT64_ROWS = 2048
#: Prepared blocks are kept where all of them take less than this; else they are prepared again for each use.
KEPT_BYTES = 64 * 2**20
#: float64 numbers that one chunk of exact differences may hold.
EXACT_NUMBERS = 2_000_000


@dataclass(frozen=True)
class Frame:
    """Where distances are taken: centred at the real mean (a large mean would eat the digits) and in units of `factor`,
    a power of two, so that squares of very large or small features stay in range. Scaling by it is exact."""

    mean: Tensor
    factor: float

    @classmethod
    def of(cls, points: Tensor) -> "Frame":
        """Frame of real features (n, D); float64 sums over blocks of rows."""
        mean = points.new_zeros(points.shape[1], dtype=torch.float64)
        for part in points.split(BLOCK):
            mean += part.sum(0, dtype=torch.float64)
        largest = torch.stack([part.abs().amax() for part in points.split(BLOCK)]).amax().double()
        return cls(mean / len(points), 2.0 ** -int(torch.frexp(largest).exponent))


class Rows:
    """The different rows of a set: `points` (u, D) with `counts` (u,), in order of first appearance; `total` rows in
    all.

    `inverse` (total,) says which of them each given row is. Collapsed sets have thousands of equal rows, all of which
    would otherwise be nearest neighbours of each other by rounding alone. With `merge` False equal rows stay apart.
    """

    def __init__(self, given: Tensor, frame: Frame, block: int = BLOCK, *, merge: bool = True) -> None:
        self.frame, self.block = frame, block
        every = torch.arange(len(given), device=given.device)
        self.inverse, first = _groups(given) if merge else (every, every)
        self.total = len(given)
        self.points = given if len(first) == len(given) else given[first]
        self.counts = torch.bincount(self.inverse, minlength=len(first))
        self.repeated = len(first) < len(given)
        self.norms = torch.cat([_squares(self.centred(part)) for part in self.slices()])
        self.working = torch.float64
        self._kept: dict[int, tuple[Tensor, Tensor]] = {}

    def __len__(self) -> int:
        return len(self.points)

    @property
    def dim(self) -> int:
        return int(self.points.shape[1])

    def slices(self) -> list[slice]:
        """The blocks of rows, in order."""
        return [slice(start, min(start + self.block, len(self))) for start in range(0, len(self), self.block)]

    def centred(self, part: slice | Tensor) -> Tensor:
        """Rows `part` in the frame, float64."""
        return (self.points[part].double() - self.frame.mean) * self.frame.factor

    def block_of(self, part: slice) -> tuple[Tensor, Tensor]:
        """Rows x (b, D) of a block and |x|^2 (b,), both in the working type."""
        found = self._kept.get(part.start)
        if found is None or len(found[0]) != part.stop - part.start:
            x = self.centred(part)
            found = x.to(self.working), _squares(x).to(self.working)
            if self.points.numel() * found[0].element_size() <= KEPT_BYTES:
                self._kept[part.start] = found
        return found

    def piece(self, part: slice, inner: slice) -> tuple[Tensor, Tensor]:
        """As `block_of`, of the rows `inner` of block `part`."""
        x, norms = self.block_of(part)
        where = slice(inner.start - part.start, inner.stop - part.start)
        return x[where], norms[where]

    @property
    def unit_error(self) -> float:
        """c with |error of a squared distance| <= c (|a|^2 + |b|^2): two norms, one product of D terms, rounded
        rows."""
        if self.working == torch.float64:
            return float64_error(self.dim)
        return (2 * self.dim + 8) * 2.0**-24 * 1.25


def float64_error(dim: int) -> float:
    """`Rows.unit_error` of products in float64."""
    return (2 * dim + 8) * 2.0**-53 * 1.25


def products(a: Tensor, a_norms: Tensor, b: Tensor, b_norms: Tensor) -> Tensor:
    """(q, u) squared distances by products, in the type of the rows."""
    return torch.addmm(a_norms[:, None] + b_norms[None, :], a, b.T, alpha=-2.0)


def exact_squares(a: Rows, i: Tensor, b: Rows, j: Tensor) -> Tensor:
    """|a_i - b_j|^2 of listed pairs by differences in float64: equal rows have distance 0 and equal pairs equal
    ones."""
    size = max(1, EXACT_NUMBERS // a.dim)
    factor = a.frame.factor
    parts = [
        _squares((a.points[m].double() - b.points[n].double()) * factor)
        for m, n in zip(i.split(size), j.split(size), strict=True)
    ]
    return torch.cat(parts) if parts else a.norms.new_zeros(0)


def _squares(x: Tensor) -> Tensor:
    return (x * x).sum(dim=1)


def _groups(given: Tensor) -> tuple[Tensor, Tensor]:
    """(n,) number of each row's group of equal rows, numbered by first appearance; (u,) first row of each group."""
    keys = torch.cat([_hash(part) for part in given.split(BLOCK)])
    _, inverse = torch.unique(keys, return_inverse=True)
    inverse, first = _by_appearance(inverse)
    for start, part in enumerate(given.split(BLOCK)):
        where = inverse[start * BLOCK : start * BLOCK + len(part)]
        if not torch.equal(given[first[where]], part):  # two rows of one hash: never seen, but then sorting decides
            _, inverse = torch.unique(given + 0.0, dim=0, return_inverse=True)
            return _by_appearance(inverse)
    return inverse, first


def _hash(part: Tensor) -> Tensor:
    """(b,) int64 of rows: sums of bits times fixed odd numbers, modulo 2^64. Adding 0 makes -0 a 0, which equals it."""
    bits = (part + 0.0).contiguous()
    whole = bits.shape[1] * bits.element_size() % 8 == 0
    words = bits.view(torch.int64) if whole else bits.view(torch.int32).long()
    index = torch.arange(1, words.shape[1] + 1, device=part.device, dtype=torch.int64)
    mixed = (words ^ (words >> 17)) * 0x5851F42D4C957F2D
    odd = (index * 0x14057B7EF767814F) | 1
    return ((mixed ^ (mixed >> 29)) * odd).sum(dim=1)


def _by_appearance(inverse: Tensor) -> tuple[Tensor, Tensor]:
    """Groups numbered anew by their first rows, and those rows."""
    count = int(inverse.max()) + 1
    places = torch.arange(len(inverse), device=inverse.device)
    first = torch.full((count,), len(inverse), device=inverse.device).scatter_reduce(0, inverse, places, "amin")
    order = first.argsort()
    number = torch.empty_like(order)
    number[order] = torch.arange(count, device=order.device)
    return number[inverse], first[order]
