"""Writes config/reference.md, with all keys of a study and all components, from the types and the components' FACTS."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gan_bench import registry
from gan_bench.config.document.schema import setting_schema, study_definitions
from gan_bench.config.grammar.component_settings import MAX_INT
from gan_bench.config.grammar.flow import flow, preset_text
from gan_bench.config.grammar.reference import PLACEHOLDER

INTRODUCTION = """# Keys of a study, and components

Written by `python -m gan_bench.config.document`; [README.md](README.md) says how a study is written.
"""

SECTIONS = (
    ("StudyFile", "Keys of a study"),
    ("Variant", "Keys of an item of `variants`"),
    ("PresetVariant", "Keys of an item of `variants` with a preset"),
    ("ContinuedVariant", "Keys of an item of `variants` that continues another"),
    ("Continuation", "Keys of `continue_from`"),
    ("EarlyStop", "Keys of `early_stop`"),
    ("Rewind", "Keys of `rewind_on_collapse`"),
    ("Then", "Keys of `then`"),
    ("Override", "Keys of an item of `overrides`"),
    ("When", "Keys of `when`"),
    ("Change", "Keys of `set`"),
    ("Budget", "Keys of `budget`"),
    ("Evaluation", "Keys of `evaluation`"),
    ("Search", "Keys of `search`"),
    ("Range", "Keys of a range in `search.over`"),
)

AXIS_TITLES = {
    "data": "Data sets (`datasets`)",
    "variants": "Presets (`variants`)",
    "methods": "Methods (`method`)",
    "models": "Models (`model`)",
    "losses": "Losses (`loss`)",
    "penalties": "Penalties (`penalty`)",
    "tricks": "Tricks (`tricks`)",
    "optimizers": "Optimizers (`optimizer`, `g_optimizer`, `d_optimizer`)",
    "features": "Feature spaces (`evaluation.extractor`)",
    "metrics": "Metrics (`evaluation.metrics`)",
    "figures": "Figures (`figures`)",
}

OVERRIDES = """An override changes settings of the runs that agree with every key of its `when`; a key may list several
names. `when` looks at the runs as `variants` made them, so overrides never hide one another; where two set the same
thing the later one wins. In `set`, a component's mapping without `name` changes settings of the component that is
there; with `name` it replaces the component, and `tricks` replace all tricks. A key that a run's method has no use for
is left out in that run.
"""


def reference_text() -> str:
    """Content of config/reference.md."""
    parts = [INTRODUCTION]
    definitions = study_definitions()
    for name, title in SECTIONS:
        definition = definitions[name]
        parts.append(f"## {title}\n")
        text = OVERRIDES if name == "Override" else definition.get("description", "") + "\n"
        parts.append(text)
        parts.append(_table(definition["properties"], set(definition.get("required", ()))))
    for axis, title in AXIS_TITLES.items():
        parts.append(f"## {title}\n")
        parts.append("\n".join(_axis_lines(axis)) + "\n")
    return "\n".join(parts)


def _axis_lines(axis: str) -> Iterator[str]:
    """Yield an item for each component, with a table of its settings."""
    components = registry.components(axis)
    if axis == "variants":
        yield "\n".join(f"- **{c.name}** ({c.facts['group']}): {c.summary} `{preset_text(c)}`" for c in components)
        return
    without = [component for component in components if not component.settings]
    for component in components:
        if component.settings:
            settings = {name: setting_schema(setting) for name, setting in component.settings.items()}
            required = {name for name, setting in component.settings.items() if setting.required}
            yield f"**{component.name}**: {component.summary}\n\n{_table(settings, required)}"
    if without:
        yield "\n".join(f"- **{component.name}** (no settings): {component.summary}" for component in without)


def _table(properties: Mapping[str, Mapping[str, Any]], required: set[str]) -> str:
    lines = ["| key | value | default | meaning |", "|---|---|---|---|"]
    for key, schema in properties.items():
        unit = f" ({schema['unit']})" if "unit" in schema else ""
        default = "required" if key in required else _default(schema)
        cells = (f"`{key}`", _words(schema) + unit, default, str(schema.get("description", "")))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _default(schema: Mapping[str, Any]) -> str:
    """A default as a user could write it in a study."""
    if "default" not in schema:
        return ""
    default = schema["default"]
    if isinstance(default, list) and len(default) == 1:
        default = default[0]
    return f"`{flow(default)}`"


def _words(schema: Mapping[str, Any]) -> str:
    """A schema in words: "whole number, 1 or more"."""
    if PLACEHOLDER in schema:
        return _link(schema[PLACEHOLDER], AXIS_TITLES[schema[PLACEHOLDER]])
    if "$ref" in schema:
        return _link("mapping", dict(SECTIONS)[schema["$ref"].rsplit("/", 1)[1]])
    if "anyOf" in schema:
        return _alternatives(schema["anyOf"])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ", ".join(f"`{json.dumps(value)}`".replace('"', "") for value in values)
    if schema.get("type") == "array":
        return "list: " + _words(schema["items"])
    words = {"integer": "whole number", "number": "number", "string": "text", "boolean": "`true`, `false`"}
    words["object"] = "mapping"
    return words[schema["type"]] + _limits(schema) if "type" in schema else "any value"


def _alternatives(options: list[Mapping[str, Any]]) -> str:
    if len(options) == 3 and options[2].get("items") == options[1]:
        return f"{_words(options[0])}, a list, or a list of lists"
    single, listed = options[0], options[-1]
    if listed.get("type") == "array" and listed.get("items") == single:
        return f"{_words(single)}, or a list"
    return " or ".join("`null`" if option.get("type") == "null" else _words(option) for option in options)


def _limits(schema: Mapping[str, Any]) -> str:
    low, high = (_bound(schema.get(key)) for key in ("minimum", "maximum"))
    above, below = (_bound(schema.get(key)) for key in ("exclusiveMinimum", "exclusiveMaximum"))
    if low and high:
        return f", {low} to {high}"
    parts = [
        low and f"{low} or more",
        high and f"{high} or less",
        above and f"above {above}",
        below and f"below {below}",
    ]
    return "".join(f", {part}" for part in parts if part)


def _bound(value: float | None) -> str:
    """A limit as text; empty if it is only the limit of exact integers in JSON."""
    return "" if value is None or abs(value) >= MAX_INT else f"{value:,.15g}".replace(",", " ")


def _link(text: str, title: str) -> str:
    anchor = "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c in "-_")
    return f"[{text}](#{anchor})"
