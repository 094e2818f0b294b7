"""Fréchet distance between Gaussians fitted to real and generated features, in float64.

    |m_r - m_f|^2 + tr S_r + tr S_f - 2 tr (S_r S_f)^(1/2),     S = sample covariance (divisor n - 1)

Only with features of Inception-v3 pool3 is this the FID of the literature. Values in different feature spaces cannot be
compared, so the extractor is reported with the number.

The product S_r S_f is not symmetric, so its root is never computed. Let L be a matrix with L L' = S_r, and let X and Y
be the centred real and generated rows divided by sqrt(n - 1). The trace of the root equals each of

    (1) the sum of the square roots of the eigenvalues of L' S_f L
    (2) the nuclear norm of X Y'
    (3) the nuclear norm of A' B, with A A' = S_r and B B' = S_f

If n - 1 < D for one of the sets, (2) is used, because it needs no D x D matrix. Otherwise (1) is used if L' S_f L is
well conditioned, which is true in few feature spaces. If it is ill conditioned, some roots in the sum would
be roots of rounding errors. Then (3) is used with Cholesky factors A and B, which need no roots of eigenvalues. If a
covariance is singular (dead features, collapsed samples), A and B are instead made from the eigenvectors whose
eigenvalues are above rounding error.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.features import Features
from gan_bench.metrics import Sets
from gan_bench.metrics._moments import Moments, cholesky, moments
from gan_bench.metrics._tensors import rows_of

FACTS = {
    "paper": "Dowson and Landau 1982, J. Multivariate Anal. 12:450; Heusel et al. 2017, arXiv:1706.08500, eq. 6",
    "settings": {},
    "deviations": ["the feature space is the run's extractor; Heusel et al. use Inception-v3 pool3"],
    "needs": ["features"],
    "values": {"frechet": {"label": "Fréchet distance", "direction": "lower", "range": [0.0, None], "unit": ""}},
    "min_n": 2,
    "estimator": "plug-in, divisor n - 1; biased upward by about c/n",
}

#: Form (1) is used only if the ratio of smallest to largest eigenvalue of L' S_f L is at least this. Rounding errors
#: are about 1e-16 of the largest eigenvalue, so a root at this threshold is off by 1e-16 / (2 sqrt(1e-8)) = 5e-13 of
#: the largest root.
WELL_CONDITIONED = 1e-8


def real_side(real: Features) -> dict[str, np.ndarray]:
    return moments(rows_of(real.features), root=True).arrays()


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    return {"frechet": distance_of(sets)}


def distance_of(sets: Sets) -> float:
    """The distance between the sets, computed once for all metrics that use it."""
    if "frechet" not in sets.memo:
        real, fake = (rows_of(part.features, sets.device) for part in (sets.real, sets.fake))
        sets.memo["frechet"] = distance(Moments.of(sets.side, real), moments(fake))
    return float(sets.memo["frechet"])


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Distance between sets (n, D) and (m, D), n, m >= 2, any rank. Heusel et al. 2017, eq. 6."""
    return distance(moments(rows_of(real), root=True), moments(rows_of(fake)))


def distance(real: Moments, fake: Moments) -> float:
    """Distance between two fitted Gaussians."""
    shift = real.mean - fake.mean
    value = shift @ shift + real.trace + fake.trace - 2.0 * _root_trace(real, fake)
    # Rounding may leave a value slightly below zero.
    return max(float(value), 0.0)


def _root_trace(real: Moments, fake: Moments) -> Tensor:
    """tr (S_r S_f)^(1/2)."""
    if min(real.count, fake.count) <= real.dim:
        return torch.linalg.svdvals(real.centred() @ fake.centred().T).sum()
    real_root, fake_root = real.root, cholesky(fake.covariance)
    if real_root is None or fake_root is None:
        return torch.linalg.svdvals(_factor(real.covariance).T @ _factor(fake.covariance)).sum()
    product = real_root.T @ fake_root
    if _pivot_ratio(real_root) * _pivot_ratio(fake_root) >= WELL_CONDITIONED:
        eigenvalues = torch.linalg.eigvalsh(product @ product.T)
        if eigenvalues[0] >= WELL_CONDITIONED * eigenvalues[-1]:
            return eigenvalues.sqrt().sum()
    return torch.linalg.svdvals(product).sum()


def _pivot_ratio(root: Tensor) -> float:
    """Smallest squared diagonal entry of a Cholesky factor over the largest: an estimate of the eigenvalue ratio."""
    pivots = root.diagonal() ** 2
    return float(pivots.min() / pivots.max())


def _factor(covariance: Tensor) -> Tensor:
    """A (D, r) with A A' = S up to rounding: eigenvectors times the roots of all eigenvalues above rounding error."""
    values, vectors = torch.linalg.eigh(covariance)
    significant = values > len(values) * torch.finfo(values.dtype).eps * values[-1]
    return vectors[:, significant] * values[significant].sqrt()
