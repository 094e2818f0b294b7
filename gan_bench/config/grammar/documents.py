"""Recognises a document of the wrong kind, such as a plan where a study is expected."""

from typing import Any

#: Kind of document -> (typical keys, description). A document is of the kind of which it has the most keys, if these
#: are at least three.
KINDS = {
    "a study": ({"datasets", "variants", "seeds", "budget", "evaluation"}, "a YAML file like config/studies/demo.yaml"),
    "a plan": ({"study", "cells", "datasets", "evaluation", "config_digest"}, "plan.json in the results of a study"),
    "settings": ({"dataset", "method", "model", "loss", "seed", "budget"}, "settings.json in the folder of a run"),
    "a status": ({"status", "reason", "g_steps", "sha256", "step"}, "status.json in the folder of a run"),
}


def wrong_document(document: Any, expected: str) -> str:
    """A sentence if `document` is of another kind than `expected` (a key of KINDS), else ""."""
    if not isinstance(document, dict):
        return ""
    number = {kind: len(keys & set(document)) for kind, (keys, _) in KINDS.items()}
    kind = max(number, key=lambda name: (number[name], name == expected))
    if kind == expected or number[kind] < 3:
        return ""
    return f"{kind} given for {expected}; {expected} is {KINDS[expected][1]}.".replace("settings is", "settings are")
