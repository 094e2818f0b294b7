"""Templates of components, one working file for each kind, which `gan-bench new` copies.

Each template is tested as a component of the package (tests/test_one_new_file.py) and by `gan-bench test-component`. In
a copy, `my_component` is replaced by the name of the new component.
"""

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from gan_bench.errors import UserError
from gan_bench.files import write_text
from gan_bench.registry import names

#: Kind of component -> its axis.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        **{"loss": "losses", "penalty": "penalties", "optimizer": "optimizers", "trick": "tricks", "method": "methods"},
        **{"variant": "variants", "model": "models", "data": "data", "extractor": "features", "metric": "metrics"},
        "figure": "figures",
    }
)
#: Kind -> how a study uses a component file of this kind.
USES: Mapping[str, str] = MappingProxyType(
    {
        **{kind: f"variants: [{{preset: dcgan, {kind}: FILE}}]" for kind in ("loss", "penalty", "optimizer", "model")},
        "trick": "variants: [{preset: dcgan, tricks: [FILE]}]",
        "method": "variants: [{preset: dcgan, method: FILE}]",
        "variant": "variants: [FILE]",
        "data": "datasets: [FILE]",
        "extractor": "evaluation: {extractor: FILE}",
        "metric": "evaluation: {metrics: [frechet, FILE]}",
        "figure": "figures: [FILE]",
    }
)
NAME = "my_component"


def render(kind: str, name: str) -> str:
    """The text of a new component: the template of its kind, followed by the contract of its axis as a comment."""
    text = (Path(__file__).parent / f"{kind}.py").read_text(encoding="utf-8").replace(NAME, name)
    folder = "report.figures" if kind == "figure" else KINDS[kind]
    contract = (importlib.import_module(f"gan_bench.{folder}").__doc__ or "").strip()
    return text + "\n\n" + "\n".join(f"# {line}".rstrip() for line in contract.splitlines()) + "\n"


def write(kind: str, name: str, folder: Path) -> Path:
    """Write a new component to `folder`/NAME.py. UserError if the name is not valid or in use, or the file exists."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        rule = "a name has only lowercase letters, digits and '_', and begins with a letter"
        raise UserError(f"{name!r} is not valid; {rule}.")
    if name in names(KINDS[kind]):
        raise UserError(f"{name!r} is a {kind} of the package; choose another name.")
    file = folder / f"{name}.py"
    if file.exists():
        raise UserError(f"{file} exists; choose another name or remove it.")
    write_text(file, render(kind, name))
    return file
