"""Development tools: hooks, continuous integration, supported Python versions, the count of lines of code."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from interpreters import VERSIONS, interpreter
from workflow_tree import ROOT

from gan_bench.meaning import meaning_of_file
from gan_bench.provenance import closure, module_file
from gan_bench.registry import PACKAGE

sys.path.insert(0, str(ROOT / "benchmarks"))

from count_lines import code_lines, table

SOURCES = sorted(PACKAGE.rglob("*.py"))


def test_hooks_run_tools_of_the_lock_that_the_checks_run_too():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    lock, makefile = (ROOT / "requirements.lock").read_text(), (ROOT / "Makefile").read_text()
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert [hook["id"] for hook in hooks] == ["ruff-format", "ruff-check", "codespell", "snakefmt", "mypy"]
    for hook in hooks:
        folder, _, tool = hook["entry"].split()[0].rpartition("/")
        assert folder == ".venv/bin" and hook["language"] == "system"
        assert os.access(Path(sys.executable).parent / tool, os.X_OK)
        assert f"\n{tool}==" in lock and f"$(BIN)/{tool}" in makefile


def test_continuous_integration_runs_the_script_and_nothing_else():
    config = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    (job,) = config["jobs"].values()
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert os.access(ROOT / ".ci/run", os.X_OK)
    assert tuple(job["strategy"]["matrix"]["python"]) == VERSIONS


def test_the_project_names_the_versions_that_are_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [line.rpartition(" ")[2] for line in project["classifiers"] if line.startswith("Programming Language")]
    assert tuple(version for version in named if "." in version) == VERSIONS
    assert project["requires-python"] == f">={VERSIONS[0]}"


COMPILE = """
import pathlib, sys
for name in sys.stdin.read().split("\\n"):
    compile(pathlib.Path(name).read_bytes(), name, "exec")
"""

IMPORT = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
for name in sys.stdin.read().split("\\n"):
    importlib.import_module(name)
"""


def _run(version, code, lines, *arguments):
    command = [interpreter(version), "-I", "-B", "-W", "error", "-c", code, *arguments]
    run = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("version", VERSIONS)
def test_every_source_compiles_without_a_warning(version):
    _run(version, COMPILE, map(str, SOURCES))


@pytest.fixture(scope="module")
def light_modules():
    """Modules of gan_bench that need no other package: they import only the standard library and each other."""
    modules = [".".join(("gan_bench", *file.relative_to(PACKAGE).with_suffix("").parts)) for file in SOURCES]
    modules = sorted({module.removesuffix(".__init__") for module in modules})
    standard = {*sys.stdlib_module_names, "gan_bench"}
    imports = {module: meaning_of_file(module_file(module)).imports for module in modules}
    light = {module for module in modules if {name.split(".")[0] for name in imports[module]} <= standard}
    light = [module for module in modules if _reached({module}, imports) <= light]
    # setup.py imports gan_bench.project in an environment that has only setuptools.
    assert {f"gan_bench.{name}" for name in ("meaning", "registry", "provenance", "files", "project")} <= set(light)
    return light


@pytest.mark.parametrize("version", VERSIONS)
def test_modules_that_need_no_other_package_import(version, light_modules):
    _run(version, IMPORT, light_modules, str(ROOT))


def _reached(modules, imports):
    """Modules of gan_bench that are loaded when `modules` are imported.

    Unlike `closure`, this function also follows the imports of modules in gan_bench.provenance.PLUMBING.
    """
    reached = closure(modules)
    following = {name for module in reached for name in imports[module] if name in imports}
    return reached if following <= reached else _reached(reached | following, imports)


def test_lines_of_code_leave_out_docstrings_alone():
    source = '"""One.\n\nTwo."""\n\n# comment\nclass A:\n    """Doc."""\n\n    x = 1\n    """Not a docstring."""\n'
    assert code_lines(source) == 6
    head, *rows, total = table("gan_bench", None)
    assert head.split()[:3] == ["folder", "files", "lines"] and total.split()[1] == str(len(SOURCES))
    assert len(rows) == len({file.parent for file in SOURCES})
