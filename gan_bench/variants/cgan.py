"""Conditional GAN: both players get the class as input."""

FACTS = {
    "paper": "Mirza & Osindero 2014, Conditional Generative Adversarial Nets (arXiv:1411.1784)",
    "equation": "equation 2",
    "deviations": [
        "DCGAN's networks in place of the paper's perceptrons; the class is appended to z and is given to D as "
        "constant planes. The paper's perceptrons are the model cgan_mlp; with Adam and without the paper's dropout, "
        "each of its classes collapses to one picture.",
        "Adam in place of SGD with momentum and decaying rate; minibatches of 128, in the paper 100.",
        "Noise is uniform in [-1, 1); in the paper it is uniform in the unit hypercube.",
        "G's loss is non-saturating.",
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
