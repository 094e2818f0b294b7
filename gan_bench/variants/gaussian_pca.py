"""Calibration: samples of a normal distribution that is fitted to the pixels."""

FACTS = {
    "paper": "Tipping & Bishop 1999, Probabilistic Principal Component Analysis, JRSS B 61(3)",
    "equation": "mean and leading principal axes",
    "deviations": [],
    "group": "calibration",
    "set": {
        "method": "gaussian_pca",
    },
}
