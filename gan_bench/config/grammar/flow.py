"""Formats values of a study as one line of YAML."""

import json
from collections.abc import Mapping
from typing import Any

from gan_bench.registry import Component


def flow(value: Any) -> str:
    """A value in YAML's flow style, such as {name: adam, lr: 0.0002}."""
    if isinstance(value, Mapping):
        return "{" + pairs(value) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return value if isinstance(value, str) and value else json.dumps(value)


def pairs(values: Mapping[str, Any]) -> str:
    """A mapping in flow style without braces, such as model: dcgan, ema: 0.999."""
    return ", ".join(f"{key}: {flow(value)}" for key, value in values.items())


def preset_text(preset: Component) -> str:
    """The settings of a preset, on one line."""
    return pairs(preset.facts.get("set", {}))
