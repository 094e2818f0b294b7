"""Finds rows of one set that are copies of rows of another set: exactly equal rows, or nearly equal pictures."""

from typing import NamedTuple

import numpy as np

from gan_bench.metrics.inputs.load import Points

#: Pictures are compared by the means of their pixels in the cells of a GRID x GRID grid.
GRID = 8
#: Two pictures are near copies if the root mean square difference d of their grids meets two conditions. First, d is
#: below LEVELS (of 255 grey levels). Second, d is below SHARE times the quantile QUANTILE of the nearest-neighbour
#: distances within the other set. The second condition is for data such as digits, where different pictures are very
#: similar.
LEVELS, SHARE, QUANTILE = 6.0, 0.25, 0.02
#: SAMPLE: largest number of pictures from which the quantile is computed. BLOCK: number of pictures compared at a time.
SAMPLE, BLOCK = 1000, 2048


class Copies(NamedTuple):
    """Pairs (row, row of the other set): one pair for each row that has a copy in the other set."""

    exact: list[tuple[int, int]]
    near: list[tuple[int, int]]


def copies(points: Points, others: Points) -> Copies:
    """Rows of `points` that have a copy in `others`. Only images can have near copies."""
    places = {row.tobytes(): i for i, row in reversed(list(enumerate(others.array)))}
    matches = [(i, places[key]) for i, row in enumerate(points.array) if (key := row.tobytes()) in places]
    exact = {i for i, _ in matches}
    near = [] if not points.images else [pair for pair in _near(points.array, others.array) if pair[0] not in exact]
    return Copies(matches, near)


def training_copies(points: Points, train: Points | None, kind: str, consequence: str = "") -> list[str]:
    """Up to two sentences: on rows that equal training rows, and on rows that are near copies of training rows.

    `kind`: "real" or "generated".
    """
    if train is None:
        return []
    pairs_of = copies(points, train)
    thing = "images" if points.images else "rows"
    return [
        f"{len(pairs)} of {len(points)} {kind} {thing} {how} training {thing}, such as "
        f"{words(points, train, pairs)}{consequence}."
        for pairs, how in ((pairs_of.exact, "equal"), (pairs_of.near, "are near copies of"))
        if pairs
    ]


def words(points: Points, others: Points, pairs: list[tuple[int, int]]) -> str:
    """Up to two example pairs: "a.png = b.png and c.png = d.png"."""
    return " and ".join(f"{points.name(i)} = {others.name(j)}" for i, j in pairs[:2])


def _near(images: np.ndarray, others: np.ndarray) -> list[tuple[int, int]]:
    grids, other_grids = _grids(images), _grids(others)
    sample = other_grids[np.unique(np.linspace(0, len(others) - 1, min(len(others), SAMPLE)).astype(int))]
    limit = min(LEVELS, SHARE * float(np.quantile(_nearest(sample, sample, same=True)[0], QUANTILE)))
    distance, nearest = _nearest(grids, other_grids)
    return [(int(i), int(nearest[i])) for i in np.flatnonzero(distance < limit)]


def _grids(images: np.ndarray) -> np.ndarray:
    """Means of the cells of a GRID x GRID grid: (n, c, h, w) -> (n, c * GRID * GRID), or fewer for smaller images."""
    sums: np.ndarray = images.astype(np.float32)
    for axis in (2, 3):
        size = images.shape[axis]
        edges = np.unique(np.arange(min(GRID, size)) * size // min(GRID, size))
        widths = np.diff([*edges, size]).astype(np.float32)
        sums = np.add.reduceat(sums, edges, axis=axis) / (widths[:, None] if axis == 2 else widths)
    return sums.reshape(len(images), -1)


def _nearest(rows: np.ndarray, others: np.ndarray, same: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Root mean square difference between each row and its nearest row of `others`, and the position of that row.

    `same`: whether `rows` and `others` are the same set. If they are, a row is not its own neighbour.
    """
    distances, positions = [], []
    squares = (others.astype(np.float64) ** 2).sum(axis=1)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK].astype(np.float64)
        square = (block**2).sum(axis=1)[:, None] + squares - 2 * block @ others.T.astype(np.float64)
        if same:
            square[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        nearest = square.argmin(axis=1)
        positions.append(nearest)
        distances.append(np.sqrt(square[np.arange(len(block)), nearest].clip(0) / rows.shape[1]))
    return np.concatenate(distances), np.concatenate(positions)
