"""Whether each row's nearest other row is of its own set: float32 blocks, decided exactly.

Squared distances come from matrix products of float32 rows, each pair once. Where the two candidates of a row are
closer than the rounding of such a product can be (bounded below), the row is decided by differences in float64, where
equal rows give equal distances. The answer does not depend on block size, row order or threads.
"""

import numpy as np

#: Rows of a block; 4 MiB of float32 distances.
BLOCK = 1024
#: float64 differences held at once when rows are decided again.
RECHECK_NUMBERS = 2_000_000


def same_set_nearest(real: np.ndarray, fake: np.ndarray, block: int = BLOCK) -> np.ndarray:
    """(n + m,) 1.0 where the nearest other row is of the same set, 0.0 where of the other, 0.5 where both are as near.

    Rows of `real` (n, D) first, then of `fake` (m, D); n, m >= 2, all finite.
    """
    points = np.concatenate([real, fake])
    # By a power of two, which is exact: squares of very large or small features would leave float64.
    points = np.ldexp(points, -np.frexp(np.abs(points).max())[1])
    n = len(real)
    rows = _scaled(points)
    own = np.concatenate([_within(rows[:n], block), _within(rows[n:], block)])
    other = np.concatenate(_between(rows[:n], rows[n:], block))
    credit = np.where(own < other, 1.0, 0.0)
    slack = _slack(rows, np.maximum(own, other))
    decided = _duplicates(points, n, credit) | (np.abs(own - other) > slack)
    for part in _chunks(np.flatnonzero(~decided), block):
        near = _squared_distances(rows[part], rows)
        limit = np.minimum(own, other)[part] + slack[part]
        for row, candidates in zip(part, near <= limit[:, None], strict=True):
            credit[row] = _decide(points, int(row), np.flatnonzero(candidates), n)
    return credit


def _scaled(points: np.ndarray) -> np.ndarray:
    """float32 rows, centred (a large mean would eat the digits) and with the longest of length 1."""
    centred = points.astype(np.float64)
    centred -= centred.mean(axis=0)
    longest = np.sqrt(np.max(np.einsum("ij,ij->i", centred, centred)))
    return (centred / (longest or 1.0)).astype(np.float32)


def _slack(rows: np.ndarray, squared: np.ndarray) -> np.ndarray:
    """Bound on how far the rounding of float32 can move the difference of a row's two smallest squared distances.

    Two norms and one product of d float32 terms are off by at most (2 d + 8) 2^-24 (|a|^2 + |b|^2) together, and
    |b|^2 <= 2 |a|^2 + 2 |a - b|^2. Two distances are compared; the last factor is to spare.
    """
    error = (2 * rows.shape[1] + 8) * 2.0**-24
    norms = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    return 2.0 * error * (3.0 * norms + 2.0 * squared) * 1.25 + 1e-30


def _duplicates(points: np.ndarray, n: int, credit: np.ndarray) -> np.ndarray:
    """Whether each row has an equal one; such rows get their credit here: nothing is nearer than an equal row.

    Collapsed sets have thousands, which would otherwise all be near ties.
    """
    # Adding 0 turns -0 into 0, which equals it but has other bytes.
    keys = np.ascontiguousarray(points + 0.0).view(np.dtype((np.void, points.itemsize * points.shape[1])))[:, 0]
    _, group, total = np.unique(keys, return_inverse=True, return_counts=True)
    is_real = np.arange(len(points)) < n
    real_equal = np.bincount(group[is_real], minlength=len(total))[group]
    own = np.where(is_real, real_equal, total[group] - real_equal) - 1
    other = total[group] - 1 - own
    found = own + other > 0
    credit[found] = np.where(own > 0, np.where(other > 0, 0.5, 1.0), 0.0)[found]
    return found


def _squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """|a_i - b_j|^2 by products, in the rows' type; may be a rounding below 0."""
    products = a @ b.T
    products *= -2.0
    products += np.einsum("ij,ij->i", a, a)[:, None]
    products += np.einsum("ij,ij->i", b, b)[None, :]
    return products


def _within(rows: np.ndarray, block: int) -> np.ndarray:
    """Smallest squared distance from each row to another of the same set; each pair of blocks once."""
    nearest = np.full(len(rows), np.inf)
    starts = range(0, len(rows), block)
    for i in starts:
        for j in range(i, len(rows), block):
            distances = _squared_distances(rows[i : i + block], rows[j : j + block])
            if i == j:
                np.fill_diagonal(distances, np.inf)
            np.minimum(nearest[i : i + block], distances.min(axis=1), out=nearest[i : i + block])
            np.minimum(nearest[j : j + block], distances.min(axis=0), out=nearest[j : j + block])
    return nearest


def _between(a: np.ndarray, b: np.ndarray, block: int) -> tuple[np.ndarray, np.ndarray]:
    """Smallest squared distance from each row of `a` to one of `b`, and from each of `b` to one of `a`."""
    nearest_a, nearest_b = np.full(len(a), np.inf), np.full(len(b), np.inf)
    for i in range(0, len(a), block):
        for j in range(0, len(b), block):
            distances = _squared_distances(a[i : i + block], b[j : j + block])
            np.minimum(nearest_a[i : i + block], distances.min(axis=1), out=nearest_a[i : i + block])
            np.minimum(nearest_b[j : j + block], distances.min(axis=0), out=nearest_b[j : j + block])
    return nearest_a, nearest_b


def _chunks(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _decide(points: np.ndarray, row: int, candidates: np.ndarray, n: int) -> float:
    """Credit of one row from float64 differences to the `candidates` that can be nearest."""
    candidates = candidates[candidates != row]
    size = max(1, RECHECK_NUMBERS // points.shape[1])
    row_itself = points[row].astype(np.float64)
    parts = [np.square(points[part] - row_itself).sum(axis=1) for part in _chunks(candidates, size)]
    distances = np.concatenate(parts)
    own = (candidates < n) == (row < n)
    nearest_own = distances[own].min(initial=np.inf)
    nearest_other = distances[~own].min(initial=np.inf)
    return 0.5 if nearest_own == nearest_other else float(nearest_own < nearest_other)
