"""DRAGAN: a penalty on the gradient norm of D around real images, with target 1."""

FACTS = {
    "paper": "Kodali et al. 2017, On Convergence and Stability of GANs (arXiv:1705.07215)",
    "equation": "section 2.3, Algorithm 1",
    "deviations": ["No batch norm in D, because the penalty needs logits that depend on one image each."],
    "group": "extension",
    "set": {
        "model": {"name": "dcgan", "d_norm": "none"},
        "loss": "non_saturating",
        "penalty": "dragan",
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 64,
    },
}
