"""benchmarks/chaos.py counts the kills of a study correctly. Here it starts and kills COMMAND instead of a study."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from workflow_tree import ROOT

#: This program writes the manifest, which is the last file of a study. When it is started for the first time, it then
#: waits. So the kill comes after the last file is written and before the program ends.
COMMAND = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
manifest, begun = folder / "results/demo/manifest.json", folder / "begun"
manifest.parent.mkdir(parents=True, exist_ok=True)
manifest.write_text('{"digest": "d"}')
if not begun.exists():
    begun.touch()
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def chaos() -> ModuleType:
    spec = importlib.util.spec_from_file_location("chaos", ROOT / "benchmarks/chaos.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_study_killed_after_its_last_file_is_run_to_its_end_and_compared(chaos, monkeypatch, tmp_path, capsys):
    class Quick(chaos.Study):
        def __init__(self, folder: Path, steps: int) -> None:
            folder.mkdir()
            self.folder, self.log = folder, folder / "log"

        def start(self) -> subprocess.Popen[bytes]:
            seconds = "1.5" if self.folder.name == "straight" else "60"
            command = [sys.executable, "-c", COMMAND, str(self.folder), seconds]
            return subprocess.Popen(command, start_new_session=True)

    monkeypatch.setattr(chaos, "Study", Quick)
    # With seed 5, the only kill comes after about 1.3 s. By then the manifest exists.
    assert chaos.chaos(1, 5, tmp_path, steps=0) == 0
    said = capsys.readouterr().out
    assert "kills: 1 (" in said and "studies finished: 1," in said
