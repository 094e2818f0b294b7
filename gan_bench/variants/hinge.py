"""Hinge loss with DCGAN's networks, without a constraint on D."""

FACTS = {
    "paper": "Lim & Ye 2017, Geometric GAN (arXiv:1705.02894)",
    "equation": "section 4",
    "deviations": ["The networks, the optimizer and its settings are DCGAN's."],
    "group": "extension",
    "set": {
        "model": "dcgan",
        "loss": "hinge",
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 64,
    },
}
