"""A user's component file is named by its path and identified by its content."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gan_bench import registry
from gan_bench.config.settings import validate_run_settings

LOSS = '''"""My loss."""

FACTS = {
    "paper": "none",
    "settings": {"k": {"type": "float", "default": 1, "above": 0, "help": "a factor"}},
    "deviations": [],
    "family": "mine",
    "output": "raw",
    "equilibrium": None,
}
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with studies/my_loss.py, which becomes the current folder."""
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies/my_loss.py").write_text(LOSS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _with_loss(small: dict, loss: object) -> dict:
    return {**small, "variants": [{**small["variants"][0], "loss": loss}]}


def test_the_spelling_of_the_path_does_not_matter(small: dict, plan: Callable, project: Path) -> None:
    spellings = {
        "my_loss.py": project / "studies",
        "./my_loss.py": project / "studies",
        "../studies/my_loss.py": project / "studies",
        "studies/my_loss.py": None,
        str(project / "studies/my_loss.py"): None,
    }
    cells = [plan(_with_loss(small, name), folder=folder).cells[0] for name, folder in spellings.items()]
    digest = registry.component("losses", "studies/my_loss.py").digest
    assert all(cell.settings["loss"] == {"name": "studies/my_loss.py", "digest": digest, "k": 1.0} for cell in cells)
    assert len({cell.id for cell in cells}) == 1
    assert cells[0].id.startswith("dcgan-my_loss-adam-")


def test_the_place_of_the_file_does_not_matter_and_its_content_does(small: dict, plan: Callable, project: Path) -> None:
    (project / "elsewhere").mkdir()
    (project / "elsewhere/my_loss.py").write_text(LOSS)
    here, there = (plan(_with_loss(small, f"{folder}/my_loss.py")).cells[0] for folder in ("studies", "elsewhere"))
    assert here.settings["loss"]["name"] != there.settings["loss"]["name"]
    assert here.id == there.id
    (project / "elsewhere/my_loss.py").write_text(LOSS.replace("My loss.", "Our loss.") + "\n# a comment\n")
    assert plan(_with_loss(small, "elsewhere/my_loss.py")).cells[0].id == here.id
    (project / "elsewhere/my_loss.py").write_text(LOSS + "\nSCALE = 2\n")
    assert plan(_with_loss(small, "elsewhere/my_loss.py")).cells[0].id != here.id
    assert plan(_with_loss(small, {"name": "studies/my_loss.py", "k": 2.0})).cells[0].id != here.id


def test_its_settings_are_checked(small: dict, mistakes: Callable, project: Path) -> None:
    sentences = mistakes(_with_loss(small, {"name": "studies/my_loss.py", "k": -1.0, "j": 1}))
    assert len(sentences) == 2
    assert any("variants[0].loss.k: -1.0" in text for text in sentences)
    assert any("variants[0].loss.j: unknown setting of my_loss" in text for text in sentences)


def test_overrides_reach_it_by_stem_and_by_path(small: dict, plan: Callable, project: Path) -> None:
    study = _with_loss(small, "studies/my_loss.py")
    for name in ("my_loss", "studies/my_loss.py", "./studies/my_loss.py"):
        study["overrides"] = [{"when": {"loss": name}, "set": {"loss": {"k": 3.0}}}]
        cell = plan(study).cells[0]
        assert cell.settings["loss"]["k"] == 3.0 and "digest" in cell.settings["loss"]


@pytest.mark.parametrize(
    ("content", "loss", "part"),
    [
        (LOSS, "none.py", "no component file 'none.py'"),
        (LOSS, "studies/my_loss", "ends in .py"),
        (LOSS, "studies", "unknown losses component"),
        ("FACTS = {", "studies/my_loss.py", "does not parse as Python"),
        ("x = 1", "studies/my_loss.py", "declare FACTS"),
        ("FACTS = {'settings': []}", "studies/my_loss.py", "cannot be read as a component"),
        (LOSS.replace('"k"', '"label"'), "studies/my_loss.py", "cannot have a setting named 'label'"),
        (LOSS.replace('"above": 0', '"above": "zero"'), "studies/my_loss.py", "its FACTS declare a setting wrongly"),
        (LOSS.replace('"default": 1', '"default": -1'), "studies/my_loss.py", "loss.k: -1 is not valid"),
        (LOSS.replace('"float"', '"complex"'), "studies/my_loss.py", "'type' is required and is one of bool"),
    ],
)
def test_files_that_are_no_components(
    content: str, loss: str, part: str, small: dict, mistakes: Callable, project: Path
) -> None:
    (project / "studies/my_loss.py").write_text(content)
    sentences = mistakes(_with_loss(small, loss))
    assert any(part in sentence for sentence in sentences), sentences


def test_a_saved_run_refuses_a_file_that_has_changed(small: dict, plan: Callable, project: Path) -> None:
    settings = {**plan(_with_loss(small, "studies/my_loss.py")).cells[0].settings, "seed": 0}
    (project / "studies/my_loss.py").write_text(LOSS + "\n# a comment\n")
    assert validate_run_settings(settings) == settings
    (project / "studies/my_loss.py").write_text(LOSS + "\nSCALE = 2\n")
    with pytest.raises(Exception, match="has changed: its digest is"):
        validate_run_settings(settings)


def test_a_data_set_that_cannot_describe_itself(small: dict, mistakes: Callable, plan: Callable, project: Path) -> None:
    text = LOSS + "def describe(settings):\n    return {'shape': (1, 8, 8), 'labelled': 1 / settings['k'] > 2}\n"
    (project / "points.py").write_text(text)
    small["datasets"] = [{"name": "points.py", "label": "mine"}]
    found = plan(small)
    assert found.datasets["mine"]["shape"] == [1, 8, 8] and found.datasets["mine"]["labelled"] is False
    assert found.datasets["mine"]["id"].startswith("points-")
    (project / "points.py").write_text(text.replace("1 /", "1 / 0 /"))
    assert "datasets[0]: points.py: describe() fails: ZeroDivisionError" in mistakes(small)[0]
