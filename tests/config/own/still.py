"""A user's method that trains nothing."""

FACTS = {"paper": "none", "settings": {"k": {"type": "int", "default": 1}}, "deviations": [], "uses": []}
