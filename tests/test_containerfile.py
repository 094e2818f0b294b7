"""The Containerfile copies only existing files, and agrees with pyproject.toml and the lock. No image is built."""

import re
import tomllib

from workflow_tree import ROOT

from gan_bench import project

RECIPE = (ROOT / "Containerfile").read_text()


def test_the_recipe_copies_what_a_wheel_is_built_from():
    copied = [name for line in re.findall(r"^COPY (.*) \S+$", RECIPE, re.MULTILINE) for name in line.split()]
    assert all((ROOT / name).exists() for name in copied)
    assert {*project.PARTS, "gan_bench", "pyproject.toml", "setup.py", "requirements.lock"} <= set(copied)


def test_versions_user_and_entry_point_are_those_of_the_project():
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (version,) = re.findall(r"^FROM \S+/python:([\d.]+)-slim", RECIPE, re.MULTILINE)
    assert (
        package["project"]["requires-python"] == f">={version}" and package["tool"]["mypy"]["python_version"] == version
    )
    assert "--require-hashes --requirement /source/requirements.lock" in RECIPE
    (entry,) = re.findall(r'^ENTRYPOINT \["(.*)"\]$', RECIPE, re.MULTILINE)
    assert entry in package["project"]["scripts"] and re.search(r"^USER (?!root)\S+$", RECIPE, re.MULTILINE)
