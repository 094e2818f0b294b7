"""A forest of decision trees written as whole numbers, and its prediction with NumPy alone.

A feature x is first coded by its edges e_1 < ... < e_k: the number of edges below x. A tree is a list of nodes in
preorder: a split is column * STRIDE + cut (codes <= cut go to the first of both branches, which follows it), a leaf
is -1 - value * 10**decimals. The prediction is the mean of the values over the trees.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: More than the number of codes of a feature.
STRIDE = 64

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Forest:
    """Nodes of all trees in one table; a leaf is its own branch on either side. `roots` (trees,)."""

    column: Codes
    cut: Codes
    first: Codes
    second: Codes
    value: NDArray[np.float64]
    roots: Codes
    depth: int

    def predict(self, codes: Codes) -> NDArray[np.float64]:
        """Codes (n, columns) -> (n,)."""
        rows = np.arange(len(codes))[:, None]
        at = np.broadcast_to(self.roots, (len(codes), len(self.roots)))
        for _ in range(self.depth):
            below = codes[rows, self.column[at]] <= self.cut[at]
            at = np.where(below, self.first[at], self.second[at])
        return np.asarray(self.value[at].mean(axis=1))


def code(values: NDArray[np.float64], edges: Sequence[NDArray[np.float64]]) -> Codes:
    """Features (columns,) and the edges of each -> codes (columns,)."""
    found = [np.searchsorted(own, value, side="left") for own, value in zip(edges, values, strict=True)]
    return np.asarray(found, dtype=np.int64)


def read_forest(trees: Sequence[Sequence[int]], decimals: int) -> Forest:
    """Forest of trees written as the module says."""
    nodes = np.concatenate([np.asarray(tree, dtype=np.int64) for tree in trees])
    n = len(nodes)
    leaf = nodes < 0
    own = np.arange(n)
    second, depths = own.copy(), np.zeros(n, dtype=np.int64)
    waiting: list[int] = []  # splits whose second branch has not begun
    is_leaf, level = leaf.tolist(), 0
    for i in range(n):
        depths[i] = level
        if not is_leaf[i]:
            waiting.append(i)
            level += 1
        elif waiting:
            split = waiting.pop()
            second[split] = i + 1
            level = int(depths[split]) + 1
        else:
            level = 0  # the tree is whole
    sizes = np.cumsum([0, *map(len, trees)])
    return Forest(
        column=np.where(leaf, 0, nodes // STRIDE),
        cut=np.where(leaf, STRIDE, nodes % STRIDE),
        first=np.where(leaf, own, own + 1),
        second=second,
        value=np.where(leaf, (-1 - nodes) / 10**decimals, 0.0),
        roots=sizes[:-1],
        depth=int(depths.max()),
    )
