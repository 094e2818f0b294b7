"""DCGAN: convolutional networks with batch norm in G and D."""

FACTS = {
    "paper": "Radford, Metz & Chintala 2016, Unsupervised Representation Learning with Deep Convolutional "
    "Generative Adversarial Networks (arXiv:1511.06434)",
    "equation": "sections 3 and 4",
    "deviations": ["Width 64, as in most implementations; figure 1 of the paper has 128."],
    "group": "classic",
    "set": {
        "model": "dcgan",
        "loss": "non_saturating",
        "tricks": [{"name": "latent_law", "law": "uniform"}],
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 128,
    },
}
