"""The registry of components. A component is a file in the folder of its axis, and its name is the stem of the file.

An axis is a kind of component, such as losses. A component declares itself in its docstring and in the dictionary
FACTS. Both are read without importing the file, so that the plan of a study does not need torch:

    \"\"\"One-line summary.  Further text...\"\"\"
    FACTS = {
        "paper": "Author & Other 2020, Title, equation 3 (arXiv:2001.00001)",
        "references": {"2001.00001": {"author": "Author, A. and Other, B.", "title": "Title", "year": 2020}},
        "settings": {"lr": {"type": "float", "default": 2e-4, "above": 0, "help": "learning rate"}},
        "deviations": ["What differs from the paper."],
    }

"references" is optional. Its keys are arXiv numbers, DOIs or phrases of `paper`. Its values are BibTeX fields of these
works. The FACTS of each axis have further keys, which the `__init__.py` of its folder lists.

Files whose names start with an underscore are helpers shared by the components of their folder. A user's own component
is named by the path of its file; a model can also be named by classes in a file (gan_bench.class_pairs).
"""

import ast
import functools
import hashlib
import importlib
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from gan_bench import changes, class_pairs
from gan_bench.errors import UserError, nearest, unknown_name
from gan_bench.files import digest_of
from gan_bench.former_names import current, current_aloud
from gan_bench.meaning import meaning_of_file
from gan_bench.user_file import import_file

PACKAGE = Path(__file__).parent

#: Axis -> folder below the package.
AXES: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in ("data", "models", "losses", "penalties", "optimizers", "tricks", "methods")},
        **{name: name for name in ("variants", "features", "metrics")},
        "figures": "report/figures",
    }
)

#: Keys of an entry of FACTS["settings"], and the values of its "type".
SETTING_KEYS = {"type", "default", "min", "max", "above", "below", "choices", "unit", "help", "nullable"}
SETTING_TYPES = {"int", "float", "bool", "str", "path", "ints"}

#: Keys that an entry of FACTS["references"] must have.
REFERENCE_KEYS = ("author", "title", "year")


@dataclass(frozen=True)
class Setting:
    """One setting that a component declares. `default` has no meaning if `required` is true."""

    name: str
    type: str
    help: str
    required: bool
    default: Any = None
    min: float | None = None
    max: float | None = None
    above: float | None = None
    below: float | None = None
    choices: tuple[Any, ...] = ()
    unit: str = ""
    nullable: bool = False


@dataclass(frozen=True)
class Component:
    """The declaration of a component, read from its source. `facts` has the keys of FACTS that are not fields here.

    `classes`: names such as "A,B" or "A" if the component is a model made of these ordinary classes; else "".
    """

    axis: str
    name: str
    file: Path
    summary: str
    paper: str
    references: Mapping[str, Mapping[str, Any]]
    settings: Mapping[str, Setting]
    facts: Mapping[str, Any]
    builtin: bool
    classes: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the meaning of the file (without comments and docstrings, gan_bench.meaning), and of `classes`."""
        return component_digest(meaning_of_file(self.file).digest, self.classes)

    @property
    def path(self) -> str:
        """The name by which a study uses a user's component: the path of its file, with classes if it has any."""
        return f"{self.file.as_posix()}:{self.classes}" if self.classes else self.file.as_posix()


def component_digest(meaning: str, classes: str = "") -> str:
    """Digest of a component: of its file (without comments and docstrings), and of the names of its classes, if any."""
    return hashlib.sha256(f"{meaning}:{classes}".encode()).hexdigest() if classes else meaning


def is_path(name: str) -> bool:
    """Whether `name` is the path of a user's component file, with or without classes."""
    return name.endswith(".py") or "/" in name or class_pairs.MARK in name


def stem(name: str) -> str:
    """Short name of a component: the name of a built-in component, or the stem of a user's file."""
    return Path(name).stem if is_path(name) else name


def extractor_id(ref: Mapping[str, Any]) -> str:
    """Name of the folder of an extractor with these settings."""
    return f"{stem(ref['name'])}-{digest_of(dict(ref))[:8]}"


def names(axis: str) -> list[str]:
    """Names of the built-in components of an axis, sorted."""
    folder = _folder(axis)
    return sorted(p.stem for p in folder.glob("*.py") if not p.stem.startswith("_"))


def component(axis: str, name: str) -> Component:
    """The declaration of one component. UserError if the name or file does not exist, or the file is not valid."""
    former = name.lower()
    if axis == "metrics" and current(former) != former:
        name = current_aloud(former)
    path, classes = class_pairs.split(name) if axis == "models" else (name, "")
    file = path if is_path(name) else _builtin(axis, name)
    version = None if file is None else _file_version(file)
    if file is None or version is None:
        if is_path(name):
            raise UserError(f"{axis}: no component file {name!r}; give the path of a Python file that exists.")
        raise UserError(unknown_name(f"{axis} component", name, names(axis), _other_name(axis, name)))
    return _declaration(axis, file, classes, not is_path(name), version)


def _other_name(axis: str, name: str) -> str:
    """Hint for a name that is not in this axis, if it is a former name, an alias, or in another axis; else ""."""
    if former := changes.component_hint(axis, name):
        return former
    for declared in components(axis):
        if name.lower() in declared.facts.get("aliases", ()):
            return f"its name here is {declared.name!r}"
    axes = [] if nearest(name, names(axis)) else [other for other in AXES if name in names(other)]
    return f"{name!r} is one of the {axes[0]} (gan-bench list {axes[0]})" if axes else ""


def components(axis: str) -> list[Component]:
    """Declarations of all built-in components of an axis, sorted by name."""
    return [component(axis, name) for name in names(axis)]


def load(axis: str, name: str) -> ModuleType:
    """Import a component. The module of a user's file gets a name that contains its digest, so that it is unique."""
    declared = component(axis, name)
    if declared.builtin:
        return importlib.import_module(".".join(["gan_bench", *AXES[axis].split("/"), declared.name]))
    module_name = f"gan_bench_user_{axis}_{declared.name}_{declared.digest[:12]}"
    if module_name in sys.modules:
        return sys.modules[module_name]
    classes = declared.classes.split(",") if declared.classes else ()
    module = import_file(declared.file, module_name, f"{axis}: importing {name!r}", classes)
    if classes:
        adapter = importlib.import_module("gan_bench.models._classes")
        module.build = adapter.builder(module, declared.file.name, declared.classes)  # type: ignore[attr-defined]
    return module


@functools.lru_cache(maxsize=1024)
def _builtin(axis: str, name: str) -> str | None:
    """Path that the file of a built-in component with this name must have; None if the name is not valid."""
    return None if name.startswith("_") or not name.isidentifier() else str(_folder(axis) / f"{name}.py")


def _file_version(file: str) -> tuple[int, int] | None:
    """(mtime in ns, size); None if there is no regular file. A large plan calls this tens of thousands of times."""
    try:
        status = os.stat(file)  # noqa: PTH116 (making a Path takes longer than the call)
    except (OSError, ValueError):
        return None
    return (status.st_mtime_ns, status.st_size) if stat.S_ISREG(status.st_mode) else None


@functools.cache
def _folder(axis: str) -> Path:
    if axis not in AXES:
        raise UserError(unknown_name("axis", axis, list(AXES)))
    return PACKAGE / AXES[axis]


@functools.lru_cache(maxsize=512)
def _declaration(axis: str, path: str, classes: str, builtin: bool, _version: tuple[int, int]) -> Component:
    file = Path(path)
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise UserError(f"{axis}: {file} does not parse as Python: {error}") from None
    if classes:
        try:
            facts = class_pairs.facts_of(tree, file.name, classes)
        except ValueError as error:
            raise UserError(str(error)) from None
    else:
        facts = literal(tree, "FACTS", file)
    summary = (ast.get_docstring(tree) or "").strip().split("\n", 1)[0].strip()
    settings = {key: _setting(key, entry, file) for key, entry in facts.get("settings", {}).items()}
    rest = {key: value for key, value in facts.items() if key not in ("settings", "paper", "references")}
    return Component(
        axis=axis,
        name=file.stem,
        file=file,
        summary=summary,
        paper=str(facts.get("paper", "")),
        references=MappingProxyType(_references(facts.get("references", {}), file)),
        settings=MappingProxyType(settings),
        facts=MappingProxyType(rest),
        builtin=builtin,
        classes=classes,
    )


def literal(tree: ast.Module, name: str, file: Path) -> dict[str, Any]:
    """The literal dictionary that a file assigns to `name` at top level. UserError if there is no such dictionary."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            try:
                value = ast.literal_eval(node.value)  # type: ignore[attr-defined]
            except ValueError as error:
                raise UserError(f"{file}: {name} must be a literal dictionary: {error}") from None
            if isinstance(value, dict):
                return value
    raise UserError(f"{file}: a component must declare {name} = {{...}} at top level; this file does not.")


def _references(entries: Any, file: Path) -> dict[str, dict[str, Any]]:
    values = entries.values() if isinstance(entries, dict) else [None]
    if not all(isinstance(entry, dict) and all(entry.get(key) for key in REFERENCE_KEYS) for entry in values):
        raise UserError(
            f"{file}: FACTS['references'] must map arXiv numbers, DOIs or phrases of 'paper' to dictionaries with "
            f"{', '.join(REFERENCE_KEYS)}; it is {entries!r}."
        )
    return dict(entries)


def _setting(name: str, entry: Any, file: Path) -> Setting:
    if not isinstance(entry, dict) or not set(entry) <= SETTING_KEYS or entry.get("type") not in SETTING_TYPES:
        raise UserError(
            f"{file}: setting {name!r} is {entry!r}; valid: a dictionary with the keys "
            f"{', '.join(sorted(SETTING_KEYS))}; 'type' is required and is one of {', '.join(sorted(SETTING_TYPES))}."
        )
    values = {"help": "", **entry, "choices": tuple(entry.get("choices", ()))}
    return Setting(name=name, required="default" not in entry, **values)
