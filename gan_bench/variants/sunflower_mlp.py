"""The sunflower experiment at its baseline: perceptrons, plain SGD, rate 0.01 for both players, shared latents."""

FACTS = {
    "paper": "Goodfellow et al. 2014 (arXiv:1406.2661), as in the original sunflower experiment on 64 x 64 grey "
    "photographs",
    "equation": "equation 1 and section 3",
    "deviations": [
        "Any image shape; the experiment's is 64 x 64 in grey.",
        "The experiment trains for 100 epochs at the rate 0.01, and at 0.05, 0.1, 0.2 and 0.25 in its sweeps; the "
        "budget is the study's.",
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
