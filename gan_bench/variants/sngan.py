"""SNGAN: spectral norm in every layer of D, hinge loss, Adam 2e-4 with beta1 0.5."""

FACTS = {
    "paper": "Miyato et al. 2018, Spectral Normalization for Generative Adversarial Networks (arXiv:1802.05957)",
    "equation": "equations 8, 16 and 17; Algorithm 1; setting with n_dis = 1 of the paper's study",
    "deviations": [
        "Only the paper's setting C is used (n_dis = 1, beta1 = 0.5, beta2 = 0.999); the paper also reports n_dis = 5."
    ],
    "group": "extension",
    "set": {
        "model": "sndcgan",
        "loss": "hinge",
        "tricks": ["spectral_norm"],
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "d_steps": 1,
        "batch_size": 64,
    },
}
