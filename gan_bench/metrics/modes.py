"""Modes: how many of the data's modes the samples cover, how many samples are in a mode, and how evenly."""

from typing import Any

import numpy as np

from gan_bench.metrics import Sets

FACTS = {
    "paper": "Srivastava et al. 2017, VEEGAN, section 4 (arXiv:1705.07761); Lin et al. 2018, PacGAN, section 4 "
    "(arXiv:1712.04086)",
    "settings": {},
    "deviations": [
        "The divergence is taken against the shares of the modes in the real images, not against equal ones; "
        "samples in no "
        "mode are left out of it.",
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
    """Values from modes (N,), -1 for samples in no mode.

    modes_captured: modes with at least one sample.
    high_quality: share of samples in some mode.
    kl_modes: sum of p log(p / q) over modes ("reverse KL" in PacGAN), p the shares among samples in a mode, q those of
        the real images. A mode with samples but no real image has the q of half an image. If no sample is in a mode, it
        is log(n) of the real images: its value if all samples were in a mode of one image.
    top_share: share of the largest mode among all samples. It has no direction, since samples in no mode lower it too.
    """
    real, fake = sets.real, sets.fake
    assert real.modes is not None and fake.modes is not None
    counts = np.bincount(fake.modes[fake.modes >= 0], minlength=fake.n_modes)
    shares = np.bincount(real.modes[real.modes >= 0], minlength=fake.n_modes).astype(np.float64)
    inside = int(counts.sum())
    return {
        "modes_captured": float((counts > 0).sum()),
        "high_quality": inside / len(fake),
        "kl_modes": divergence(counts, shares) if inside else float(np.log(max(2, shares.sum()))),
        "top_share": float(counts.max()) / len(fake),
    }


def divergence(counts: np.ndarray, reference: np.ndarray) -> float:
    """KL of the shares of `counts` (K,) from those of `reference` (K,), in nats; a 0 in the reference counts 1/2."""
    filled = np.where((reference == 0) & (counts > 0), 0.5, reference)
    p, q = counts / counts.sum(), filled / filled.sum()
    some = p > 0
    return float((p[some] * np.log(p[some] / q[some])).sum())
