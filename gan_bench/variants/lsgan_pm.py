"""LSGAN with the codes -1 for generated, 1 for real, and 0 for G's aim, which minimises Pearson's chi-squared."""

FACTS = {
    "paper": "Mao et al. 2017, Least Squares Generative Adversarial Networks (arXiv:1611.04076)",
    "equation": "equation 8 (a = -1, b = 1, c = 0)",
    "deviations": [
        "The pair is DCGAN's at the size of the images; the paper's is for 112 pixels with z of 1024.",
        "Means over a minibatch, where the authors' code has sums; learning rate of the paper's 28-pixel experiment "
        "(2e-4).",
    ],
    "group": "classic",
    "set": {
        "model": "dcgan",
        "loss": {"name": "least_squares", "a": -1.0, "b": 1.0, "c": 0.0},
        "tricks": [{"name": "latent_law", "law": "uniform"}],
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 64,
    },
}
