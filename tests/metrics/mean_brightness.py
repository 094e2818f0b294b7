"""Mean brightness of the generated images, divided by that of the real images."""

FACTS = {
    "paper": "none: an example of a metric that reads the images themselves",
    "settings": {},
    "deviations": [],
    "needs": ["images"],
    "values": {"brightness": {"label": "Brightness, over real", "direction": "none", "range": [0.0, None]}},
    "min_n": 1,
    "estimator": "ratio of means over all pixels",
}


def compute(sets, settings, rng):
    return {"brightness": float(sets.fake.images.mean() / sets.real.images.mean())}
