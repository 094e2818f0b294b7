"""Checks of the FACTS of metrics, made before any training.

`FACTS` is the dictionary in which the file of a component declares its settings and properties.
"""

from collections.abc import Iterator
from typing import Any

from gan_bench.config.grammar.reference import Ref
from gan_bench.errors import unknown_name
from gan_bench.registry import component

#: Entry of "needs" in the FACTS of a metric -> words for the need.
METRIC_NEEDS = {
    "features": "any extractor",
    "images": "the images themselves",
    "log_probs": "an extractor with class probabilities",
    "modes": "an extractor that knows the modes of the data",
    "train": "the training images",
    "run": "a trained run",
}

#: Keys of FACTS that scoring reads, with an example of each.
KEYS = {
    "needs": '["features"]',
    "values": '{"name": {"label": "Name", "direction": "lower", "range": [0.0, None]}}',
    "min_n": "2",
    "estimator": '"V-statistic"',
}
VALUE_KEYS = ("label", "direction", "range")
#: Valid values of "direction" and "scale" in the FACTS on a metric value.
DIRECTIONS, SCALES = ("lower", "higher", "half", "none"), ("log", "logit", "identity")


def metric_mistakes(metrics: list[Ref]) -> Iterator[str]:
    """Yield a sentence for each mistake in the FACTS of the metrics."""
    for ref in metrics:
        declared = component("metrics", ref["name"])
        yield from (f"{declared.file.name}: {text}" for text in _mistakes(declared.facts))


def _mistakes(facts: Any) -> Iterator[str]:
    for key, example in KEYS.items():
        if not facts.get(key):
            problem = f"FACTS[{key!r}] is {facts[key]!r}" if key in facts else f"FACTS lacks {key!r}"
            yield f"{problem}; a valid example: {example}."
    for need in facts.get("needs", ()):
        if need not in METRIC_NEEDS:
            yield f"FACTS['needs']: {unknown_name('need', str(need), list(METRIC_NEEDS))}"
    for name, value in facts.get("values", {}).items():
        for key in VALUE_KEYS:
            if key not in value:
                yield f"FACTS['values'][{name!r}] lacks {key!r}."
        for key, valid in (("direction", DIRECTIONS), ("scale", SCALES)):
            if value.get(key) is not None and value[key] not in valid:
                yield f"FACTS['values'][{name!r}]: {unknown_name(key, value[key], list(valid))}"
        if "range" in value and not _is_range(value["range"]):
            yield f"FACTS['values'][{name!r}]: 'range' is {value['range']!r}; valid: [low, high], with None for no end."


def _is_range(ends: Any) -> bool:
    """Whether `ends` is [low, high] with low < high; None stands for no end."""
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        return False
    if not all(end is None or (isinstance(end, int | float) and not isinstance(end, bool)) for end in ends):
        return False
    return None in ends or bool(ends[0] < ends[1])
