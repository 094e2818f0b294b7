"""No penalty: D minimises only its loss."""

FACTS = {
    "paper": "Goodfellow et al. 2014, Generative Adversarial Networks, Algorithm 1 (arXiv:1406.2661)",
    "settings": {},
    "deviations": [],
    "per_sample_critic": False,
}
