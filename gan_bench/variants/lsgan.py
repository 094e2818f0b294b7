"""LSGAN: D's targets are 0 for generated and 1 for real images; G aims at 1."""

FACTS = {
    "paper": "Mao et al. 2017, Least Squares Generative Adversarial Networks (arXiv:1611.04076)",
    "equation": "equation 9 (a = 0, b = c = 1)",
    "deviations": [
        "DCGAN's networks for the size of the images; the paper's are for 112 pixels, with z of 1024 numbers.",
        "The loss is a mean over the minibatch; in the authors' code it is a sum.",
        "The learning rate is that of the paper's 28-pixel experiment (2e-4).",
    ],
    "group": "classic",
    "set": {
        "model": "dcgan",
        "loss": {"name": "least_squares", "a": 0.0, "b": 1.0, "c": 1.0},
        "tricks": [{"name": "latent_law", "law": "uniform"}],
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 64,
    },
}
