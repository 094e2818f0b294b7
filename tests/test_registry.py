"""The folder is the registry, and a component is read without being imported."""

import subprocess
import sys

import pytest

from gan_bench.errors import UserError
from gan_bench.registry import AXES, component, components, load, names

OWN = '''"""Hinge loss of somebody's own."""
raise_on_import = 1 / {divisor}
FACTS = {{"paper": "Lim and Ye 2017, arXiv:1705.02894", "deviations": [],
         "settings": {{"margin": {{"type": "float", "default": 1.0, "above": 0, "help": "where the loss is flat"}}}}}}
'''


@pytest.mark.parametrize("axis", sorted(AXES))
def test_every_component_says_what_it_is(axis):
    found = components(axis)
    assert found, f"axis {axis} is empty"
    for one in found:
        assert one.summary.endswith("."), f"{one.file}: the docstring's first line is a sentence"
        assert isinstance(one.facts.get("deviations"), list), f"{one.file}: FACTS['deviations'] is a list"
        assert "paper" in one.facts or one.paper or axis == "figures", f"{one.file}: FACTS['paper'] says the source"
        for setting in one.settings.values():
            assert setting.help, f"{one.file}: setting {setting.name} has no help"


def test_names_are_file_stems_and_helpers_are_not_listed():
    assert {"minimax", "non_saturating", "least_squares", "wasserstein"} <= set(names("losses"))
    assert not any(name.startswith("_") for axis in AXES for name in names(axis))


def test_a_declaration_is_read_without_importing(tmp_path):
    (tmp_path / "own.py").write_text(OWN.format(divisor=0))
    found = component("losses", str(tmp_path / "own.py"))
    assert (found.name, found.builtin, found.summary) == ("own", False, "Hinge loss of somebody's own.")
    assert found.settings["margin"].default == 1.0 and not found.settings["margin"].required
    with pytest.raises(UserError, match=r"own\.py' failed: ZeroDivisionError"):
        load("losses", str(tmp_path / "own.py"))


def test_an_edited_user_file_is_imported_anew(tmp_path):
    file = tmp_path / "own.py"
    file.write_text(OWN.format(divisor=1))
    first = load("losses", str(file))
    assert load("losses", str(file)) is first
    file.write_text(OWN.format(divisor=4))
    assert load("losses", str(file)).raise_on_import == 0.25


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("FACTS = {'settings': {'lr': {'type': 'complex'}}}", "setting 'lr' must be a dictionary with a 'type'"),
        ("FACTS = {'settings': {'lr': {'type': 'int', 'defualt': 1}}}", "setting 'lr' must be"),
        ("FACTS = dict(a=1)", "must be a literal dictionary"),
        ("x = 1", "declares FACTS"),
        ("def broken(:", "does not parse as Python"),
        ("# coding: no-such-encoding\nFACTS = {}", "does not parse as Python: .*encoding"),
    ],
)
def test_a_component_that_declares_nonsense_is_refused(tmp_path, source, sentence):
    (tmp_path / "own.py").write_text(source)
    with pytest.raises(UserError, match=sentence):
        component("losses", str(tmp_path / "own.py"))


def test_unknown_names_and_axes_are_answered_with_the_nearest():
    with pytest.raises(UserError, match="did you mean 'wasserstein'"):
        component("losses", "wassertein")
    with pytest.raises(UserError, match="did you mean 'losses'"):
        names("loses")
    with pytest.raises(UserError, match="unknown losses component '_x'"):
        component("losses", "_x")


def test_listing_needs_no_torch():
    code = "import sys; from gan_bench.listing import listing; listing(None); print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
