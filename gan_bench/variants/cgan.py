"""Conditional GAN: both players are told the class."""

FACTS = {
    "paper": "Mirza & Osindero 2014, Conditional Generative Adversarial Nets (arXiv:1411.1784)",
    "equation": "equation 2; networks of section 4.1",
    "deviations": [
        "Adam in place of SGD with momentum and decaying rate, and no dropout.",
        "G's loss is the non-saturating one.",
    ],
    "group": "classic",
    "set": {
        "model": "cgan_mlp",
        "loss": "non_saturating",
        "tricks": ["labels", {"name": "latent_law", "law": "uniform"}],
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 100,
    },
}
