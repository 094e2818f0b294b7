"""The folder is the registry: a component is a file of an axis folder, its name the file's stem.

A component declares itself in two literals that are read without importing it, so that a check or a dry run
needs no torch:

    \"\"\"One-line summary.  Further text...\"\"\"
    FACTS = {"paper": "...", "settings": {"lr": {"type": "float", "default": 2e-4, "above": 0, "help": "..."}}, ...}

Files whose name starts with an underscore are helpers shared by the components of their folder. A component of
the user's own is named by the path of its file.
"""

import ast
import functools
import importlib
import importlib.util
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from gan_bench.errors import UserError, unknown_name
from gan_bench.meaning import meaning_of_file

PACKAGE = Path(__file__).parent

#: Axis -> folder below the package.
AXES: Mapping[str, str] = MappingProxyType(
    {
        "data": "data",
        "models": "models",
        "losses": "losses",
        "penalties": "penalties",
        "optimizers": "optimizers",
        "tricks": "tricks",
        "methods": "methods",
        "variants": "variants",
        "features": "features",
        "metrics": "metrics",
        "figures": "report/figures",
    }
)

#: Keys of one entry of FACTS["settings"], and the types it may name.
SETTING_KEYS = {"type", "default", "min", "max", "above", "below", "choices", "unit", "help", "nullable"}
SETTING_TYPES = {"int", "float", "bool", "str", "path", "ints"}


@dataclass(frozen=True)
class Setting:
    """One setting of a component, as its file declares it. `default` is absent when `required`."""

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
    """What a component says of itself, read from its source without importing it."""

    axis: str
    name: str
    file: Path
    summary: str
    paper: str
    settings: Mapping[str, Setting]
    facts: Mapping[str, Any]
    builtin: bool

    @property
    def digest(self) -> str:
        """SHA-256 of what the component's file means: its comments, docstrings and layout do not count."""
        return meaning_of_file(self.file).digest


def is_path(name: str) -> bool:
    """Whether a component is named by the path of a user's file rather than by a name."""
    return name.endswith(".py") or "/" in name


def stem(name: str) -> str:
    """What files and folders call a component: its name, or the stem of a user's file."""
    return Path(name).stem if is_path(name) else name


def names(axis: str) -> list[str]:
    """Names of the built-in components of an axis, sorted."""
    folder = _folder(axis)
    return sorted(p.stem for p in folder.glob("*.py") if not p.stem.startswith("_"))


def component(axis: str, name: str) -> Component:
    """The declaration of one component. UserError when the name or the file does not exist or does not parse."""
    own = is_path(name)
    file = name if own else _builtin(axis, name)
    found = None if file is None else _file_stat(file)
    if file is None or found is None:
        if own:
            raise UserError(f"{axis}: no component file {name!r}; give the path of a Python file that exists.")
        raise UserError(unknown_name(f"{axis} component", name, names(axis)))
    return _declaration(axis, file, not own, found)


def components(axis: str) -> list[Component]:
    """Declarations of all built-in components of an axis, sorted by name."""
    return [component(axis, name) for name in names(axis)]


def load(axis: str, name: str) -> ModuleType:
    """Import a component. A user's file is imported under a name that its digest makes unique."""
    found = component(axis, name)
    if found.builtin:
        return importlib.import_module(".".join(["gan_bench", *AXES[axis].split("/"), found.name]))
    module_name = f"gan_bench_user_{axis}_{found.name}_{found.digest[:12]}"
    if module_name in sys.modules:
        return sys.modules[module_name]
    spec = importlib.util.spec_from_file_location(module_name, found.file)
    if spec is None or spec.loader is None:
        raise UserError(f"{axis}: {name!r} cannot be imported as a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[module_name]
        raise UserError(f"{axis}: importing {name!r} failed: {type(error).__name__}: {error}") from error
    return module


@functools.lru_cache(maxsize=1024)
def _builtin(axis: str, name: str) -> str | None:
    """Where a built-in component would stand; None for what is no name of one."""
    return None if name.startswith("_") or not name.isidentifier() else str(_folder(axis) / f"{name}.py")


def _file_stat(file: str) -> tuple[int, int] | None:
    """(mtime in ns, size), None for what is no file. One look at the disk: a large plan asks for tens of thousands."""
    try:
        found = os.stat(file)  # noqa: PTH116 (a Path for each look would cost more than the look)
    except (OSError, ValueError):
        return None
    return (found.st_mtime_ns, found.st_size) if stat.S_ISREG(found.st_mode) else None


@functools.cache
def _folder(axis: str) -> Path:
    if axis not in AXES:
        raise UserError(unknown_name("axis", axis, list(AXES)))
    return PACKAGE / AXES[axis]


@functools.lru_cache(maxsize=512)
def _declaration(axis: str, path: str, builtin: bool, _version: tuple[int, int]) -> Component:
    file = Path(path)
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise UserError(f"{axis}: {file} does not parse as Python: {error}") from None
    facts = _literal(tree, "FACTS", file)
    summary = (ast.get_docstring(tree) or "").strip().split("\n", 1)[0].strip()
    settings = {key: _setting(key, entry, file) for key, entry in facts.get("settings", {}).items()}
    rest = {key: value for key, value in facts.items() if key not in ("settings", "paper")}
    return Component(
        axis=axis,
        name=file.stem,
        file=file,
        summary=summary,
        paper=str(facts.get("paper", "")),
        settings=MappingProxyType(settings),
        facts=MappingProxyType(rest),
        builtin=builtin,
    )


def _literal(tree: ast.Module, name: str, file: Path) -> dict[str, Any]:
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
    raise UserError(f"{file}: a component declares {name} = {{...}} at top level; none was found.")


def _setting(name: str, entry: Any, file: Path) -> Setting:
    if not isinstance(entry, dict) or not set(entry) <= SETTING_KEYS or entry.get("type") not in SETTING_TYPES:
        raise UserError(
            f"{file}: setting {name!r} must be a dictionary with a 'type' of {', '.join(sorted(SETTING_TYPES))} "
            f"and keys among {', '.join(sorted(SETTING_KEYS))}."
        )
    values = {"help": "", **entry, "choices": tuple(entry.get("choices", ()))}
    return Setting(name=name, required="default" not in entry, **values)
