"""Imports a user's file. If classes in it are named, only the statements that these classes need are executed."""

import ast
import contextlib
import importlib.util
import io
import re
import sys
from collections.abc import Sequence
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from gan_bench import changes
from gan_bench.errors import UserError

PACKAGE = Path(__file__).parent


class _ClassesLoader(SourceFileLoader):
    """Executes only the statements of a file that the named classes need."""

    def __init__(self, module_name: str, file: Path, classes: Sequence[str]) -> None:
        super().__init__(module_name, str(file))
        self.classes = classes

    def get_code(self, fullname: str) -> CodeType:
        from gan_bench.needed_statements import needed_statements  # imported here: only runs of classes need it

        tree = ast.parse(self.get_data(self.path))
        tree.body = needed_statements(tree, self.classes)
        return self.source_to_code(tree, self.path)


def import_file(file: Path, module_name: str, title: str, classes: Sequence[str] = ()) -> ModuleType:
    """Import a file as a module, and discard its standard output.

    During the import, sys.argv has no arguments, because many scripts parse it.

    With `classes`, only the statements that these classes need are executed; training loops and downloads are left out.
    `title` begins the message of the UserError that is raised if the import fails.
    """
    loader = _ClassesLoader(module_name, file, classes) if classes else None
    spec = importlib.util.spec_from_file_location(module_name, file, loader=loader)
    if spec is None or spec.loader is None:
        raise UserError(f"{title} failed: this is not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    arguments, sys.argv = sys.argv, [str(file)]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[module_name]
        hint = changes.error_hint(error) or _moved(error)
        raise UserError(f"{title} failed: {type(error).__name__}: {error}{hint}") from error
    finally:
        sys.argv = arguments
    return module


def _moved(error: BaseException) -> str:
    """For a failed import from this package: a hint that names modules with the same last name."""
    if not isinstance(error, ImportError) or not (error.name or "").startswith(f"{PACKAGE.name}."):
        return ""
    name = re.match(r"cannot import name '(\w+)'", str(error))
    missing = f"{error.name}.{name[1]}" if name else str(error.name)
    stem = missing.rpartition(".")[2]
    files = [*PACKAGE.rglob(f"{stem}.py"), *PACKAGE.rglob(f"{stem}/__init__.py")]
    places = [file.parent if file.name == "__init__.py" else file.with_suffix("") for file in files]
    modules = sorted(".".join(place.relative_to(PACKAGE.parent).parts) for place in places)
    return f"; {missing} is {' or '.join(modules)} now" if modules else ""
