"""The sunflower experiment: perceptrons, plain SGD, one learning rate for both players."""

FACTS = {
    "paper": "Goodfellow et al. 2014 (arXiv:1406.2661), as in the original sunflower experiment on 64 x 64 grey "
    "photographs",
    "equation": "equation 1 and section 3",
    "deviations": [
        "Any image shape; the experiment's is 64 x 64 in grey.",
        "The rate is the experiment's baseline, 0.01; its sweeps go up to 0.25.",
    ],
    "group": "classic",
    "set": {
        "model": {"name": "mlp", "init": "normal_001"},
        "loss": "non_saturating",
        "tricks": ["shared_latents"],
        "optimizer": {"name": "sgd", "lr": 0.01},
        "batch_size": 64,
    },
}
