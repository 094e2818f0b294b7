"""The meaning of a Python file: a digest of its syntax tree, which is equal on every supported version of Python.

The digest leaves out everything that cannot affect a result:

- comments, layout, line ends, docstrings, and other statements that only hold a constant or `pass`;
- annotations of variables outside a class body, and of arguments and results of functions without decorators;
- code below `if TYPE_CHECKING:`, which never runs;
- names imported from `typing` or `collections.abc` that are used only in these annotations.

The digest covers everything else. Annotations in a class body count, because they declare fields (dataclasses,
NamedTuple, pydantic). Annotations of decorated functions count, because a decorator may read them
(functools.singledispatch).

This module imports only the standard library, so that any interpreter can run it alone.
"""

import ast
import functools
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: Fields of syntax nodes that do not affect the program: they follow from the position of the node, describe how a
#: value is spelled, or contain type comments.
SILENT_FIELDS = frozenset({"ctx", "kind", "simple", "type_comment", "type_ignores"})

#: Modules from which an import has no effect unless the imported name is used.
ANNOTATION_MODULES = frozenset({"typing", "collections.abc"})

#: A piece of the serialized tree: finished text, or (node still to serialize, whether it is in a class body).
Piece = str | tuple[ast.AST, bool]


@dataclass(frozen=True)
class Meaning:
    """`digest`: SHA-256 (hex). `imports`: names of modules, and of members of modules, in import statements."""

    digest: str
    imports: frozenset[str]


def meaning_of_file(file: Path) -> Meaning:
    """The `meaning` of a file. The file is parsed again only if its modification time or size has changed."""
    state = os.stat(file)  # noqa: PTH116 (a plan calls this tens of thousands of times, and Path is slower)
    return _meaning_of_version(str(file), state.st_mtime_ns, state.st_size)


@functools.lru_cache(maxsize=4096)
def _meaning_of_version(file: str, _mtime_ns: int, _size: int) -> Meaning:
    return meaning(Path(file).read_bytes())


def meaning(source: str | bytes) -> Meaning:
    """Digest and imports of Python source. SyntaxError or ValueError if it does not parse.

    Bytes are decoded by Python's rules, so a comment that names an encoding counts if it changes the code.
    """
    tokens: list[str] = []
    names: set[str] = set()
    imports: set[str] = set()
    typing_imports: list[tuple[str, str, str]] = []
    stack: list[Piece] = [(ast.parse(source), False)]
    while stack:  # depth first; not recursive, because long expressions nest deeper than Python's recursion limit
        piece = stack.pop()
        if isinstance(piece, str):
            tokens.append(piece)
            continue
        node, in_class = piece
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            if node.module in ANNOTATION_MODULES:
                typing_imports += [(alias.asname or alias.name, node.module, alias.name) for alias in node.names]
                continue
            imports.add(node.module)
            imports.update(f"{node.module}.{alias.name}" for alias in node.names)
        stack += reversed(list(_pieces(node, in_class)))
    tokens += [" ".join(entry) for entry in sorted(set(typing_imports)) if entry[0] in names or entry[2] == "*"]
    return Meaning(hashlib.sha256("\n".join(tokens).encode("utf-8", "surrogatepass")).hexdigest(), frozenset(imports))


def _pieces(node: ast.AST, in_class: bool) -> Iterator[Piece]:
    """A node as a sequence of texts and child nodes.

    Fields that are absent or empty are skipped, because the set of fields differs between versions of Python.
    """
    silent = SILENT_FIELDS
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list:
        _remove_annotations(node)
    elif isinstance(node, ast.AnnAssign) and not in_class:
        if node.value is None:
            silent = silent | {"annotation"}  # the statement stays: it makes a name local to a function
        else:
            node = ast.Assign(targets=[node.target], value=node.value)
    children_in_class = in_class
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        children_in_class = isinstance(node, ast.ClassDef)
    yield f"({type(node).__name__}"
    for field in node._fields:
        value = getattr(node, field, None)
        if field in silent or value is None:
            continue
        values = value if isinstance(value, list) else [value]
        if isinstance(node, ast.JoinedStr):
            values = _merged(values)
        if values := list(_effective(values)):
            yield field
            for child in values:
                yield (child, children_in_class) if isinstance(child, ast.AST) else _scalar(child)
    yield ")"


def _remove_annotations(function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    function.returns = None
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if argument is not None:
            argument.annotation = None


def _effective(values: Iterable[object]) -> Iterator[object]:
    """`values` without statements that do nothing. `if TYPE_CHECKING` is replaced by the branch that runs."""
    for value in values:
        if isinstance(value, ast.Pass) or (isinstance(value, ast.Expr) and isinstance(value.value, ast.Constant)):
            continue
        if isinstance(value, ast.If) and _is_type_checking(value.test):
            yield from _effective(value.orelse)
        else:
            yield value


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"


def _merged(values: list[ast.expr]) -> list[ast.expr]:
    """Parts of an f-string, with adjacent texts joined and empty texts removed.

    Versions of Python split the texts of an f-string differently.
    """
    merged: list[ast.expr] = []
    for value in values:
        if isinstance(value, ast.Constant) and merged and isinstance(merged[-1], ast.Constant):
            merged[-1] = ast.Constant(merged[-1].value + value.value)  # type: ignore[operator]
        elif not (isinstance(value, ast.Constant) and value.value == ""):
            merged.append(value)
    return merged


def _scalar(value: object) -> str:
    """A constant or name with its type. Texts are not passed to repr(), which depends on Python's Unicode tables."""
    text = value if isinstance(value, str) else hex(value) if type(value) is int else repr(value)
    return f"{type(value).__name__} {len(text)} {text}"
