"""Held-out real images in the place of samples."""

FACTS = {
    "paper": "none: a calibration row",
    "equation": "none",
    "deviations": [],
    "group": "calibration",
    "set": {
        "method": "real_test",
    },
}
