"""The structure of the code: small files and functions, imports in one direction, private names that stay private."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gan_bench.provenance import module_file

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "gan_bench"
SOURCES = sorted(PACKAGE.rglob("*.py"))

#: Modules and subpackages of gan_bench, lower layers first. Each imports only from itself and from lower layers.
LAYERS = [
    {"errors", "words"},
    {"bits", "blank", "changes", "class_pairs", "files", "former_names", "meaning", "paths", "run_keys", "seeds"},
    {"needed_statements"},
    {"user_file"},
    {"registry"},
    {"alive", "log_to", "logs", "project", "provenance", "sources", "store"},
    {"data"},
    {"config", "models", "losses", "penalties", "optimizers", "variants"},
    {"tricks"},
    {"game"},
    {"methods"},
    {"train", "listing"},
    {"features", "collapse"},
    {"metrics"},
    {"stats"},
    {"report"},
    {"comparison", "explore", "search", "templates"},
    {"stacking"},
    {"jobs"},
    {"dag"},
    {"follow", "dry_run"},
    {"preview"},
    {"photos", "verify"},
    {"archive"},
    {"api"},
    {"cli"},
]


@pytest.mark.parametrize("file", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_is_one_idea_and_a_function_fits_on_a_screen(file):
    text = file.read_text()
    assert text.count("\n") <= 300, f"{text.count(chr(10))} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 60, f"{node.name} is {node.end_lineno - node.lineno + 1} lines"


def _top(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def _level(top: str) -> int:
    return next(i for i, layer in enumerate(LAYERS) if top in layer)


@pytest.mark.parametrize("file", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_run_one_way(file):
    own = file.relative_to(PACKAGE).with_suffix("").parts[0]
    if own == "__init__":
        return
    for node in ast.walk(ast.parse(file.read_text())):
        found = []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            found = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            found = [m for m in found if m.startswith("gan_bench.") and module_file(m).is_file()]
        elif isinstance(node, ast.Import):
            found = [alias.name for alias in node.names if alias.name.startswith("gan_bench.")]
        for module in found:
            top = _top(module)
            assert top == own or _level(top) < _level(own), f"{file.name} imports {module}: the wrong way"


LIGHT = """config.load config.plan.grid config.document.check dag stats.collect.collect stats.tables.write_tables
report.page report.draw report.redraw collapse.verdict listing cli"""


@pytest.mark.parametrize("module", LIGHT.split())
def test_light_modules_do_not_import_torch(module):
    code = f"import sys, gan_bench.{module}; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


@pytest.mark.parametrize("file", SOURCES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_pickle_no_global_randomness(file):
    text = file.read_text()
    banned = r"torch\.load\((?!.*weights_only=True)|import pickle|allow_pickle=True|torch\.manual_seed"
    banned += r"|np\.random\.(seed|rand|randn|normal)\("
    assert not re.search(banned, text)
    assert not re.search(r"^\s*import random\b|yaml\.load\((?!.*Safe)", text, re.MULTILINE)


def test_no_file_holds_a_merge_conflict() -> None:
    marks = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    files = [
        file for folder in ("gan_bench", "tests", "docs", "config", "workflow") for file in (ROOT / folder).rglob("*")
    ]
    for file in [*files, *ROOT.glob("*.md")]:
        if file.suffix in {".py", ".md", ".yaml", ".smk"}:
            assert not marks.search(file.read_text(encoding="utf-8")), f"{file} holds a merge conflict"
