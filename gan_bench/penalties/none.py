"""No penalty: the discriminator is left as its loss trains it."""

FACTS = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks, Algorithm 1 (arXiv:1406.2661)",
    "settings": {},
    "deviations": [],
    "per_sample_critic": False,
}
