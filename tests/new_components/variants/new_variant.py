"""A total variation GAN with a drift penalty."""

FACTS = {
    "paper": "Nowozin, Cseke & Tomioka 2016, f-GAN, table 6 (arXiv:1606.00709)",
    "equation": "table 6, row 'Total variation'",
    "deviations": [],
    "group": "extension",
    "set": {
        "model": "new_model",
        "loss": "new_loss",
        "penalty": "new_penalty",
        "optimizer": "new_optimizer",
        "tricks": ["new_trick"],
    },
}
