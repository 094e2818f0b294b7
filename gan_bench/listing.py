"""The output of `gan-bench list`: all components. Their files are read, not imported."""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from gan_bench import registry
from gan_bench.config.checks.metric_facts import METRIC_NEEDS
from gan_bench.config.grammar.flow import flow, preset_text
from gan_bench.registry import Component, Setting
from gan_bench.variants import GROUPS

#: Direction of a metric's value, in words.
DIRECTIONS = {"lower": "lower is better", "higher": "higher is better", "half": "1/2 is best", "none": "no score"}

#: Axis -> keys of a study that name components of this axis.
PLACES = {
    "data": "datasets",
    "models": "variants: model",
    "losses": "variants: loss",
    "penalties": "variants: penalty",
    "optimizers": "variants: optimizer, g_optimizer, d_optimizer",
    "tricks": "variants: tricks",
    "methods": "variants: method",
    "variants": "variants, or variants: preset",
    "features": "evaluation: extractor",
    "metrics": "evaluation: metrics",
    "figures": "figures",
}

WIDTH = 110


def listing(axis: str | None = None) -> str:
    """Components of one axis or of all: summary, paper, needs, values, and settings with defaults.

    UserError for an axis that does not exist.
    """
    return "\n".join(line for each in ([axis] if axis else registry.AXES) for line in _axis(each))


def _axis(axis: str) -> Iterator[str]:
    members = sorted(registry.components(axis), key=_group)
    yield f"{axis}  (in a study: {PLACES[axis]})"
    for component in members:
        yield f"  {component.name}"
        yield _entry("", component.summary)
        yield _entry("paper", component.paper)
        if needs := "; ".join(conditions(component)):
            yield _entry("needs", needs)
        for title in ("licence", "source"):
            if title in component.facts:
                yield _entry(title, str(component.facts[title]))
        if axis == "methods":
            yield _entry("reads", ", ".join(component.facts.get("uses", ())) or "nothing: there is no training")
        if axis == "metrics":
            yield _entry("gives", "; ".join(value_text(*item) for item in component.facts["values"].items()))
            yield _entry("estimator", str(component.facts.get("estimator", "")))
        if axis == "variants":
            yield _entry("group", str(component.facts.get("group", "")))
            yield _entry("sets", preset_text(component))
        if component.settings:
            yield _entry("settings", ", ".join(_setting(setting) for setting in component.settings.values()))
    yield ""


def _group(component: Component) -> int:
    group = component.facts.get("group")
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)


def _entry(title: str, text: str) -> str:
    head = f"    {title + ': ' if title else ''}"
    return textwrap.fill(text, WIDTH, initial_indent=head, subsequent_indent="      ", break_on_hyphens=False)


def _setting(setting: Setting) -> str:
    if setting.required:
        return f"{setting.name} (required)"
    choices = f" ({', '.join(map(str, setting.choices))})" if setting.choices else ""
    unit = f" {setting.unit}" if setting.unit else ""
    return f"{setting.name} = {flow(setting.default)}{choices or unit}"


def value_text(name: str, entry: Mapping[str, Any]) -> str:
    """A metric's value in words, such as "recall (Recall, higher is better, from 0 to 1)"."""
    ends = [f"{word} {end:g}" for word, end in zip(("from", "to"), entry["range"], strict=True) if end is not None]
    words = [entry["label"], DIRECTIONS[entry["direction"]], " ".join(ends)]
    return f"{name} ({', '.join(word for word in words if word)})"


def conditions(component: Component) -> Iterator[str]:
    """Phrases for the conditions under which a component can be used, from its FACTS."""
    facts = component.facts
    if facts.get("sizes"):
        yield f"square images of {', '.join(map(str, facts['sizes']))} px"
    if facts.get("channels"):
        yield f"images of {', '.join(map(str, facts['channels']))} channels"
    if facts.get("per_sample_critic"):
        yield "a critic that looks at each image alone (no batch norm in it)"
    if facts.get("family") == "wasserstein":
        yield "a penalty that bounds the critic"
    if facts.get("needs_output"):
        yield f"a model whose discriminator returns a {facts['needs_output']}"
    if facts.get("output") and component.axis == "models":
        yield f"a loss that is defined on a {facts['output']}"
    if facts.get("conditional"):
        yield "the trick labels"
    if facts.get("needs_labels"):
        yield "labels"
    if facts.get("needs_file"):
        yield facts["needs_file"]
    if component.axis == "tricks":
        yield from _trick_conditions(component)
    if component.axis == "metrics":
        yield " and ".join(METRIC_NEEDS[need] for need in facts["needs"])
        yield f"{facts.get('min_n', 1)} samples or more"
    if component.axis == "figures" and facts.get("needs"):
        yield f"tables {', '.join(facts['needs'])}"


def _trick_conditions(trick: Component) -> Iterator[str]:
    facts = trick.facts
    if facts.get("couples_batch"):
        yield "a penalty that is not defined for each image alone" + _only(facts["couples_batch"])
    if facts.get("separable_loss"):
        yield "a loss that does not compare real with generated images"
    if facts.get("packs"):
        yield f"a batch_size that is a multiple of {facts['packs']}"
    if facts.get("excludes"):
        yield f"no {' or '.join(facts['excludes'])} in the same run"


def _only(fact: Any) -> str:
    """Text such as " (d = batch)" if a fact is true only for some values of settings; else ""."""
    if not isinstance(fact, Mapping):
        return ""
    return f" ({', '.join(f'{key} = ' + ' or '.join(map(str, values)) for key, values in fact.items())})"
