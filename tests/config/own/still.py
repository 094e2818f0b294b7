"""A method of the user's own that trains nothing."""

FACTS = {"paper": "none", "settings": {"k": {"type": "int", "default": 1}}, "deviations": [], "uses": []}
