"""Unrolled GAN: G's loss is computed with the D that five further D steps would give."""

FACTS = {
    "paper": "Metz, Poole, Pfau & Sohl-Dickstein 2017, Unrolled Generative Adversarial Networks (arXiv:1611.02163)",
    "equation": "section 2.2",
    "deviations": [
        "Learning rates, minibatch size (512) and latent dimension (256) are those of the authors' notebook for 2-D "
        "mixtures (poolio/unrolled_gan). Perceptrons replace the paper's networks for images, so that a run is short.",
        "G minimises the non-saturating loss on generated images; in the notebook G maximises D's whole loss.",
        "The notebook has two layers of 128 tanh units with orthogonal initial weights.",
    ],
    "group": "extension",
    "set": {
        "method": {"name": "unrolled", "steps": 5},
        "model": {"name": "mlp", "latent_dim": 256},
        "loss": "non_saturating",
        "g_optimizer": {"name": "adam", "lr": 0.001, "beta1": 0.5, "beta2": 0.999},
        "d_optimizer": {"name": "adam", "lr": 0.0001, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 512,
    },
}
