"""Fréchet distance between Gaussians fitted to real and generated features.

    |m_r - m_f|^2 + tr S_r + tr S_f - 2 tr (S_r S_f)^(1/2),     S = sample covariance (divisor n - 1)

in float64. Only with features of Inception-v3 pool3 is it the FID of the literature; in any other feature space its
size means nothing outside that space, so the extractor is part of the number. The trace of the root is never taken from
a non-symmetric product. With L L' = S_r and X, Y the centred rows divided by sqrt(n - 1), it is

    sum of roots of eigenvalues of L' S_f L = nuclear norm of X Y' = nuclear norm of R_x R_y', X = Q_x R_x, Y = Q_y R_y.

A set with n - 1 < D rows: the second. Otherwise the first, unless the covariances are singular or nearly so (dead
features, collapsed samples), where roots of rounding errors would enter: there the third, which needs no square.
"""

from typing import Any

import numpy as np

from gan_bench.features import Features

FACTS = {
    "paper": "Dowson and Landau 1982, J. Multivariate Anal. 12:450; Heusel et al. 2017, arXiv:1706.08500, eq. 6",
    "settings": {},
    "deviations": ["the feature space is the run's extractor; Heusel et al. use Inception-v3 pool3"],
    "needs": "features",
    "values": {"fid": {"label": "Fréchet distance", "direction": "lower", "range": [0.0, None], "unit": ""}},
    "min_n": 2,
    "estimator": "plug-in, divisor n - 1; biased upward by about c/n",
}

#: Smallest over largest eigenvalue of L' S_f L below which its roots are not trusted: rounding is about 1e-16 of the
#: largest, so a root at this threshold is off by 1e-16 / (2 sqrt(1e-8)) = 5e-13 of the largest root.
WELL_CONDITIONED = 1e-8


def compute(real: Features, fake: Features, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    return {"fid": frechet_distance(real.features, fake.features)}


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Distance between sets (n, D) and (m, D), n, m >= 2, any rank. Heusel et al. 2017, eq. 6."""
    x, real_mean = _centred(real)
    y, fake_mean = _centred(fake)
    shift = real_mean - fake_mean
    value = shift @ shift + np.sum(x * x) + np.sum(y * y) - 2.0 * _root_trace(x, y)
    # Zero for equal sets; rounding may leave it a hair below.
    return max(float(value), 0.0)


def _centred(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows minus their mean over sqrt(n - 1), so that X'X is the sample covariance; and the mean. float64."""
    wide = np.asarray(points, dtype=np.float64)
    mean = wide.mean(axis=0)
    return (wide - mean) / np.sqrt(len(wide) - 1.0), mean


def _root_trace(x: np.ndarray, y: np.ndarray) -> float:
    """tr (X'X Y'Y)^(1/2) of centred rows (n, D) and (m, D)."""
    if min(len(x), len(y)) > x.shape[1]:
        roots = _roots_by_cholesky(x.T @ x, y.T @ y)
        if roots is not None:
            return float(roots.sum())
    return float(np.linalg.svd(_triangle(x) @ _triangle(y).T, compute_uv=False).sum())


def _roots_by_cholesky(real: np.ndarray, fake: np.ndarray) -> np.ndarray | None:
    """Roots of the eigenvalues of L' S_f L, S_r = L L'; None where they would not be accurate."""
    try:
        lower = np.linalg.cholesky(real)
    except np.linalg.LinAlgError:
        return None
    eigenvalues = np.linalg.eigvalsh(lower.T @ fake @ lower)
    if eigenvalues[0] < WELL_CONDITIONED * eigenvalues[-1]:
        return None
    return np.sqrt(eigenvalues)


def _triangle(rows: np.ndarray) -> np.ndarray:
    """A matrix R with R'R = rows'rows and no more rows than columns."""
    return np.asarray(np.linalg.qr(rows, mode="r")) if len(rows) > rows.shape[1] else rows
