"""The sunflower experiment: perceptrons, plain SGD, one learning rate for both players."""

FACTS = {
    "paper": "Goodfellow et al. 2014 (arXiv:1406.2661), as in the original sunflower experiment on 64 x 64 grey "
    "photographs",
    "equation": "equation 1 and section 3",
    "deviations": ["Any image shape; the experiment's is 64 x 64 in grey."],
    "group": "classic",
    "set": {
        "model": "mlp",
        "loss": "non_saturating",
        "optimizer": {"name": "sgd", "lr": 0.1},
        "batch_size": 64,
    },
}
