"""What a document holds that is given where another kind of document is expected."""

from typing import Any

#: Kind of document -> keys of which it has at least three, and what such a document is.
KINDS = {
    "a study": ({"datasets", "variants", "seeds", "budget", "evaluation"}, "a YAML file like config/studies/demo.yaml"),
    "a plan": ({"study", "cells", "datasets", "evaluation", "config_digest"}, "plan.json in the results of a study"),
    "settings": ({"dataset", "method", "model", "loss", "seed", "budget"}, "settings.json in the folder of a run"),
    "a status": ({"status", "reason", "g_steps", "sha256", "step"}, "status.json in the folder of a run"),
}


def wrong_document(document: Any, expected: str) -> str:
    """Sentence on a document of another kind than `expected`, a key of KINDS; "" where it may be of that kind."""
    if not isinstance(document, dict):
        return ""
    number = {kind: len(keys & set(document)) for kind, (keys, _) in KINDS.items()}
    kind = max(number, key=lambda name: (number[name], name == expected))
    if kind == expected or number[kind] < 3:
        return ""
    return f"{kind} given for {expected}; {expected} is {KINDS[expected][1]}.".replace("settings is", "settings are")
