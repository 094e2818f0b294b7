"""BEGAN: D is an autoencoder, and its errors on real and generated images are balanced."""

FACTS = {
    "paper": "Berthelot, Schumm & Metz 2017, BEGAN: Boundary Equilibrium Generative Adversarial Networks "
    "(arXiv:1703.10717)",
    "equation": "section 3.4",
    "deviations": [
        "Width 32; the paper has 64 or 128 for faces of 64 and 128 pixels.",
        "The learning rate is constant; the paper halves it when its convergence measure stalls.",
    ],
    "group": "extension",
    "set": {
        "model": {"name": "began_net", "width": 32},
        "loss": "began",
        "tricks": [{"name": "latent_law", "law": "uniform"}],
        "optimizer": {"name": "adam", "lr": 0.0001, "beta1": 0.5, "beta2": 0.999},
        "batch_size": 16,
    },
}
