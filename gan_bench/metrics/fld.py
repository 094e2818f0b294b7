"""Feature likelihood divergence: how likely held-out real images are in a density built from the samples.

The density is a mixture of Gaussians, one at each generated row. Their widths are fitted to the training rows, so a
copy of a training row gets a narrow Gaussian, in which held-out rows are unlikely.

`fld` is 100 times (NLL - baseline). NLL is the mean negative log-likelihood of the real rows in this density, per
dimension. The baseline is the NLL of the real rows in another density: its Gaussians are at half of the training rows
(at most as many as there are samples), and their widths are fitted to the other training rows. At 0, samples are as
good as training images; higher values mean less fidelity, diversity or novelty. `fld_gap` is 100 times (NLL of the
training rows - NLL of the real rows), both in the density built from the samples; a value far below 0 means copies.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._distances import distance_blocks, wide

FACTS = {
    "paper": "Jiralerspong et al. 2023, Feature Likelihood Divergence, arXiv:2302.04440, section 3; constants of its "
    "code",
    "settings": {
        "most": {
            "type": "int",
            "default": 2000,
            "min": 4,
            "unit": "rows",
            "help": "largest number of rows of each set",
        },
        "steps": {"type": "int", "default": 50, "min": 1, "help": "steps of Adam on the widths"},
    },
    "deviations": ["the feature space is the run's extractor; theirs is DINOv2", "2,000 rows of each set, not 10,000"],
    "needs": ["features", "train"],
    "values": {
        "fld": {"label": "FLD", "direction": "lower", "range": [None, None], "unit": ""},
        "fld_gap": {"label": "FLD, generalisation gap", "direction": "none", "range": [None, None], "unit": ""},
    },
    "min_n": 4,
    "estimator": "rows drawn at random; features standardised by the real rows; float64",
    "splits": True,
}

#: STEP: step size of Adam. SMALLEST, LARGEST: limits of the logarithm of a variance. DRAWN: for the additional Gaussian
#: of `fitted_widths`, the squared distances between rows and their mean are multiplied by this factor. The authors'
#: code has the same factor.
STEP, SMALLEST, LARGEST, DRAWN = 0.5, -40.0, 20.0, 0.9**2


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    assert sets.train is not None
    if len(sets.train) < 4:
        raise MetricUndefined(f"needs 4 training rows; there are {len(sets.train)}")
    mean, sd = sets.real.features.mean(axis=0), sets.real.features.std(axis=0, ddof=1)
    varies = sd > 0
    if not varies.any():
        raise MetricUndefined("all real rows are equal: no feature can be standardised")
    train, real, fake = (
        wide((points.features[rng.permutation(len(points))[: settings["most"]]] - mean)[:, varies] / sd[varies])
        for points in (sets.train, sets.real, sets.fake)
    )
    half = min(len(fake), len(train) // 2)
    baseline = negative_log_likelihood(real, train[:half], fitted_widths(train[:half], train[half:], settings["steps"]))
    widths = fitted_widths(fake, train, settings["steps"])
    held, learnt = (negative_log_likelihood(rows, fake, widths) for rows in (real, train))
    return {"fld": 100.0 * (held - baseline), "fld_gap": 100.0 * (learnt - held)}


def fitted_widths(centres: Tensor, rows: Tensor, steps: int) -> Tensor:
    """(m,) logarithm of the variance of the Gaussian at each centre.

    The variances maximise the likelihood of the rows, up to the error left after `steps` steps of Adam.

    During the fit, one additional Gaussian around the mean of the rows keeps the likelihood of every row above 0.
    """
    squared, dim = _squares(rows, centres), rows.shape[1]
    origin = DRAWN * (rows - rows.mean(dim=0)).square().sum(dim=1, keepdim=True)
    widths = ((squared.min(dim=0).values + 1e-3) / dim).log().requires_grad_()
    wide_one = rows.new_zeros(1).requires_grad_()
    optimizer = torch.optim.Adam([widths, wide_one], lr=STEP)
    for _ in range(steps):
        optimizer.zero_grad()
        parts = [_log_density(squared, widths, dim) - np.log(len(centres)), _log_density(origin, wide_one, dim)]
        loss = -torch.logsumexp(torch.cat(parts, dim=1), dim=1).mean() / dim
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            widths.clamp_(SMALLEST, LARGEST)
    return widths.detach()


def negative_log_likelihood(rows: Tensor, centres: Tensor, widths: Tensor) -> float:
    """Mean negative log-likelihood of the rows, per dimension, in the mixture of Gaussians at the centres."""
    density = _log_density(_squares(rows, centres), widths, rows.shape[1]) - np.log(len(centres))
    return -float(torch.logsumexp(density, dim=1).mean()) / rows.shape[1]


def _squares(rows: Tensor, centres: Tensor) -> Tensor:
    return torch.cat([block.square() for _, block in distance_blocks(rows, centres)])


def _log_density(squared: Tensor, widths: Tensor, dim: int) -> Tensor:
    """(n, m) log N(x_i | c_j, exp(w_j) I), from squared distances (n, m) between x_i and c_j."""
    return -0.5 * (squared / widths.exp() + dim * (widths + np.log(2.0 * np.pi)))
