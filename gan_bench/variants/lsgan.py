"""LSGAN with the codes 0 for generated, 1 for real, and 1 for G's aim."""

FACTS = {
    "paper": "Mao et al. 2017, Least Squares Generative Adversarial Networks (arXiv:1611.04076)",
    "equation": "equation 9 (a = 0, b = c = 1)",
    "deviations": [
        "The pair is DCGAN's at the size of the images; the paper's is for 112 pixels with z of 1024.",
        "Means over a minibatch, where the authors' code has sums.",
        "Learning rate of the paper's 28-pixel experiment (2e-4).",
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
