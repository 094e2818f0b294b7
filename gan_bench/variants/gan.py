"""The original GAN with perceptrons and the loss of the paper's experiments, the non-saturating loss."""

FACTS = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks (arXiv:1406.2661)",
    "equation": "equation 1 and section 3: G maximises log D(G(z))",
    "deviations": [
        "Adam in place of the authors' SGD with momentum, decaying rate and dropout, so a short training suffices.",
        "As in Algorithm 1, one step of D, then one step of G, with different latents; the authors' code draws one "
        "minibatch of latents and updates both players at once.",
    ],
    "group": "classic",
    "set": {
        "model": "gan_mlp",
        "loss": "non_saturating",
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 100,
    },
}
