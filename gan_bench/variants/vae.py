"""Variational autoencoder with cross-entropy as the reconstruction loss."""

FACTS = {
    "paper": "Kingma & Welling 2014, Auto-Encoding Variational Bayes (arXiv:1312.6114)",
    "equation": "equation 10 and appendix C.1",
    "deviations": ["The networks are those of the comparison by Lucic et al. 2018."],
    "group": "not adversarial",
    "set": {
        "method": {"name": "vae", "likelihood": "bernoulli"},
        "model": {"name": "infogan_net", "latent_dim": 64, "d_norm": "none"},
        "g_optimizer": {"name": "adam", "lr": 0.001, "beta1": 0.9, "beta2": 0.999},
        "batch_size": 64,
    },
}
