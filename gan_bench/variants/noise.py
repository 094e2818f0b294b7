"""Uniform noise in the place of samples."""

FACTS = {
    "paper": "none: a calibration row",
    "equation": "none",
    "deviations": [],
    "group": "calibration",
    "set": {
        "method": "noise",
    },
}
