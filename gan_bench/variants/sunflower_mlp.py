"""Baseline of the sunflower experiment (64 x 64 grey photographs): perceptrons, SGD at 0.01, same z for D and G."""

FACTS = {
    "paper": "Goodfellow et al. 2014 (arXiv:1406.2661), as in the original sunflower experiment on 64 x 64 grey "
    "photographs",
    "equation": "equation 1 and section 3",
    "deviations": [
        "Images may have any shape; in the experiment they are 64 x 64 in grey.",
        "The budget is set by the study; the experiment trains for 100 epochs at the rate 0.01, and in its sweeps at "
        "0.05, 0.1, 0.2 and 0.25.",
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
