"""InfoGAN: codes that can be predicted from the image."""

FACTS = {
    "paper": "Chen et al. 2016, InfoGAN: Interpretable Representation Learning by Information Maximizing "
    "Generative Adversarial Nets (arXiv:1606.03657)",
    "equation": "equation 6, appendix C.1",
    "deviations": [
        "62 numbers of noise U(-1, 1), one code of 10 categories and two continuous ones, all terms of weight 1, as "
        "in the authors' code for MNIST (openai/InfoGAN).",
    ],
    "group": "extension",
    "set": {
        "model": {"name": "infogan_net", "latent_dim": 62},
        "loss": "non_saturating",
        "tricks": [
            {"name": "latent_law", "law": "uniform"},
            {"name": "mutual_information", "continuous_weight": 1.0},
        ],
        "g_optimizer": {"name": "adam", "lr": 0.001, "beta1": 0.5, "beta2": 0.999},
        "d_optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 128,
    },
}
