"""A new setting of a run needs only one entry in the table of gan_bench.run_keys. Other lists follow from it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gan_bench.config.grammar.variant import ContinuedVariant, PresetVariant, Variant
from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import expand
from gan_bench.registry import AXES, PACKAGE
from gan_bench.run_keys import COMPONENT_KEYS, EVERYWHERE, RUN, RUN_KEYS, USABLE, keys_at

ENTRY = """    RunKey("note_level", "int", "how much a run notes", default=0, min=0, max=9),
    RunKey("seed","""

#: Script for a separate process. It prints plans, messages and documents of a package whose table has a new entry.
QUESTIONS = """
import json, sys
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.config.settings import validate_run_settings
from gan_bench.config.document.reference_page import reference_text
from gan_bench.config.document.schema import study_schema
from gan_bench.errors import UserError
from gan_bench.report.asked import budget

asked = json.loads(sys.stdin.read())
answers = {"cells": [], "refused": []}
for study in asked["studies"]:
    try:
        cells = expand(parse_study(json.dumps(study), "tiny")).cells
        answers["cells"].append([[cell.id, cell.variant, cell.settings, budget(cell.settings)] for cell in cells])
    except UserError as error:
        answers["refused"].append(str(error))
answers["runs"] = [validate_run_settings(run) for run in asked["runs"]]
answers["schema"] = study_schema()
answers["reference"] = reference_text()
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with one more entry in the table."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(PACKAGE, folder / "gan_bench", ignore=shutil.ignore_patterns("__pycache__"))
    table = folder / "gan_bench" / "run_keys.py"
    text = table.read_text()
    assert text.count('    RunKey("seed",') == 1
    table.write_text(text.replace('    RunKey("seed",', ENTRY))
    return folder


def answers(package: Path, studies: list[Any], runs: list[Any]) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-c", QUESTIONS],
        input=json.dumps({"studies": studies, "runs": runs}),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(package)},
        cwd=package,
    )
    assert run.returncode == 0, run.stderr
    result: dict[str, Any] = json.loads(run.stdout)
    return result


def test_one_entry_is_a_new_setting_everywhere(small: dict, plan: Any, package: Path) -> None:
    (cell,) = plan(small).cells
    variant, run = small["variants"][0], {**cell.settings, "seed": 0}
    override = {"when": {"model": "dcgan"}, "set": {"note_level": 4}}
    studies = [
        small,
        {**small, "note_level": 0},
        {**small, "note_level": 2},
        {**small, "note_level": 2, "variants": [{**variant, "note_level": [0, 3]}]},
        {**small, "overrides": [override]},
        {**small, "variants": [{"preset": "gan", "note_level": 5}]},
        {**small, "note_level": 10},
    ]
    said = answers(package, studies, [run, {**run, "note_level": 0}, {**run, "note_level": 6}])
    plain, default, at_top, listed, overridden, preset = said["cells"]

    # A key at its default value is not in the settings, so ids and runs do not change.
    assert (
        plain
        == default
        == [[cell.id, cell.variant, cell.settings, "10 generator steps, 1 D step per G step, batches of 64"]]
    )
    assert said["runs"][:2] == [run, run] and said["runs"][2] == {**run, "note_level": 6}

    # With another value, the key is a setting of the run and part of its id, and labels and report show it.
    assert at_top[0][2] == {**cell.settings, "note_level": 2} and at_top[0][0] != cell.id
    assert at_top[0][3].endswith("batches of 64, note_level 2")
    assert [settings.get("note_level", 0) for _, _, settings, _ in listed] == [0, 3]
    assert listed[1][1] == f"{cell.variant} · note_level=3"
    assert overridden[0][2]["note_level"] == 4 and preset[0][2]["note_level"] == 5
    assert len(said["refused"]) == 1 and "note_level: 10 is not valid; a value of at most 9" in said["refused"][0]

    # The schema (for editors) and the reference page (for readers) contain the key.
    schema = said["schema"]
    places = [schema, *(schema["$defs"][name] for name in ("Variant", "PresetVariant", "ContinuedVariant", "Change"))]
    assert all("note_level" in place["properties"] for place in places)
    assert said["reference"].count("| `note_level` | whole number, 0 to 9") == 5


def test_entries_of_the_table_are_well_formed() -> None:
    names = [key.name for key in RUN_KEYS]
    assert len(set(names)) == len(names)
    for key in RUN_KEYS:
        assert key.help and set(key.places) <= set(EVERYWHERE)
        assert (key.axis in AXES) == key.type.startswith("component")
        assert bool(key.choices) == (key.type == "choice")
        assert key.read_by in ("all", "uses", *USABLE)
        assert set(key.sets) <= set(COMPONENT_KEYS)


def test_settings_of_every_shipped_run_hold_the_keys_in_the_order_of_the_table() -> None:
    order = [key.name for key in keys_at(RUN)]
    for cell in expand(load_study("all_variants")).cells:
        assert list(cell.settings) == [name for name in order if name in cell.settings]


def test_an_item_holds_the_keys_of_the_table() -> None:
    """The order of keys is that of the table. This order determines how lists multiply and how cells are numbered."""
    wanted = [key.name for key in RUN_KEYS if "variant" in key.places]
    for model in (Variant, PresetVariant, ContinuedVariant):
        own = ("name", "datasets", "preset", "continue_from")
        assert [name for name in model.model_fields if name not in own] == wanted
