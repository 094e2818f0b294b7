"""Digests change with the meaning of code, not with its layout. Every supported Python gives the same digests."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from interpreters import VERSIONS, interpreter

from gan_bench import meaning as module
from gan_bench.meaning import meaning, meaning_of_file
from gan_bench.registry import PACKAGE

BASE = '''
"""Module."""
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gan_bench.files import digest_file

SCALE: float = 2.0  # unit


@dataclass
class Options:
    """Options."""

    width: int = 1
    """Attribute doc."""

    def area(self, factor: Any = 1) -> "int":
        """Area."""
        total: int = self.width * factor
        return total


@cache
def text(x: int, *rest: int, end=None, **more: str) -> str:
    return f"{x:.3f} of {end!r}" "."
'''

SAME = {
    "a comment": ("# unit", "# pixels"),
    "a module docstring": ('"""Module."""', '"""Modules."""'),
    "no module docstring": ('"""Module."""', ""),
    "a class docstring": ('"""Options."""', '"""All options."""'),
    "an attribute doc": ('"""Attribute doc."""', '"""Width."""'),
    "a function docstring": ('        """Area."""\n', ""),
    "layout": ("return total", "return (\n            total\n        )"),
    "quotes": ('f"{x:.3f} of {end!r}" "."', "f'{x:.3f} of {end!r}.'"),
    "an argument's annotation": ("factor: Any", "factor: int"),
    "no annotation of an argument, so no use of an import": ("factor: Any", "factor"),
    "the annotation of the result": (' -> "int"', ""),
    "the annotation of a local variable": ("total: int =", "total ="),
    "the annotation of a module's variable": ("SCALE: float =", "SCALE ="),
    "an import for the type checker": ("import digest_file", "import digest_of"),
    "a redundant pass": ("        return total", "        pass\n        return total"),
}

OTHER = {
    "a constant": ("2.0", "2.5"),
    "the type of a constant": ("2.0", "2"),
    "an operator": ("self.width * factor", "self.width + factor"),
    "a default": ("factor: Any = 1", "factor: Any = 2"),
    "a default's type": ("factor: Any = 1", "factor: Any = True"),
    "a field's annotation": ("width: int = 1", "width: float = 1"),
    "a decorator": ("@dataclass", "@dataclass(frozen=True)"),
    "an annotation that a decorator may read": ("text(x: int", "text(x: float"),
    "a name": ("class Options", "class Option"),
    "a format": (".3f", ".4f"),
    "a conversion": ("end!r", "end!s"),
    "text": ('" "."', '" ","'),
    "an import": ("from functools import cache", "from functools import lru_cache as cache"),
    "the order of statements": ("        return total", "        return total\n        total = 0"),
    "an argument's kind": ("*rest: int, end=None", "rest: int, end=None"),
}


def test_types_of_constants_and_their_place_count():
    sources = ["x = 1", "x = 1.0", "x = True", "x = '1'", "x = b'1'", "x = 1j", "x = None", "x = ...", "x = '1\\n'"]
    sources += ["x", "x += 1", "x: int", "f(x)", "f(*x)", "f(x, y)", "f(x)(y)", "f(x=y)", "[x, y]", "(x, y)", "{x, y}"]
    sources += ["{x: y}", "{**x}", "{None: x}", "x[1]", "x[1:]", "x[:1]", "x.y", "'x' 'y' + z", "'x' + ('yz')", "f'x'"]
    digests = {meaning(source).digest for source in sources}
    assert len(digests) == len(sources)


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_what_does_not_count(old, new):
    assert BASE.count(old) == 1
    assert meaning(BASE.replace(old, new)) == meaning(BASE)


@pytest.mark.parametrize(("old", "new"), OTHER.values(), ids=OTHER)
def test_what_counts(old, new):
    assert BASE.count(old) == 1
    assert meaning(BASE.replace(old, new)).digest != meaning(BASE).digest


def test_typing_imports_that_run_code_count():
    assert meaning("from typing import Any, cast\nx = cast(int, y)") == meaning(
        "from typing import cast\nx=cast(int,y)"
    )
    assert meaning("from typing import cast\nx = cast(int, y)") != meaning("x = cast(int, y)")
    assert meaning("if TYPE_CHECKING:\n    import a\nelse:\n    import b") == meaning("import b")


def test_imports_are_those_that_run():
    source = (
        "import a.b\ndef f():\n    from c import d\nif TYPE_CHECKING:\n    import e\nfrom . import g\nimport h as i\n"
    )
    assert meaning(source).imports == {"a.b", "c", "c.d", "h"}


def test_long_expressions_and_odd_constants_have_a_digest():
    assert meaning("x = " + " + ".join(["y"] * 900)).digest
    assert meaning("x = '\\ud800'").digest != meaning("x = '\\ud801'").digest
    assert meaning("x = 0x" + "f" * 5000).digest


def test_a_comment_that_names_an_encoding_counts_where_it_changes_the_code(tmp_path):
    file = tmp_path / "own.py"
    digests = []
    for first_line in (
        b"# -*- coding: utf-8 -*-\r\n",
        b"\xef\xbb\xbf# with a byte order mark\n",
        b"# -*- coding: latin-1 -*-\n",
    ):
        file.write_bytes(first_line + "x = 'é'\n".encode())
        digests.append(meaning_of_file(file).digest)
    assert digests[0] == digests[1] == meaning("x = 'é'").digest != digests[2]


def test_a_file_is_read_again_when_it_changes(tmp_path):
    file = tmp_path / "own.py"
    file.write_text("x = 1\n")
    first = meaning_of_file(file).digest
    file.write_text("x = 1  # one\n")
    assert meaning_of_file(file).digest == first
    file.write_text("x = 12\n")
    assert meaning_of_file(file).digest != first


def test_a_reformat_changes_no_digest(tmp_path):
    """With another line length, the formatter changes more than half of the files, but no digest."""
    copies = {file: tmp_path / file.relative_to(PACKAGE) for file in PACKAGE.rglob("*.py")}
    for file, copy in copies.items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(file.read_text())
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "60", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    changed = [file for file, copy in copies.items() if file.read_text() != copy.read_text()]
    assert len(changed) > len(copies) / 2
    assert not [file for file in changed if meaning(file.read_text()) != meaning(copies[file].read_text())]


#: Script that each interpreter runs without third-party packages. Its arguments are the file of gan_bench.meaning and a
#: folder. It prints {source file: [digest, imports]} as JSON.
PROBE = """
import importlib.util, json, pathlib, sys
spec = importlib.util.spec_from_file_location("meaning", sys.argv[1])
module = sys.modules["meaning"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
results = {}
for file in sorted(pathlib.Path(sys.argv[2]).rglob("*.py")):
    found = module.meaning(file.read_bytes())
    results[str(file)] = [found.digest, sorted(found.imports)]
print(json.dumps(results))
"""

#: Syntax that Python versions parse differently, or that only Python 3.12 and later accept.
HARD = r"""
f"{x!r:>{width}} and {{braces}} {y=} {z = !s}" "tail" f"{a['b']}" f"" f"{x:%H:%M}" rf"\d{x:{'>'}{10}}" f"\n{x}\t"
async def f(a, /, b: int = 1, *, c=..., **d): return [await x async for x in y if x] or (lambda q=1, *r: q)
match point:
    case {"a": 1, **rest} | [1, *_] | C(x=None) as q if q: pass
try: x = -1e999, 1_000, 0XFF, "é\N{BULLET}\U0001FAE8", b"\xff", "\ud800", 2j
except* E: raise T from None
with a as b, (c) as d: del (x, y), z[1:2, ...]
class G[T]: x: "T" = 1
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_every_python_gives_the_same_digests(version, tmp_path):
    python = interpreter(version)
    (tmp_path / "hard.py").write_text(HARD.replace("class G[T]", "class G"))
    for folder in (PACKAGE, tmp_path):
        command = [python, "-I", "-c", PROBE, module.__file__, str(folder)]
        run = subprocess.run(command, capture_output=True, text=True, check=True)
        here = {str(file): meaning_of_file(file) for file in sorted(Path(folder).rglob("*.py"))}
        there = json.loads(run.stdout)
        assert there == {file: [one.digest, sorted(one.imports)] for file, one in here.items()}
