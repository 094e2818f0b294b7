"""How many of the data's modes the samples cover, how many samples are in a mode, and how even the mode shares are."""

from typing import Any

import numpy as np

from gan_bench.metrics import Sets

FACTS = {
    "paper": "Srivastava et al. 2017, VEEGAN, section 4 (arXiv:1705.07761); Lin et al. 2018, PacGAN, section 4 "
    "(arXiv:1712.04086)",
    "settings": {},
    "deviations": [
        "The divergence is from the mode shares of the real images, not from equal shares",
        "In kl_modes and top_share, a sample counts for the mode with the nearest centre even if it is too far away to "
        "be in the mode, so these values do not depend on sample quality",
    ],
    "needs": ["modes"],
    "values": {
        "modes_captured": {
            "label": "Modes captured",
            "direction": "higher",
            "range": [0, None],
            "unit": "modes",
            "scale": "identity",
        },
        "high_quality": {"label": "Samples in a mode", "direction": "higher", "range": [0, 1], "unit": ""},
        "kl_modes": {
            "label": "KL(samples || data), modes",
            "direction": "lower",
            "range": [0, None],
            "unit": "nats",
        },
        "top_share": {"label": "Share of the largest mode", "direction": "none", "range": [0, 1], "unit": ""},
    },
    "min_n": 1,
    "estimator": "plug-in shares; even perfect samples of K modes have a KL of about (K - 1) / (2 n)",
}


def compute(sets: Sets, settings: dict[str, Any], rng: np.random.Generator) -> dict[str, float]:
    """The four values. They use the mode of each sample (-1 if it is in none) and the mode with the nearest centre.

    modes_captured: number of modes with at least one sample.
    high_quality: share of samples in some mode.
    kl_modes: sum of p log(p / q) over modes ("reverse KL" in PacGAN). For a mode, p is the share of samples to which
        this mode is nearest, and q is this share of real images. If a mode has samples but no real image, half a real
        image is assumed. If the extractor gives no nearest mode and no sample is in a mode, the value is log(n), as if
        all samples were in one mode with one of n real images. Here n is the number of real images that are in a mode,
        but at least 2.
    top_share: share of samples whose nearest mode is the most frequent one.
    """
    real, fake = sets.real, sets.fake
    use, shares = fake.mode_use, real.mode_use
    assert fake.modes is not None and use is not None and shares is not None
    inside = fake.modes[fake.modes >= 0]
    return {
        "modes_captured": float(len(np.unique(inside))),
        "high_quality": len(inside) / len(fake),
        "kl_modes": divergence(use, shares) if use.any() else float(np.log(max(2, shares.sum()))),
        "top_share": float(use.max()) / len(fake),
    }


def divergence(counts: np.ndarray, reference: np.ndarray) -> float:
    """KL(p || q) in nats for the shares p of `counts` (K,) and q of `reference` (K,).

    A 0 in `reference` counts as 1/2 if `counts` is above 0 there.
    """
    filled = np.where((reference == 0) & (counts > 0), 0.5, reference)
    p, q = counts / counts.sum(), filled / filled.sum()
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())
