"""Which runs may share a stack: runs that differ only in seeds and in numeric settings of their optimizers.

This module does not import torch.
"""

from collections.abc import Mapping
from typing import Any

from gan_bench import registry
from gan_bench.files import canonical_json

OPTIMIZERS = ("g_optimizer", "d_optimizer")


def stack_family(settings: Mapping[str, Any]) -> str:
    """Canonical JSON of the settings of a run or a cell, without the seed and numeric settings of its optimizers.

    This text is the family of the run. Runs with different families never share a stack. Besides the seed, only numbers
    (`lr`, `beta1`, `eps`, ...) of optimizers that declare "elementwise" are left out. An optimizer's booleans, names,
    digests and nulls are included, and so are tricks with all their settings. UserError for an optimizer that does not
    exist.
    """
    return canonical_json(_family(settings))


def difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """A key in which the families of two runs differ ("d_steps", "model.g_widths"); None if the families are equal."""
    return _differing(_family(one), _family(other))


def _family(settings: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in settings.items() if key != "seed"}
    return kept | {key: _without_numbers(kept[key]) for key in OPTIMIZERS if kept.get(key) is not None}


def _without_numbers(reference: Mapping[str, Any]) -> Mapping[str, Any]:
    if not registry.component("optimizers", reference["name"]).facts.get("elementwise"):
        return reference
    return {
        key: value for key, value in reference.items() if isinstance(value, bool) or not isinstance(value, int | float)
    }


def _differing(one: Any, other: Any) -> str | None:
    if not (isinstance(one, Mapping) and isinstance(other, Mapping)):
        return None if canonical_json(one) == canonical_json(other) else ""
    for key in sorted({*one, *other}):
        if key not in one or key not in other:
            return key
        below = _differing(one[key], other[key])
        if below is not None:
            return f"{key}.{below}" if below else key
    return None
