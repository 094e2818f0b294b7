"""ACGAN: D also predicts the class of an image, and G generates images of a given class."""

FACTS = {
    "paper": "Odena, Olah & Shlens 2017, Conditional Image Synthesis with Auxiliary Classifier GANs (arXiv:1610.09585)",
    "equation": "equations 2 and 3",
    "deviations": ["DCGAN's networks, without the paper's dropout and noise in D."],
    "group": "extension",
    "set": {
        "model": "dcgan",
        "loss": "non_saturating",
        "tricks": ["auxiliary_classifier", {"name": "latent_law", "law": "uniform"}],
        "optimizer": {"name": "adam", "lr": 0.0002, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 100,
    },
}
