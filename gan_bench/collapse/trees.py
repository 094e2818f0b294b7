"""A forest of decision trees stored as integers, and its prediction with NumPy alone.

A feature x is first coded by its edges e_1 < ... < e_k: 0 if it is missing (NaN), else 1 + the number of edges below x.
A tree is a list of nodes in preorder. A split is stored as column * STRIDE + cut. If the code in this column is <= cut,
the walk takes the first branch, whose first node follows the split in the list. A leaf is stored as -1 - value *
10**decimals. The prediction is the mean of the leaf values over the trees.

The nodes of all trees are joined to one list of 16-bit little-endian integers and stored as base64 text.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Larger than any code of a feature.
STRIDE = 64
NODE = np.dtype("<i2")

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Forest:
    """Nodes of all trees in one table. `roots` (trees,): the root node of each tree.

    `branches` (2 * nodes,): children. Node i continues at branches[2 i] if the code is above the cut, and at
    branches[2 i + 1] otherwise. Both children of a leaf are the leaf itself. `depth`: number of steps after which every
    walk from a root is at a leaf.
    """

    column: Codes
    cut: Codes
    branches: Codes
    value: NDArray[np.float64]
    roots: Codes
    depth: int

    def values(self, codes: Codes) -> NDArray[np.float64]:
        """Codes (columns,) of one row -> the leaf value of each tree (trees,)."""
        node = self.roots
        for _ in range(self.depth):
            node = self.branches[2 * node + (codes[self.column[node]] <= self.cut[node])]
        return self.value[node]

    def predict(self, codes: Codes) -> NDArray[np.float64]:
        """Codes (n, columns) -> mean leaf value over the trees (n,)."""
        rows = np.arange(len(codes))[:, None]
        node = np.broadcast_to(self.roots, (len(codes), len(self.roots)))
        for _ in range(self.depth):
            node = self.branches[2 * node + (codes[rows, self.column[node]] <= self.cut[node])]
        return np.asarray(self.value[node].mean(axis=1))


def edge_table(edges: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Edges of each column -> (columns, STRIDE - 2), padded with infinity."""
    table = np.full((len(edges), STRIDE - 2), np.inf)
    for row, column_edges in zip(table, edges, strict=True):
        row[: len(column_edges)] = column_edges
    return table


def code(values: NDArray[np.float64], table: NDArray[np.float64]) -> Codes:
    """Features (..., columns) -> their integer codes."""
    codes = 1 + (table < values[..., None]).sum(axis=-1)
    return np.asarray(np.where(np.isnan(values), 0, codes), dtype=np.int64)


def write_forest(trees: Sequence[Sequence[int]]) -> str:
    """The text of trees, in the format described in the module docstring."""
    return base64.b64encode(np.concatenate([np.asarray(tree, dtype=NODE) for tree in trees]).tobytes()).decode()


def read_forest(text: str, decimals: int) -> Forest:
    """Forest from the text that `write_forest` returns."""
    nodes = np.frombuffer(base64.b64decode(text), dtype=NODE).astype(np.int64)
    leaf, node = nodes < 0, np.arange(len(nodes))
    # `height` is the number of open branches after each node: a split adds one, a leaf closes one. The first branch of
    # a split ends at the next node whose height is one less than that of the split, and the second branch starts after
    # this node. A tree ends where the height reaches a new minimum.
    height = np.cumsum(np.where(leaf, -1, 1))
    second = np.where(leaf, node, 0)
    splits = np.flatnonzero(~leaf)
    order = np.argsort(height, kind="stable")
    size = len(nodes) + 1
    keys = (height[order] - height.min()) * size + order
    target_keys = (height[splits] - 1 - height.min()) * size + splits
    second[splits] = order[np.searchsorted(keys, target_keys)] + 1
    lowest = np.minimum.accumulate(np.minimum(height, 0))
    ends = np.flatnonzero(np.diff(lowest, prepend=0) < 0)
    roots = np.concatenate([[0], ends[:-1] + 1])
    branches = np.stack([second, np.where(leaf, node, node + 1)], axis=1)
    value = np.where(leaf, (-1 - nodes) / 10**decimals, 0.0)
    return _forest(np.where(leaf, 0, nodes // STRIDE), np.where(leaf, STRIDE, nodes % STRIDE), branches, value, roots)


def join(forests: Sequence[Forest]) -> Forest:
    """Several forests in one table; their trees keep their order."""
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
    depth, node = 0, roots
    while True:
        node = np.unique(branches[node])
        node = node[branches[node, 0] != node]  # without leaves
        if not len(node):
            break
        depth += 1
    return Forest(column, cut, branches.ravel(), value, roots, depth + 1)
