"""Selects the statements of a script that given classes need, so that importing them does not run the whole script."""

import ast
import contextlib
import symtable
from collections.abc import Iterator, Sequence

#: Usual names of the variable with a script's options. Classes may read sizes from it, so it is always kept.
OPTIONS = ("opt", "args")


def needed_statements(tree: ast.Module, classes: Sequence[str]) -> list[ast.stmt]:
    """The statements of a file that bind or change names that the classes need, directly or through other names.

    Assignments of literals, the parsing of options, imports of all names ("*"), and changes of sys.path are also kept.
    A statement that changes an imported object, such as torch.set_num_threads(1), is left out.
    """
    bound, used = zip(*map(_names, tree.body), strict=True)
    imported = {name for node, names in zip(tree.body, bound, strict=True) if _is_import(node) for name in names}
    needed, kept = {*classes, *OPTIONS}, set[int]()
    while True:
        more = {
            k
            for k, node in enumerate(tree.body)
            if k not in kept
            and (
                _always(node)
                or bound[k] & needed
                or any(name == "sys.path" or name in needed - imported for name in _changed(node))
            )
        }
        if not more:
            return [node for k, node in enumerate(tree.body) if k in kept]
        kept |= more
        needed |= set().union(*(used[k] for k in more))


def _is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def _always(node: ast.stmt) -> bool:
    """Whether a statement is kept in any case: `from __future__` or `*` imports, and assignments of literals."""
    if isinstance(node, ast.ImportFrom):
        return node.module == "__future__" or node.names[0].name == "*"
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        with contextlib.suppress(ValueError):
            ast.literal_eval(node.value)
            return not _changed(node)
    return False


def _names(node: ast.stmt) -> tuple[set[str], set[str]]:
    """(names that a statement binds, names that it uses), without names that are local to a function or class."""
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        return set(), set()
    table = symtable.symtable(ast.unparse(node), "", "exec")
    bound = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    used = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    return bound, used | set(_globals(table))


def _globals(table: symtable.SymbolTable) -> Iterator[str]:
    for child in table.get_children():
        yield from (symbol.get_name() for symbol in child.get_symbols() if symbol.is_global())
        yield from _globals(child)


def _changed(node: ast.stmt) -> set[str]:
    """Names whose objects a statement may change: x in `x.add(1)`, `x.size = 1` and `x[0] = 1`, and "sys.path"."""
    parts = [] if isinstance(node, ast.FunctionDef | ast.ClassDef) else list(ast.walk(node))
    calls = [part.value.func for part in parts if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call)]
    stores = [part for part in parts if isinstance(getattr(part, "ctx", None), ast.Store)]
    names = set[str]()
    for target in [*calls, *stores]:
        owner: ast.AST = target
        while isinstance(owner, ast.Attribute | ast.Subscript):
            if ast.unparse(owner) == "sys.path":
                names.add("sys.path")
            owner = owner.value
        if isinstance(owner, ast.Name) and owner is not target:
            names.add(owner.id)
    return names
