"""Collects the mistakes in a study's file or in the settings of a run, so that the user sees all of them at once."""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from gan_bench.config.grammar.yaml_source import NUMBER, Loc, YamlSource
from gan_bench.errors import UserError, unknown_name

#: Pydantic's error type -> words for the value that is needed.
_TYPES = {
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "string_unicode": "text",
    "list_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "finite_number": "a finite number",
}
_BOUNDS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("of at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("of at most", "le"),
}
_TEMPLATES = {
    "literal_error": "one of {expected}",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "string_too_short": "text that is not empty",
    "string_too_long": "text of at most {max_length} characters",
}


class Problems:
    """The mistakes found so far: sentences about places in a file, or in a dictionary if there is no `source`.

    kept: name of a list in the file -> indices of the items without mistakes. Only these items are checked further.
    """

    def __init__(self, title: str, source: YamlSource | None = None) -> None:
        self.title = title
        self.source = source
        self.kept: dict[str, list[int]] = {}
        self._sentences: dict[str, tuple[int, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._sentences)

    def add(self, loc: Loc, sentence: str) -> None:
        """Add a mistake at the place `loc`, unless the same mistake was added before."""
        loc = self._original(loc)
        line = self.source.line(loc) if self.source else None
        place = self.title if line is None else f"{self.title}:{line}"
        path = show_loc(loc)
        text = f"{place}: {path}: {sentence}" if path else f"{place}: {sentence}"
        self._sentences.setdefault(text, (line or 0, text))

    def add_validation(self, error: ValidationError, below: Loc = ()) -> None:
        """Add a sentence for each mistake in a pydantic error."""
        for details in error.errors(include_url=False):
            if details["type"] == "invalid_key" and self.source and self.source.wrong_keys:
                continue  # already reported, with the key spelled as in the file
            loc = (*below, *details["loc"])
            text = self.source.texts.get(self._original(loc)) if self.source else None
            self.add(loc, sentence_of(details, text))

    def add_error(self, loc: Loc, error: ValidationError | PydanticCustomError) -> None:
        """Add the error that a validator raised for the value at `loc`."""
        if isinstance(error, ValidationError):
            self.add_validation(error, loc)
        else:
            self.add(loc, error.message())

    def raise_if_any(self) -> None:
        """Raise UserError with all sentences, in the order of the file, if there are any."""
        if self._sentences:
            raise UserError(*self.sentences())

    def sentences(self) -> list[str]:
        """All sentences in the order of the file."""
        return [text for _, text in sorted(self._sentences.values(), key=lambda item: item[0])]

    def path(self, loc: Loc) -> str:
        """The place `loc` in the form used in messages."""
        return show_loc(self._original(loc))

    def _original(self, loc: Loc) -> Loc:
        """`loc` with the list index that the item has in the file; the index in `loc` counts only items in `kept`."""
        if len(loc) > 1 and isinstance(loc[1], int) and loc[0] in self.kept:
            return (loc[0], self.kept[str(loc[0])][loc[1]], *loc[2:])
        return loc


def show_loc(loc: Loc) -> str:
    """("variants", 1, "g_optimizer", "lr") -> "variants[1].g_optimizer.lr"."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else str(part)
    return text


def show(value: Any, text: str | None = None) -> str:
    """A value for a message, with at most 60 characters. `text`: the spelling of the value in the file, if known."""
    if text is not None:
        shown = text if text and not isinstance(value, str) else repr(text)
    elif isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 200:
        return "a number of more than 60 digits"
    else:
        shown = repr(value) if isinstance(value, str | bytes) else _json(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."


def _json(value: Any) -> str:
    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return type(value).__name__


def mistake(sentence: str) -> PydanticCustomError:
    """An error with this sentence, for a validator to raise."""
    # The sentence is passed as a parameter, because pydantic would interpret braces in a template.
    return PydanticCustomError("mistake", "{sentence}", {"sentence": sentence})


def rebuilt(error: ValidationError, change: Callable[[ErrorDetails], tuple[Loc, str | None]]) -> ValidationError:
    """The same error with new places and sentences from `change`. If a new sentence is None, the old one is kept."""
    lines = [_line(details, *change(details)) for details in error.errors(include_url=False)]
    return ValidationError.from_exception_data(error.title, lines)


def _line(details: ErrorDetails, loc: Loc, sentence: str | None) -> InitErrorDetails:
    context = {**details.get("ctx", {}), "sentence": sentence or details["msg"]}
    kind = PydanticCustomError("mistake" if sentence else details["type"], "{sentence}", context)  # type: ignore[arg-type]
    return InitErrorDetails(type=kind, loc=loc, input=details["input"])


def naming_valid_keys(
    error: ValidationError, kind: str, valid: list[str], hint: Callable[[str], str] = lambda _key: ""
) -> ValidationError:
    """The same error, but sentences about unknown keys list the valid keys. `hint` may say where a key belongs."""

    def change(details: ErrorDetails) -> tuple[Loc, str | None]:
        key = str(details["loc"][0]) if details["loc"] else ""
        return details["loc"], unknown_name(kind, key, valid, hint(key)) if is_unknown_key(details) else None

    return rebuilt(error, change)


def is_unknown_key(details: ErrorDetails) -> bool:
    """Whether the mistake is an unknown key of the mapping itself, not of a mapping inside it."""
    return details["type"] == "extra_forbidden" and len(details["loc"]) == 1


def with_sentences(error: ValidationError | None, sentences: list[tuple[Loc, str]], value: Any) -> ValidationError:
    """An error with the mistakes of `error`, and with `sentences`: (place in the mapping `value`, sentence)."""
    lines = [_line(d, d["loc"], None) for d in error.errors(include_url=False)] if error else []
    more = [InitErrorDetails(type=mistake(sentence), loc=loc, input=value) for loc, sentence in sentences]
    return ValidationError.from_exception_data("", [*lines, *more])


def sentence_of(details: ErrorDetails, text: str | None) -> str:
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "mistake":
        return str(context["sentence"])
    if kind == "missing":
        return "is missing."
    if kind == "invalid_key":
        return "a key is not text."
    if value is None:
        return f"is empty; {_wanted(kind, context)} is needed."
    return f"{show(value, text)} is not valid; {_wanted(kind, context)} is needed{_hint(kind, value, text)}."


def _wanted(kind: str, context: Mapping[str, Any]) -> str:
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return f"a value {words} {context[key]:.15g}"
    if kind in _TEMPLATES:
        return _TEMPLATES[kind].format(**context)
    return _TYPES.get(kind, str(context.get("sentence", kind)))


def _hint(kind: str, value: Any, text: str | None) -> str:
    if isinstance(value, bool) and text is not None and kind != "bool_type":
        return f"; YAML reads unquoted {text} as {str(value).lower()}"
    if kind in ("float_type", "int_type") and isinstance(value, str):
        if NUMBER.match(value):
            return ": take the quotes off"
        return f": write {int(value)}" if re.fullmatch("[-+]?0[0-9]+", value) else ""
    if kind == "int_type" and isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return f": write {int(value)}" if abs(value) < 1e15 else ""
    return ""
