"""VAE-GAN: an autoencoder that compares images in a discriminator's features."""

FACTS = {
    "paper": "Larsen, Sonderby, Larochelle & Winther 2016, Autoencoding beyond pixels using a learned similarity "
    "metric (arXiv:1512.09300)",
    "equation": "Algorithm 1",
    "deviations": [
        "DCGAN's pair at the size of the images; RMSprop at the paper's 3e-4.",
        "D's loss on reconstructions and samples, and G's, are means over both; Algorithm 1 sums the two terms "
        "(method vae_gan says why).",
        "Stands with the baselines although a discriminator takes part: its likelihood term trains the generator too.",
    ],
    "group": "not adversarial",
    "set": {
        "method": "vae_gan",
        "model": "dcgan",
        "loss": "non_saturating",
        "g_optimizer": {"name": "rmsprop", "lr": 0.0003},
        "d_optimizer": {"name": "rmsprop", "lr": 0.0003},
        "batch_size": 64,
    },
}
