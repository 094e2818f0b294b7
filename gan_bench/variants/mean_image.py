"""The mean training image in the place of samples."""

FACTS = {
    "paper": "none: a calibration row",
    "equation": "none",
    "deviations": [],
    "group": "calibration",
    "set": {
        "method": "mean_image",
    },
}
