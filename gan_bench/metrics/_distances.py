"""Euclidean distances between rows, computed from differences in float64, so that equal rows have distance 0."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

#: Number of rows whose distances to all rows of the other set are in memory at a time.
BLOCK = 512


def wide(features: np.ndarray, device: str = "cpu") -> Tensor:
    """Features (n, D) as float64 on `device`."""
    return torch.from_numpy(features.astype(np.float64)).to(device)


def distance_blocks(rows: Tensor, others: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """(slice of rows, distances (b, m) of those rows to all `others` (m, D)), block by block."""
    for start in range(0, len(rows), BLOCK):
        part = slice(start, min(start + BLOCK, len(rows)))
        yield part, torch.cdist(rows[part], others, compute_mode="donot_use_mm_for_euclid_dist")


def nearest(rows: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """For each of n rows: the distance to the nearest row of `others`, and the number of this row in `others`.

    If several rows are equally near, it is the lowest of their numbers.
    """
    blocks = [block.min(dim=1) for _, block in distance_blocks(rows, others)]
    return torch.cat([block.values for block in blocks]), torch.cat([block.indices for block in blocks])


def kth_neighbour(rows: Tensor, k: int) -> Tensor:
    """(n,) distance of each row to its k-th nearest neighbour among the other rows."""
    blocks = []
    for part, block in distance_blocks(rows, rows):
        block[torch.arange(len(block)), torch.arange(part.start, part.stop)] = torch.inf
        blocks.append(block.kthvalue(k, dim=1).values)
    return torch.cat(blocks)
