"""Check of the functions that components must define."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gan_bench import registry
from gan_bench.errors import UserError

#: Axis -> functions that its components must define.
FUNCTIONS = {
    "methods": ("build",),
    "models": ("build",),
    "losses": ("discriminator", "generator"),
    "optimizers": ("build",),
    "metrics": ("compute",),
    "features": ("fit", "extract"),
    "data": ("describe", "build"),
    "figures": ("draw",),
}


def place(axis: str, ref: Mapping[str, Any]) -> str:
    """Path of a component's file in messages: relative to the current folder if the file is inside this folder."""
    file = registry.component(axis, ref["name"]).file
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)


def missing_functions(axis: str, ref: Mapping[str, Any]) -> Iterator[str]:
    """A sentence if the file cannot be imported, else one sentence per required function that it does not define."""
    try:
        module = registry.load(axis, ref["name"])
    except UserError as error:
        yield f"{place(axis, ref)}: {error}"
        return
    contract = f"gan_bench/{registry.AXES[axis]}/__init__.py"
    for name in FUNCTIONS.get(axis, ()):
        if not callable(getattr(module, name, None)):
            yield f"{place(axis, ref)}: expected a function {name}(), found none; see {contract}."
