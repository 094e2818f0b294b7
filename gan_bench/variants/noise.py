"""Calibration: samples are uniform noise."""

FACTS = {
    "paper": "none: a calibration row",
    "equation": "none",
    "deviations": [],
    "group": "calibration",
    "set": {
        "method": "noise",
    },
}
