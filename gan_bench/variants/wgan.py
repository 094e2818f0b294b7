"""WGAN: a critic with clipped weights, five steps for each of G's after a warm-up."""

FACTS = {
    "paper": "Arjovsky, Chintala & Bottou 2017, Wasserstein GAN (arXiv:1701.07875)",
    "equation": "Algorithm 1",
    "deviations": [
        "The warm-up (100 critic steps in the first 25 generator steps and in every 500th) is the authors' code's.",
        "DCGAN's pair with batch norm in the critic, as in the authors' code.",
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
