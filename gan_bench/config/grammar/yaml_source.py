"""A YAML file read strictly: duplicate keys are mistakes, and every value keeps its line and its spelling."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from gan_bench.errors import UserError

#: Place of a value: keys and list indices from the top of the file.
Loc = tuple[str | int, ...]

#: Aliases may repeat parts of a file; a file that unfolds to more values than this is not a study.
MAX_NODES = 100_000

_KINDS = {"bool": "true or false", "int": "a number", "float": "a number", "null": "nothing"}


class _Loader(yaml.SafeLoader):
    """Safe loader without the guesses of YAML 1.1 that turn 12:30 into 750, 010 into 8, and a date into an object."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag.rsplit(":", 1)[1] in ("bool", "null", "merge")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9_]*)$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^([-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)([eE][-+][0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"
    ),
    list("-+0123456789."),
)


@dataclass
class Source:
    """What a file holds: `data`, where each value stands, and how it is written there."""

    file: str
    data: Any
    lines: dict[Loc, int] = field(default_factory=dict)
    texts: dict[Loc, str] = field(default_factory=dict)
    wrong_keys: list[tuple[Loc, str]] = field(default_factory=list)

    def line(self, loc: Loc) -> int | None:
        """Line (from 1) of the value at `loc`, or of the nearest value that encloses it."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc)


def read_yaml(text: str, file: str) -> Source:
    """Parse `text`; `file` is what messages call it. UserError where it is not one YAML document."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        source = Source(file, None)
        if node is not None:
            for _ in _walk(node, (), (), source):
                if len(source.lines) > MAX_NODES:
                    raise UserError(f"{file}: unfolds to more than {MAX_NODES} values; write it without aliases.")
            source.data = loader.construct_document(node)
    except yaml.YAMLError as error:
        raise UserError(_syntax_sentence(error, file)) from None
    except RecursionError:
        raise UserError(f"{file}: is nested too deeply to be a study.") from None
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # PyYAML lets these through for explicit tags such as `!!int abc` and for numbers of thousands of digits.
        raise UserError(f"{file}: holds a value that cannot be read: {error}.") from None
    return source


def _syntax_sentence(error: yaml.YAMLError, file: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be parsed")
    if "'\\t'" in problem:
        problem = "a tab is used for indentation; YAML needs spaces"
    elif "expected a single document" in str(error):
        problem = "a study is one document, but a second one begins here with '---'"
    if mark is None:
        return f"{file}: not valid YAML: {problem}."
    return f"{file}:{mark.line + 1}: not valid YAML: {problem} (line {mark.line + 1}, column {mark.column + 1})."


def _walk(node: yaml.Node, loc: Loc, above: tuple[yaml.Node, ...], source: Source) -> Iterator[None]:
    """Note line and spelling of every value below `node`, and keys that are given twice or are no text."""
    if any(node is other for other in above):
        raise UserError(f"{source.file}:{node.start_mark.line + 1}: an alias (*) contains itself.")
    source.lines.setdefault(loc, node.start_mark.line + 1)
    yield
    above = (*above, node)
    if isinstance(node, yaml.ScalarNode):
        source.texts[loc] = str(node.value)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _walk(item, (*loc, index), above, source)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key_node, value in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                continue
            key, line = str(key_node.value), key_node.start_mark.line + 1
            source.lines[(*loc, key)] = line
            kind = key_node.tag.rsplit(":", 1)[-1]
            if kind not in ("str", "merge"):
                text = f"key {key!r} is read by YAML as {_KINDS.get(kind, kind)}; a key is plain text."
                source.wrong_keys.append(((*loc, key), text))
            elif key in seen:
                text = f"key {key!r} is given twice, in lines {seen[key]} and {line}; keep one."
                source.wrong_keys.append(((*loc, key), text))
            seen[key] = line
            yield from _walk(value, (*loc, key), above, source)
