"""Modules of gan_bench/config import only from lower modules."""

import ast
from collections.abc import Iterable
from pathlib import Path

import pytest

from gan_bench import config

FOLDER = Path(config.__file__).parent
FILES = [file for file in sorted(FOLDER.rglob("*.py")) if file.parent != FOLDER or file.name != "__init__.py"]

#: Folders and modules of gan_bench/config ("rooms"), lowest first. Code of a room imports from this room and from rooms
#: in lower sets, not from other rooms in the same set.
ROOMS = [{"grammar"}, {"checks"}, {"plan"}, {"load", "settings"}, {"document", "one_run", "workflow"}]


def _level(room: str) -> int:
    return next(i for i, rooms in enumerate(ROOMS) if room in rooms)


def _imported(file: Path) -> set[str]:
    """Modules of gan_bench.config that a file imports anywhere in its code, such as "grammar.fields"."""
    modules = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gan_bench.config"):
            below = str(node.module).removeprefix("gan_bench.config").removeprefix(".")
            modules |= {".".join(filter(None, (below, alias.name))) for alias in node.names}
    return modules


def _imported_modules(file: Path, modules: Iterable[str]) -> set[str]:
    return {module for module in modules if any(f"{name}.".startswith(f"{module}.") for name in _imported(file))}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(FOLDER).as_posix())
def test_rooms_import_from_lower_rooms_only(file: Path) -> None:
    room = file.relative_to(FOLDER).with_suffix("").parts[0]
    for module in _imported(file):
        other = module.split(".")[0]
        assert other == room or _level(other) < _level(room), f"imports {module}"


def test_no_two_modules_import_each_other() -> None:
    modules = {file.relative_to(FOLDER).with_suffix("").as_posix().replace("/", "."): file for file in FILES}
    imports = {name: _imported_modules(file, modules) - {name} for name, file in modules.items()}
    while free := [name for name, needed in imports.items() if not needed & imports.keys()]:
        for name in free:
            del imports[name]
    assert not imports, f"a circle of imports among {sorted(imports)}"
