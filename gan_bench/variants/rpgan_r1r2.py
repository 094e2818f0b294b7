"""Relativistic pairing loss with R1 and R2: the loss of the "modern baseline" (R3GAN)."""

FACTS = {
    "paper": "Huang et al. 2024, The GAN is dead; long live the GAN! A Modern GAN Baseline (arXiv:2501.05441)",
    "equation": "section 2",
    "deviations": [
        "DCGAN's networks in place of the paper's residual networks, for which the paper's schedule and gamma were "
        "chosen.",
        "gamma is 1, which is not a value of the paper.",
    ],
    "group": "extension",
    "set": {
        "model": {"name": "dcgan", "d_norm": "none"},
        "loss": "relativistic",
        "penalty": {"name": "r1_r2", "gamma": 1.0},
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.0, "beta2": 0.99},
        "batch_size": 64,
        "ema": 0.999,
    },
}
