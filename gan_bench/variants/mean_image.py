"""Calibration: every sample is the mean training image."""

FACTS = {
    "paper": "none: a calibration row",
    "equation": "none",
    "deviations": [],
    "group": "calibration",
    "set": {
        "method": "mean_image",
    },
}
