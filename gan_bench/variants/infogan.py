"""InfoGAN: z contains codes, and D learns to predict them from the generated image."""

FACTS = {
    "paper": "Chen et al. 2016, InfoGAN: Interpretable Representation Learning by Information Maximizing "
    "Generative Adversarial Nets (arXiv:1606.03657)",
    "equation": "equation 6, appendix C.1 (MNIST), and the authors' code for MNIST (openai/InfoGAN): 62 numbers of "
    "noise in U(-1, 1), one code of 10 categories, two continuous codes, weight 1 for all of them",
    "deviations": [
        "D's LeakyReLU has the slope 0.2 (Lucic et al. 2018); the appendix has 0.1.",
    ],
    "group": "extension",
    "set": {
        "model": {"name": "infogan_net", "latent_dim": 62},
        "loss": "non_saturating",
        "tricks": [
            {"name": "mutual_information", "categories": 10, "continuous": 2, "weight": 1.0, "continuous_weight": 1.0},
            {"name": "latent_law", "law": "uniform"},
        ],
        "g_optimizer": {"name": "adam", "lr": 0.001, "beta1": 0.5, "beta2": 0.999},
        "d_optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 128,
    },
}
