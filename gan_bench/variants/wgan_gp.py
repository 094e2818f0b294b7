"""WGAN-GP: a penalty on the critic's gradient norm between real and generated images, with target 1."""

FACTS = {
    "paper": "Gulrajani et al. 2017, Improved Training of Wasserstein GANs (arXiv:1704.00028)",
    "equation": "equation 3 and Algorithm 1",
    "deviations": ["beta1 is 0.5 as in the authors' code for MNIST; Algorithm 1 has 0."],
    "group": "classic",
    "set": {
        "model": "wgan_gp_net",
        "loss": "wasserstein",
        "penalty": {"name": "gradient_penalty", "weight": 10.0},
        "optimizer": {"name": "adam", "lr": 0.0001, "beta1": 0.5, "beta2": 0.9},
        "d_steps": 5,
        "batch_size": 50,
    },
}
