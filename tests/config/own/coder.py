"""A user's method without a discriminator."""

FACTS = {
    "paper": "none",
    "settings": {"depth": {"type": "int", "default": 2, "min": 1}},
    "deviations": [],
    "uses": ["model", "g_optimizer", "batch_size", "budget", "log_points", "snapshots"],
}
