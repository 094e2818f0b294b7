"""Writes reference pages from the code: commands, keys of a study, components with papers, metrics with formulas."""

import argparse
import ast
import inspect
import os
from collections.abc import Iterator

from gan_bench import registry
from gan_bench.cli import entry
from gan_bench.config.document.reference_page import AXIS_TITLES, reference_text
from gan_bench.listing import conditions, value_text
from gan_bench.registry import Component

PAGES = ["reference/commands.md", "reference/keys.md", "reference/components.md", "reference/metrics.md"]
#: Functions of a component whose docstrings state its formula.
FORMULAS = ("discriminator", "generator", "penalty", "after_step")


def pages() -> dict[str, str]:
    """Place on the site -> content."""
    os.environ["COLUMNS"] = "100"  # argparse wraps help at the width of the terminal
    texts = (commands(), reference_text().replace("[README.md](README.md)", "[the guide](../study.md)"))
    return dict(zip(PAGES, (*texts, components(), metrics()), strict=True))


def commands() -> str:
    """The help of every command."""
    parts = ["# Commands\n\nWritten from the code: what `gan-bench COMMAND --help` prints."]
    parsers = dict(_parsers(entry._parser()))
    for group in entry.GROUPS:
        parts.append(f"## {group.title[0].upper()}{group.title[1:]}")
        parts += [_help(name, parsers[name]) for name in group.commands]
    parts.append("## Commands of the workflow")
    parts.append("Rules of the workflow call them. A person can call them, too.")
    parts += [_help(name, parser) for name, parser in parsers.items() if name.startswith("job ")]
    return "\n\n".join(parts) + "\n"


def _parsers(parser: argparse.ArgumentParser, before: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Name and parser of every command. The names of commands that the workflow calls begin with "job "."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield before + name, command
                yield from _parsers(command, f"{before}{name} ")


def _help(name: str, parser: argparse.ArgumentParser) -> str:
    return f"### gan-bench {name}\n\n```text\n{parser.format_help().rstrip()}\n```"


def components() -> str:
    """Every component except metrics, with paper, conditions and deviations from the paper."""
    parts = [
        "# Components and their papers\n\nWritten from the files of the components. "
        "`gan-bench list` prints them without formulas and deviations. "
        "Settings are in [Keys of a study](keys.md), metrics in [Metrics](metrics.md)."
    ]
    for axis, title in AXIS_TITLES.items():
        if axis == "metrics":
            continue
        parts.append(f"## {title}")
        parts += ["\n\n".join(_component(component)) for component in registry.components(axis)]
    return "\n\n".join(parts) + "\n"


def _component(component: Component) -> Iterator[str]:
    yield f"### {component.name}"
    yield component.summary
    yield from _formulas(component)
    yield "\n".join(f"- {line}" for line in _facts(component))


def _formulas(component: Component) -> Iterator[str]:
    """The formulas of a loss or a penalty: docstrings of its functions. Nothing for other components."""
    if component.axis not in ("losses", "penalties"):
        return
    for node in ast.parse(component.file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name in FORMULAS and (text := ast.get_docstring(node)):
            yield f"```text\n{node.name}: {text}\n```"


def _facts(component: Component) -> Iterator[str]:
    yield f"Paper: {component.paper}"
    if needs := "; ".join(conditions(component)):
        yield f"Needs {needs}"
    for deviation in component.facts.get("deviations", ()):
        yield f"Deviation: {deviation}"


def metrics() -> str:
    """Every metric: the docstring of its file, which states the formulas; its values, estimator and paper."""
    parts = [
        "# Metrics and their formulas\n\nWritten from the files of the metrics. What each metric sees and what fools "
        "it was measured: [Metrics: what they measure and how they mislead](../metrics.md)."
    ]
    for component in registry.components("metrics"):
        text = ast.get_docstring(ast.parse(component.file.read_text(encoding="utf-8"))) or component.summary
        values = [f"Value {value_text(f'`{name}`', entry)}" for name, entry in component.facts["values"].items()]
        facts = [*values, f"Estimator: {component.facts.get('estimator', '')}", *_facts(component)]
        parts.append(f"## {component.name}\n\n{_text(text)}\n\n" + "\n".join(f"- {line}" for line in facts))
    return "\n\n".join(parts) + "\n"


def _text(docstring: str) -> str:
    """A docstring as Markdown.

    Indented paragraphs, which are formulas, become code blocks. In other paragraphs, * and _ are escaped, except if the
    paragraph contains a backquote.
    """
    blocks = []
    for paragraph in inspect.cleandoc(docstring).split("\n\n"):
        if paragraph.startswith("    "):
            blocks.append("```text\n" + inspect.cleandoc(paragraph) + "\n```")
        else:
            blocks.append(paragraph.replace("*", r"\*").replace("_", r"\_") if "`" not in paragraph else paragraph)
    return "\n\n".join(blocks)
