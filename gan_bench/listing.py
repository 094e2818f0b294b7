"""What `gan-bench list` prints: the components of the registry, read without importing them."""

import textwrap
from collections.abc import Iterator

from gan_bench import registry
from gan_bench.config.problems import yaml_value
from gan_bench.registry import Component, Setting

#: Where each axis is named in a study.
PLACES = {
    "data": "datasets",
    "models": "variants: model",
    "losses": "variants: loss",
    "penalties": "variants: penalty",
    "optimizers": "variants: optimizer, g_optimizer, d_optimizer",
    "features": "evaluation: extractor",
    "metrics": "evaluation: metrics",
    "figures": "figures",
}

WIDTH = 110


def listing(axis: str | None = None) -> str:
    """Components of one axis, or of all: summary, paper, what each needs or gives, and its settings with defaults.

    UserError for an axis that does not exist.
    """
    return "\n".join(line for each in ([axis] if axis else registry.AXES) for line in _axis(each))


def _axis(axis: str) -> Iterator[str]:
    found = registry.components(axis)
    yield f"{axis}  (in a study: {PLACES[axis]})"
    for component in found:
        yield f"  {component.name}"
        yield _entry("", component.summary)
        yield _entry("paper", component.paper)
        if needs := "; ".join(_needs(component)):
            yield _entry("needs", needs)
        for title in ("licence", "source"):
            if title in component.facts:
                yield _entry(title, str(component.facts[title]))
        if component.settings:
            yield _entry("settings", ", ".join(_setting(setting) for setting in component.settings.values()))
    yield ""


def _entry(title: str, text: str) -> str:
    head = f"    {title + ': ' if title else ''}"
    return textwrap.fill(text, WIDTH, initial_indent=head, subsequent_indent="      ", break_on_hyphens=False)


def _setting(setting: Setting) -> str:
    if setting.required:
        return f"{setting.name} (required)"
    choices = f" ({', '.join(map(str, setting.choices))})" if setting.choices else ""
    unit = f" {setting.unit}" if setting.unit else ""
    return f"{setting.name} = {yaml_value(setting.default)}{choices or unit}"


def _needs(component: Component) -> Iterator[str]:
    """What the facts of an axis say about where a component can be used, as phrases."""
    facts = component.facts
    if facts.get("sizes"):
        yield f"square images of {', '.join(map(str, facts['sizes']))} px"
    if facts.get("channels"):
        yield f"images of {', '.join(map(str, facts['channels']))} channels"
    if facts.get("per_sample_critic"):
        yield "a critic that looks at each image alone (no batch norm in it)"
    if facts.get("family") == "wasserstein":
        yield "a penalty that bounds the critic"
    if facts.get("needs_labels"):
        yield "labels"
    if component.axis == "metrics":
        yield {"log_probs": "an extractor with class probabilities"}.get(facts.get("needs", ""), "any extractor")
        yield f"{facts.get('min_n', 1)} samples or more"
    if component.axis == "figures" and facts.get("needs"):
        yield f"tables {', '.join(facts['needs'])}"
