"""The folders of components are the registry. A component's facts are read without importing its file."""

import subprocess
import sys

import pytest

from gan_bench.errors import UserError
from gan_bench.registry import AXES, PACKAGE, component, components, load, names

OWN = '''"""Hinge loss of somebody's own."""
raise_on_import = 1 / {divisor}
print(raise_on_import)
FACTS = {{"paper": "Lim and Ye 2017, arXiv:1705.02894", "deviations": [],
         "settings": {{"margin": {{"type": "float", "default": 1.0, "above": 0, "help": "where the loss is flat"}}}}}}
'''


@pytest.mark.parametrize("axis", sorted(AXES))
def test_every_component_says_what_it_is(axis):
    assert components(axis), f"axis {axis} is empty"
    for declared in components(axis):
        assert declared.summary.endswith("."), f"{declared.file}: the docstring's first line is a sentence"
        assert isinstance(declared.facts.get("deviations"), list), f"{declared.file}: FACTS['deviations'] is a list"
        assert declared.paper, f"{declared.file}: FACTS['paper'] says the source"
        for setting in declared.settings.values():
            assert setting.help, f"{declared.file}: setting {setting.name} has no help"


def test_names_are_file_stems_and_helpers_are_not_listed():
    assert all((PACKAGE / AXES[axis] / f"{name}.py").is_file() for axis in AXES for name in names(axis))
    assert not any(name.startswith("_") for axis in AXES for name in names(axis))


def test_a_declaration_is_read_without_importing(tmp_path):
    (tmp_path / "own.py").write_text(OWN.format(divisor=0))
    declared = component("losses", str(tmp_path / "own.py"))
    assert (declared.name, declared.builtin, declared.summary) == ("own", False, "Hinge loss of somebody's own.")
    assert declared.settings["margin"].default == 1.0 and not declared.settings["margin"].required
    with pytest.raises(UserError, match=r"own\.py' failed: ZeroDivisionError"):
        load("losses", str(tmp_path / "own.py"))


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("from gan_bench.game.minimax import x", "; gan_bench.game.minimax is gan_bench.losses.minimax now"),
        ("from gan_bench.game import minimax", "; gan_bench.game.minimax is gan_bench.losses.minimax now"),
        ("import gan_bench.hinge", "; gan_bench.hinge is gan_bench.losses.hinge or gan_bench.variants.hinge now"),
        ("import gan_bench.nowhere", ""),
        ("import numpy.hinge", ""),
    ],
)
def test_an_import_of_a_module_that_has_moved_is_answered_with_its_place(tmp_path, line, hint):
    (tmp_path / "own.py").write_text(f"{line}\n{OWN.format(divisor=1)}")
    with pytest.raises(UserError) as error:
        load("losses", str(tmp_path / "own.py"))
    assert str(error.value).partition("failed: ")[2].endswith(hint)
    assert (" now" in str(error.value)) == bool(hint)


def test_an_edited_user_file_is_imported_anew_and_prints_nothing(tmp_path, capsys):
    file = tmp_path / "own.py"
    file.write_text(OWN.format(divisor=1))
    first = load("losses", str(file))
    assert load("losses", str(file)) is first
    file.write_text(OWN.format(divisor=4))
    assert load("losses", str(file)).raise_on_import == 0.25
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("FACTS = {'settings': {'lr': {'type': 'complex'}}}", "setting 'lr' is .*; valid: a dictionary with the keys"),
        ("FACTS = {'settings': {'lr': {'type': 'int', 'defualt': 1}}}", "setting 'lr' is"),
        ("FACTS = {'references': {'2001.00001': {'title': 'T'}}}", "to dictionaries with author, title, year; it is"),
        ("FACTS = {'references': ['2001.00001']}", "to dictionaries with author, title, year; it is"),
        ("FACTS = dict(a=1)", "must be a literal dictionary"),
        ("x = 1", "declare FACTS"),
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
