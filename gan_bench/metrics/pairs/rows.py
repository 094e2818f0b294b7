"""A set of feature rows. Duplicates are merged, and rows are shifted and scaled for accurate float32 products."""

from dataclasses import dataclass

import torch
from torch import Tensor

#: Number of rows per block. 512 x 512 float32 distances are 1 MiB, which stays in cache while parts read the block.
BLOCK = 512
#: If no set has more rows than this, distances are computed by float64 products. For larger sets they are computed by
#: float32 products, unless norms are too large for float32.
FLOAT64_ROWS = 2048
#: The shifted and scaled rows of a set are cached if they take at most this many bytes. Otherwise each use computes
#: them again.
KEPT_BYTES = 64 * 2**20
#: Exact differences are computed in chunks of at most this many float64 numbers.
EXACT_NUMBERS = 2_000_000


@dataclass(frozen=True)
class Frame:
    """Shift and scale of all features before distances are computed: (x - mean) * factor.

    `mean` is the mean of the real rows; without the shift, a large mean would cost precision. `factor` keeps squares of
    very large or small features in range. It is a power of two, so scaling is exact.
    """

    mean: Tensor
    factor: float

    @classmethod
    def of(cls, points: Tensor) -> "Frame":
        """The frame of real features (n, D), computed in float64."""
        mean = points.new_zeros(points.shape[1], dtype=torch.float64)
        for part in points.split(BLOCK):
            mean += part.sum(0, dtype=torch.float64)
        largest = torch.stack([part.abs().amax() for part in points.split(BLOCK)]).amax().double()
        return cls(mean / len(points), 2.0 ** -int(torch.frexp(largest).exponent))


class FeatureRows:
    """The distinct rows of a set.

    Equal rows are merged for two reasons: a collapsed set has thousands of them, and rounding would otherwise decide
    which of them are nearest neighbours. If `merge` is false, equal rows are not merged.

    points: (u, D) distinct rows as given, in order of first appearance.
    counts: (u,) how often each distinct row occurs.
    total: number of given rows.
    inverse: (total,) index of the distinct row of each given row.
    norms: (u,) squared lengths of the shifted and scaled rows.
    """

    def __init__(self, features: Tensor, frame: Frame, block: int = BLOCK, *, merge: bool = True) -> None:
        self.frame, self.block = frame, block
        numbers = torch.arange(len(features), device=features.device)
        self.inverse, first = _groups(features) if merge else (numbers, numbers)
        self.total = len(features)
        self.points = features if len(first) == len(features) else features[first]
        self.counts = torch.bincount(self.inverse, minlength=len(first))
        self.repeated = len(first) < len(features)
        self.norms = torch.cat([_squares(self.centred(part)) for part in self.slices()])
        self.working = torch.float64
        self._prepared: dict[int, tuple[Tensor, Tensor]] = {}

    def __len__(self) -> int:
        return len(self.points)

    @property
    def dim(self) -> int:
        return int(self.points.shape[1])

    def slices(self) -> list[slice]:
        """Row ranges of the blocks, in order."""
        return [slice(start, min(start + self.block, len(self))) for start in range(0, len(self), self.block)]

    def centred(self, part: slice | Tensor) -> Tensor:
        """Rows `part`, shifted and scaled by the frame, in float64."""
        return (self.points[part].double() - self.frame.mean) * self.frame.factor

    def block_of(self, part: slice) -> tuple[Tensor, Tensor]:
        """Shifted and scaled rows x (b, D) of a block, and |x|^2 (b,), in the working type (float32 or float64)."""
        prepared = self._prepared.get(part.start)
        if prepared is None or len(prepared[0]) != part.stop - part.start:
            x = self.centred(part)
            prepared = x.to(self.working), _squares(x).to(self.working)
            if self.points.numel() * prepared[0].element_size() <= KEPT_BYTES:
                self._prepared[part.start] = prepared
        return prepared

    def piece(self, part: slice, inner: slice) -> tuple[Tensor, Tensor]:
        """The same as `block_of`, but only for the rows `inner` of block `part`."""
        x, norms = self.block_of(part)
        where = slice(inner.start - part.start, inner.stop - part.start)
        return x[where], norms[where]

    @property
    def unit_error(self) -> float:
        """Constant c such that the error of the squared distance of rows a and b is at most c (|a|^2 + |b|^2).

        It includes the rounding of the rows, of two norms and of one product with D terms.
        """
        if self.working == torch.float64:
            return float64_error(self.dim)
        return (2 * self.dim + 8) * 2.0**-24 * 1.25


def float64_error(dim: int) -> float:
    """`FeatureRows.unit_error` for products in float64."""
    return (2 * dim + 8) * 2.0**-53 * 1.25


def products(a: Tensor, a_norms: Tensor, b: Tensor, b_norms: Tensor) -> Tensor:
    """(q, u) squared distances between q rows `a` and u rows `b`, computed by products in the type of `a`."""
    return torch.addmm(a_norms[:, None] + b_norms[None, :], a, b.T, alpha=-2.0)


def exact_squares(a: FeatureRows, i: Tensor, b: FeatureRows, j: Tensor) -> Tensor:
    """|a_i - b_j|^2 in the frame's units, for each pair of row numbers in `i` and `j`, by float64 differences.

    Equal rows have distance 0, and equal pairs have equal distances.
    """
    size = max(1, EXACT_NUMBERS // a.dim)
    factor = a.frame.factor
    parts = [
        _squares((a.points[m].double() - b.points[n].double()) * factor)
        for m, n in zip(i.split(size), j.split(size), strict=True)
    ]
    return torch.cat(parts) if parts else a.norms.new_zeros(0)


def _squares(x: Tensor) -> Tensor:
    return (x * x).sum(dim=1)


def _groups(features: Tensor) -> tuple[Tensor, Tensor]:
    """(n,) group number of each row, and (u,) index of the first row of each group.

    Equal rows form a group. Groups are numbered in order of first appearance.
    """
    keys = torch.cat([_hash(part) for part in features.split(BLOCK)])
    _, inverse = torch.unique(keys, return_inverse=True)
    inverse, first = _by_appearance(inverse)
    for start, part in enumerate(features.split(BLOCK)):
        groups = inverse[start * BLOCK : start * BLOCK + len(part)]
        if not torch.equal(features[first[groups]], part):  # two different rows have the same hash: group by sorting
            _, inverse = torch.unique(features + 0.0, dim=0, return_inverse=True)
            return _by_appearance(inverse)
    return inverse, first


def _hash(part: Tensor) -> Tensor:
    """(b,) int64 hash of rows: sums of bits times fixed odd numbers, modulo 2^64. Adding 0 turns -0 into 0."""
    bits = (part + 0.0).contiguous()
    whole = bits.shape[1] * bits.element_size() % 8 == 0
    words = bits.view(torch.int64) if whole else bits.view(torch.int32).long()
    index = torch.arange(1, words.shape[1] + 1, device=part.device, dtype=torch.int64)
    mixed = (words ^ (words >> 17)) * 0x5851F42D4C957F2D
    odd = (index * 0x14057B7EF767814F) | 1
    return ((mixed ^ (mixed >> 29)) * odd).sum(dim=1)


def _by_appearance(inverse: Tensor) -> tuple[Tensor, Tensor]:
    """`inverse` with groups renumbered in order of first appearance, and the index of the first row of each group."""
    count = int(inverse.max()) + 1
    places = torch.arange(len(inverse), device=inverse.device)
    first = torch.full((count,), len(inverse), device=inverse.device).scatter_reduce(0, inverse, places, "amin")
    order = first.argsort()
    number = torch.empty_like(order)
    number[order] = torch.arange(count, device=order.device)
    return number[inverse], first[order]
