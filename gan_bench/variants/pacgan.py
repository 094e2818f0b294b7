"""PacGAN: D judges m images together."""

FACTS = {
    "paper": "Lin, Khetan, Fanti & Oh 2018, PacGAN: The power of two samples in generative adversarial networks "
    "(arXiv:1712.04086)",
    "equation": "section 2",
    "deviations": [
        "A minibatch of 128 images gives 64 packs, the number of packs in the authors' code.",
        "One G step for each D step; the authors' code for stacked MNIST makes two.",
    ],
    "group": "extension",
    "set": {
        "model": "dcgan",
        "loss": "non_saturating",
        "tricks": [{"name": "packing", "m": 2}, {"name": "latent_law", "law": "uniform"}],
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 128,
    },
}
