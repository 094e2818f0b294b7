"""Label-permutation p-value of the leave-one-out accuracy of a 1-nearest-neighbour classifier.

The label of a row says whether it is real or generated. If both sets have the same distribution, all assignments of the
labels to the pooled rows are equally likely. The graph of nearest neighbours does not depend on labels, so it is
computed once, and only the labels are permuted (Friedman and Rafsky 1979, Annals of Statistics 7:697; Schilling 1986,
JASA 81:799).
"""

from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

import numpy as np
import torch
from numpy.typing import NDArray

from gan_bench.metrics.pairs import Pairs
from gan_bench.metrics.pairs.nearest import nearest_pairs
from gan_bench.metrics.pairs.rows import FeatureRows

#: Number of random labellings. If at most PERMUTATIONS + 1 labellings exist, each of them is used once instead.
PERMUTATIONS = 999
#: Largest number of labels in memory at a time.
LABELS = 4_000_000

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Graph:
    """Nearest neighbours of pooled rows. Equal rows form a group: `group` (N,) is each row's group number.

    sizes: (u,) number of rows of each group. The neighbours of a repeated row are the other rows of its group.
    source, target: edges of the graph. A source is a group of one row; its targets are all groups at the smallest
        distance from it.
    order: (u,) group numbers in an order that depends only on the features of the groups.
    """

    group: Counts
    sizes: Counts
    source: Counts
    target: Counts
    order: Counts

    @classmethod
    def of(cls, pairs: Pairs) -> "Graph":
        features = torch.cat([rows.points[rows.inverse] for rows in (pairs.real, pairs.fake)])
        pooled = FeatureRows(features, pairs.frame, pairs.real.block)
        pooled.working = pairs.real.working
        single = (pooled.counts == 1).nonzero()[:, 0]
        edges = [nearest_pairs(pooled, part, pooled) for part in single.split(256)] if len(pooled) > 1 else []
        source, target = (
            np.concatenate([edge[k].cpu().numpy() for edge in edges]) if edges else np.zeros(0, np.int64)
            for k in (0, 1)
        )
        values = np.ascontiguousarray((pooled.points + 0.0).cpu().numpy())  # -0.0 + 0.0 is 0.0
        order = np.argsort(values.view(f"V{values.shape[1] * values.itemsize}")[:, 0])
        return cls(pooled.inverse.cpu().numpy(), pooled.counts.cpu().numpy(), source, target, order)

    def in_order(self) -> "Graph":
        """The graph of the rows sorted by `order`, so that results do not depend on the order of the given rows."""
        return replace(self, group=np.repeat(self.order, self.sizes[self.order]))

    def credits(self, labels: NDArray[np.bool_]) -> tuple[Counts, Counts]:
        """Twice the number of hits among rows labelled True, and among rows labelled False: (P,) each.

        `labels` (P, N) are P labellings of the N rows.

        A row is a hit if all its nearest neighbours have its label, and half a hit if they have both labels.
        """
        u = len(self.sizes)
        true = _sums(labels.astype(np.int64), self.group, u)
        neighbours_true, neighbours = _sums(true[:, self.target], self.source, u), self.sizes - 1
        single = self.sizes == 1
        neighbours = np.where(single, np.bincount(self.source, self.sizes[self.target], u).astype(np.int64), neighbours)
        # The neighbours of a repeated row are its group without the row itself.
        seen = np.where(single, neighbours_true, true)
        of_true = _doubled(seen - ~single, neighbours)
        of_false = _doubled(neighbours - seen, neighbours)
        return (of_true * true).sum(1), (of_false * (self.sizes - true)).sum(1)


def _sums(values: Counts, group: Counts, groups: int) -> Counts:
    """(P, groups) sums of values (P, K) by group (K,)."""
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sums = np.zeros((len(values), groups), np.int64)
    if len(order):
        sums[:, group[order][starts]] = np.add.reduceat(values[:, order], starts, axis=1)
    return sums


def _doubled(same: Counts, neighbours: Counts) -> Counts:
    """2 if all neighbours have the row's label, 0 if none has, 1 otherwise."""
    return np.where(same == neighbours, 2, np.where(same <= 0, 0, 1))


def p_value(pairs: Pairs, rng: np.random.Generator) -> float:
    """Two-sided p-value: share of labellings whose accuracy is at least as far from its mean as the observed accuracy.

    The mean is over all labellings.

    The accuracy has few distinct values. Of two labellings whose accuracies are equally far from the mean, the one with
    the larger difference between the two sets' numbers of hits counts as farther. If b of m random labellings are at
    least as far as the observed labels, p = (b + 1) / (m + 1). Rows are sorted by value before they are permuted, so
    that p does not depend on the order in which rows are given.
    """
    n, m = pairs.real.total, pairs.fake.total
    graph, rows = Graph.of(pairs), n + m
    observed = _extremeness(graph, (np.arange(rows) < n)[None], n)[0]
    if comb(rows, n) <= PERMUTATIONS + 1:
        labels = np.zeros((comb(rows, n), rows), bool)
        for row, chosen in enumerate(combinations(range(rows), n)):
            labels[row, list(chosen)] = True
        return float(np.mean(_extremeness(graph, labels, n) >= observed))
    graph = graph.in_order()
    extreme, done, size = 0, 0, max(1, LABELS // rows)
    while done < PERMUTATIONS:
        labels = np.tile(np.arange(rows) < n, (min(size, PERMUTATIONS - done), 1))
        extreme += int((_extremeness(graph, rng.permuted(labels, axis=1), n) >= observed).sum())
        done += len(labels)
    return (extreme + 1) / (PERMUTATIONS + 1)


def _extremeness(graph: Graph, labels: NDArray[np.bool_], n: int) -> Counts:
    """(P,) integers that order labellings: by the accuracy's distance from its mean, then by the difference of hits."""
    rows = labels.shape[1]
    real, fake = graph.credits(labels)
    # Without ties the mean number of hits is (n (n - 1) + m (m - 1)) / (rows - 1).
    mean = 2 * (n * (n - 1) + (rows - n) * (rows - n - 1))
    distance = np.abs((real + fake) * (rows - 1) - mean)
    return distance * (2 * rows + 1) + np.abs(real - fake)
