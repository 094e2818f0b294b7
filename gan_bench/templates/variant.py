"""A small DCGAN with the R1 penalty and differentiable augmentation."""

FACTS = {
    "paper": "Mescheder, Geiger & Nowozin 2018, Which Training Methods for GANs do actually Converge?, equation 9 "
    "(arXiv:1801.04406); Zhao et al. 2020, Differentiable Augmentation (arXiv:2006.10738)",
    "equation": "equation 9",
    "deviations": [],
    "group": "extension",
    "set": {
        "model": {"name": "dcgan", "width": 16, "d_norm": "none"},
        "loss": "non_saturating",
        "penalty": "r1",
        "optimizer": {"name": "adam", "lr": 1e-3, "beta1": 0.0, "beta2": 0.99},
        "tricks": ["diff_augment"],
    },
}
