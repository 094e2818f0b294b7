"""The original GAN as in the paper's Algorithm 1: k discriminator steps, then G minimises log(1 - D(G(z)))."""

FACTS = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks (arXiv:1406.2661)",
    "equation": "equation 1 and Algorithm 1 (k = 1 in the paper's experiments)",
    "deviations": [
        "Adam in place of the authors' SGD with momentum, decaying rate and dropout.",
        "k is the setting d_steps.",
        "Steps are those of Algorithm 1; the authors' code draws one minibatch of latents and updates both players at "
        "once.",
    ],
    "group": "classic",
    "set": {
        "model": "gan_mlp",
        "loss": "minimax",
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "d_steps": 1,
        "batch_size": 100,
    },
}
