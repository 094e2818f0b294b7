"""Variational autoencoder with normally distributed pixels of learnt variance."""

FACTS = {
    "paper": "Dai & Wipf 2019, Diagnosing and Enhancing VAE Models (arXiv:1903.05789)",
    "equation": "section 3",
    "deviations": ["Only the paper's first stage; the networks are those of the comparison by Lucic et al. 2018."],
    "group": "not adversarial",
    "set": {
        "method": {"name": "vae", "likelihood": "gaussian"},
        "model": {"name": "infogan_net", "latent_dim": 64, "d_norm": "none"},
        "g_optimizer": {"name": "adam", "lr": 0.001, "beta1": 0.9, "beta2": 0.999},
        "batch_size": 64,
    },
}
