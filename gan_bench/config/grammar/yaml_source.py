"""Reads a YAML file strictly: duplicate keys are mistakes. Line and spelling of each value are kept for messages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from gan_bench.errors import UserError

#: Place of a value: the keys and list indices that lead to it from the top of the file.
Loc = tuple[str | int, ...]

#: Largest number of values in a file after its aliases (repeated parts) are expanded.
MAX_NODES = 100_000

_KINDS = {"bool": "true or false", "int": "a number", "float": "a number", "null": "nothing"}

#: Decimal numbers, optionally with underscores between digits: 3, 1_000, .5, 2e-4, 1.0E+5. FRACTION also matches
#: infinity and NaN, such as .inf and .nan.
WHOLE = re.compile(r"^[-+]?(0|[1-9][0-9]*(_[0-9]+)*)$")
FRACTION = re.compile(
    r"^(?=.*[.eE])([-+]?([0-9]+(_[0-9]+)*(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"
)
NUMBER = re.compile(f"{WHOLE.pattern}|{FRACTION.pattern}")

#: Integers in scientific notation up to this size are read as integers, so that 1e6 is a valid count.
MAX_WHOLE = 2**53


class StrictLoader(yaml.SafeLoader):
    """Safe loader that reads only decimal numbers as numbers. Values such as 12:30, 0x1f, 007 and dates are text."""

    def number(self, node: yaml.ScalarNode) -> int | float:
        """The value of a number with a point or an exponent. 1e6 is read as the integer 1000000."""
        value = float(self.construct_yaml_float(node))
        text = str(node.value).replace("_", "")
        if "e" in text.lower() and FRACTION.match(text) and value != 0 and abs(value) <= MAX_WHOLE:
            exact = Decimal(text)
            return int(exact) if exact == exact.to_integral_value() else value
        return value


StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag.rsplit(":", 1)[1] in ("bool", "null", "merge")]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
StrictLoader.add_implicit_resolver("tag:yaml.org,2002:int", WHOLE, list("-+0123456789"))
StrictLoader.add_implicit_resolver("tag:yaml.org,2002:float", FRACTION, list("-+0123456789."))
StrictLoader.add_constructor("tag:yaml.org,2002:float", StrictLoader.number)


@dataclass
class YamlSource:
    """Content of a file (`data`), line of each value, spelling of each scalar (`texts`), and mistakes in keys."""

    file: str
    data: Any
    lines: dict[Loc, int] = field(default_factory=dict)
    texts: dict[Loc, str] = field(default_factory=dict)
    wrong_keys: list[tuple[Loc, str]] = field(default_factory=list)

    def line(self, loc: Loc) -> int | None:
        """Line (from 1) of the value at `loc`, or of the innermost value that encloses it."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc)


def read_yaml(text: str, file: str) -> YamlSource:
    """Parse `text`; messages call it `file`. `data` is None for an empty text.

    UserError if the text has several documents, is not valid YAML, is too large or is nested too deeply. Duplicate
    keys, and keys that are not text, raise no error. They are listed in `wrong_keys`.
    """
    try:
        loader = StrictLoader(text)
        node = loader.get_single_node()
        source = YamlSource(file, None)
        if node is not None:
            for _ in _walk(node, (), (), source):
                if len(source.lines) > MAX_NODES:
                    raise UserError(f"{file}: expands to more than {MAX_NODES} values; write it without aliases.")
            source.data = loader.construct_document(node)
    except yaml.YAMLError as error:
        raise UserError(_syntax_sentence(error, file)) from None
    except RecursionError:
        raise UserError(f"{file}: is nested too deeply.") from None
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        # PyYAML raises these for explicit tags such as `!!int abc` and for numbers of thousands of digits.
        raise UserError(f"{file}: contains a value that cannot be read: {error}.") from None
    return source


def _syntax_sentence(error: yaml.YAMLError, file: str) -> str:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be parsed")
    if "'\\t'" in problem:
        problem = "a tab is used for indentation; YAML needs spaces"
    elif "expected a single document" in str(error):
        problem = "the file must be one document, and a second one begins here with '---'"
    if mark is None:
        return f"{file}: not valid YAML: {problem}."
    return f"{file}:{mark.line + 1}: not valid YAML: {problem} (line {mark.line + 1}, column {mark.column + 1})."


def _walk(node: yaml.Node, loc: Loc, above: tuple[yaml.Node, ...], source: YamlSource) -> Iterator[None]:
    """Record the line of each value below `node`, the spelling of each scalar, and wrong keys (see `read_yaml`)."""
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
