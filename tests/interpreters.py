"""Finds other Python interpreters on this machine, for tests that run code with every supported version of Python."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

#: The supported versions, as in the classifiers of pyproject.toml.
VERSIONS = ("3.11", "3.12", "3.13")


def interpreter(version: str) -> str:
    """Path of a Python of this version, from pyenv or PATH. If there is none, the test is skipped."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [str(path) for path in sorted(pyenv.glob(f"versions/{version}.*/bin/python"))]
    candidates += filter(None, [shutil.which(f"python{version}")])
    for python in candidates:
        probe = subprocess.run(
            [python, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=False,
        )
        if probe.stdout.strip() == version:
            return python
    pytest.skip(f"no Python {version} on this machine (looked in {pyenv} and on PATH)")
