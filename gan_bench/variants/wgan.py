"""WGAN: a critic with clipped weights, and five critic steps for most generator steps."""

FACTS = {
    "paper": "Arjovsky, Chintala & Bottou 2017, Wasserstein GAN (arXiv:1701.07875)",
    "equation": "Algorithm 1",
    "deviations": [
        "As in the authors' code, the first 25 generator steps and every 500th have 100 critic steps each.",
        "As in the authors' code, DCGAN's networks with batch norm in the critic.",
    ],
    "group": "classic",
    "set": {
        "model": "dcgan",
        "loss": "wasserstein",
        "penalty": {"name": "weight_clipping", "clip": 0.01},
        "tricks": ["d_steps_schedule"],
        "optimizer": {"name": "rmsprop", "lr": 5e-05},
        "d_steps": 5,
        "batch_size": 64,
    },
}
