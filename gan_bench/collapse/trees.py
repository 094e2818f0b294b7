"""A forest of decision trees written as whole numbers, and its prediction with NumPy alone.

A feature x is first coded by its edges e_1 < ... < e_k: 0 where it is missing (NaN), else 1 + the number of edges below
x. A tree is a list of nodes in preorder: a split is column * STRIDE + cut (codes <= cut go to the first of both
branches, which follows it), a leaf is -1 - value * 10**decimals. The prediction is the mean of the values over the
trees. A forest is stored as the base64 text of all its trees' nodes, one after the other, little-endian 16-bit.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: More than the largest code of a feature.
STRIDE = 64
NODE = np.dtype("<i2")

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Forest:
    """Nodes of all trees in one table; a leaf is its own branch on either side. `roots` (trees,).

    `branches` (2 * nodes,): of node i at 2 i where the code is above the cut, and at 2 i + 1 where it is not.
    """

    column: Codes
    cut: Codes
    branches: Codes
    value: NDArray[np.float64]
    roots: Codes
    depth: int

    def values(self, codes: Codes) -> NDArray[np.float64]:
        """Codes (columns,) of one row -> the value of each tree (trees,)."""
        at = self.roots
        for _ in range(self.depth):
            at = self.branches[2 * at + (codes[self.column[at]] <= self.cut[at])]
        return self.value[at]

    def predict(self, codes: Codes) -> NDArray[np.float64]:
        """Codes (n, columns) -> (n,)."""
        rows = np.arange(len(codes))[:, None]
        at = np.broadcast_to(self.roots, (len(codes), len(self.roots)))
        for _ in range(self.depth):
            at = self.branches[2 * at + (codes[rows, self.column[at]] <= self.cut[at])]
        return np.asarray(self.value[at].mean(axis=1))


def edge_table(edges: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Edges of each column -> (columns, STRIDE - 2), filled up with infinity."""
    table = np.full((len(edges), STRIDE - 2), np.inf)
    for row, own in zip(table, edges, strict=True):
        row[: len(own)] = own
    return table


def code(values: NDArray[np.float64], table: NDArray[np.float64]) -> Codes:
    """Features (..., columns) -> their codes."""
    found = 1 + (table < values[..., None]).sum(axis=-1)
    return np.asarray(np.where(np.isnan(values), 0, found), dtype=np.int64)


def write_forest(trees: Sequence[Sequence[int]]) -> str:
    """The text of trees written as the module says."""
    return base64.b64encode(np.concatenate([np.asarray(tree, dtype=NODE) for tree in trees]).tobytes()).decode()


def read_forest(text: str, decimals: int) -> Forest:
    """Forest of the text of `write_forest`."""
    nodes = np.frombuffer(base64.b64decode(text), dtype=NODE).astype(np.int64)
    leaf, own = nodes < 0, np.arange(len(nodes))
    # Open branches after each node: one more by a split, one fewer by a leaf. A split's second branch follows the node
    # that first closes its first branch; a tree ends where a new minimum is reached.
    height = np.cumsum(np.where(leaf, -1, 1))
    second = np.where(leaf, own, 0)
    splits = np.flatnonzero(~leaf)
    order = np.argsort(height, kind="stable")
    size = len(nodes) + 1
    keys = (height[order] - height.min()) * size + order
    wanted = (height[splits] - 1 - height.min()) * size + splits
    second[splits] = order[np.searchsorted(keys, wanted)] + 1
    lowest = np.minimum.accumulate(np.minimum(height, 0))
    ends = np.flatnonzero(np.diff(lowest, prepend=0) < 0)
    roots = np.concatenate([[0], ends[:-1] + 1])
    branches = np.stack([second, np.where(leaf, own, own + 1)], axis=1)
    value = np.where(leaf, (-1 - nodes) / 10**decimals, 0.0)
    return _forest(np.where(leaf, 0, nodes // STRIDE), np.where(leaf, STRIDE, nodes % STRIDE), branches, value, roots)


def join(forests: Sequence[Forest]) -> Forest:
    """One table of several forests, whose trees keep their order."""
    starts = np.cumsum([0, *(len(forest.value) for forest in forests)])[:-1]
    return Forest(
        column=np.concatenate([f.column for f in forests]),
        cut=np.concatenate([f.cut for f in forests]),
        branches=np.concatenate([f.branches + start for f, start in zip(forests, starts, strict=True)]),
        value=np.concatenate([f.value for f in forests]),
        roots=np.concatenate([f.roots + start for f, start in zip(forests, starts, strict=True)]),
        depth=max(f.depth for f in forests),
    )


def _forest(column: Codes, cut: Codes, branches: Codes, value: NDArray[np.float64], roots: Codes) -> Forest:
    depth, at = 0, roots
    while True:
        at = np.unique(branches[at])
        at = at[branches[at, 0] != at]  # without leaves
        if not len(at):
            break
        depth += 1
    return Forest(column, cut, branches.ravel(), value, roots, depth + 1)
