"""A user's preset."""

FACTS = {
    "paper": "none",
    "equation": "none",
    "deviations": [],
    "group": "classic",
    "settings": {},
    "set": {
        "model": {"name": "mlp", "latent_dim": 8},
        "loss": "least_squares",
        "tricks": [{"name": "input_noise", "sd": 0.2}, "flips"],
        "g_optimizer": {"name": "adam", "lr": 1e-3},
        "d_optimizer": "sgd",
        "batch_size": 32,
        "ema": 0.9,
    },
}
