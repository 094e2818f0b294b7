"""Conditional GAN: both players get the class as input."""

FACTS = {
    "paper": "Mirza & Osindero 2014, Conditional Generative Adversarial Nets (arXiv:1411.1784)",
    "equation": "equation 2",
    "deviations": [
        "DCGAN's pair, with the class as further numbers of z and as planes of D's input, in place of the paper's "
        "perceptrons. Those are the model cgan_mlp: trained with Adam and without the paper's dropout, its classes "
        "collapse to a picture each.",
        "Adam in place of SGD with momentum and decaying rate; minibatches of 128 where the paper has 100.",
        "Noise is uniform in [-1, 1); the paper's is uniform in the unit hypercube.",
        "G's loss is the non-saturating one.",
    ],
    "group": "classic",
    "set": {
        "model": "dcgan",
        "loss": "non_saturating",
        "tricks": ["labels", {"name": "latent_law", "law": "uniform"}],
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 128,
    },
}
