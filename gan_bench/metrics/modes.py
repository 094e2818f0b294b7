"""Modes: how many of the data's modes the samples cover, how many samples are in a mode, and how evenly."""

from typing import Any

import numpy as np

from gan_bench.metrics import Sets

FACTS = {
    "paper": "Srivastava et al. 2017, VEEGAN, section 4 (arXiv:1705.07761); Lin et al. 2018, PacGAN, section 4 "
    "(arXiv:1712.04086)",
    "settings": {},
    "deviations": [
        "The divergence is taken against the shares of the modes in the real images, not against equal ones.",
        "A sample counts for the mode with the nearest centre in the divergence and the largest share, also where it "
        "is too far from it to be in it: use of modes apart from quality.",
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
    """Values from modes (N,), -1 for samples in no mode, and from the modes with the nearest centre.

    modes_captured: modes with at least one sample.
    high_quality: share of samples in some mode.
    kl_modes: sum of p log(p / q) over modes ("reverse KL" in PacGAN), p the shares of the nearest modes of all samples,
        q those of the real images. A mode with samples but no real image has the q of half an image. If the extractor
        gives no nearest mode and no sample is in a mode, it is log(n) of the real images: its value if all samples
        were in a mode of one image.
    top_share: share of all samples that have the commonest nearest mode.
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
    """KL of the shares of `counts` (K,) from those of `reference` (K,), in nats; a 0 in the reference counts 1/2."""
    filled = np.where((reference == 0) & (counts > 0), 0.5, reference)
    p, q = counts / counts.sum(), filled / filled.sum()
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())
