"""The first GAN with the loss it is trained with: perceptrons, non-saturating loss."""

FACTS = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks (arXiv:1406.2661)",
    "equation": "equation 1 and section 3: G maximises log D(G(z))",
    "deviations": [
        "Adam in place of the authors' SGD with momentum, decaying rate and dropout, so that a short run suffices.",
        "G's output biases start at 0; the authors' code starts them at the logits of each pixel's mean.",
        "The authors' code halves D's loss, and computes both losses on one batch of samples (trick shared_latents).",
    ],
    "group": "classic",
    "set": {
        "model": "gan_mlp",
        "loss": "non_saturating",
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 100,
    },
}
