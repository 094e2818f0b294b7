"""Non-saturating loss with R1, a zero-centred gradient penalty on real images; samples use averaged weights of G."""

FACTS = {
    "paper": "Mescheder, Geiger & Nowozin 2018, Which Training Methods for GANs do actually Converge? "
    "(arXiv:1801.04406)",
    "equation": "equations 1 and 9",
    "deviations": ["DCGAN's networks in place of residual networks."],
    "group": "extension",
    "set": {
        "model": {"name": "dcgan", "d_norm": "none", "latent_dim": 256},
        "loss": "non_saturating",
        "penalty": {"name": "r1", "gamma": 10.0},
        "optimizer": {"name": "rmsprop", "lr": 0.0001},
        "batch_size": 64,
        "ema": 0.999,
    },
}
