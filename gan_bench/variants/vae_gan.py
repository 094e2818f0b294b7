"""VAE-GAN: an autoencoder whose reconstruction error is measured in a discriminator's features."""

FACTS = {
    "paper": "Larsen, Sonderby, Larochelle & Winther 2016, Autoencoding beyond pixels using a learned similarity "
    "metric (arXiv:1512.09300)",
    "equation": "Algorithm 1",
    "deviations": [
        "DCGAN's networks for the size of the images; RMSprop with the paper's learning rate 3e-4.",
        "The losses of D and G are means over reconstructions and samples; Algorithm 1 sums the two terms (the method "
        "vae_gan states the reason).",
        "It is in the group of methods that are not adversarial, although it has a discriminator, because its "
        "likelihood term also trains the generator.",
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
