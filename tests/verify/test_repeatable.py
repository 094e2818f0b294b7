"""The same study in another environment gives the same bytes in every run and table."""

import cProfile
import re
import subprocess
import sys
from pathlib import Path

import pytest
import small_study
from workflow_tree import ROOT, environment

from gan_bench.cli import main
from gan_bench.data import open_data
from gan_bench.files import read_json
from gan_bench.paths import REPEATABLE_FILES
from gan_bench.registry import PACKAGE
from gan_bench.train.run import train_run

SCRIPT = Path(small_study.__file__)

#: Environments whose differences must not matter: order of sets, text encoding, time zone, names of folders, working
#: directory, and whether the seeds of a cell share a job. The first environment disables Python's handling of the C
#: locale.
SURROUNDINGS = {
    "plain C locale, seeds alone": (
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "TZ": "Asia/Kolkata"},
        "results",
        "1",
    ),
    "UTF-8, seeds together": (
        {"PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8", "TZ": "Pacific/Apia", "COLUMNS": "40"},
        "Ergebnisse mit Ümlaut",
        "2",
    ),
}


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_surroundings_change_no_bit(finished, tmp_path, name):
    variables, folder, chunk = SURROUNDINGS[name]
    study = tmp_path / "small.yaml"
    study.write_text(small_study.STUDY)
    elsewhere = tmp_path / "another working directory"
    elsewhere.mkdir()
    command = [sys.executable, str(SCRIPT), str(study), str(tmp_path / folder), chunk]
    variables = {**environment(), **variables, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, cwd=elsewhere, env=variables, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    ours, theirs = (path / "small" / "manifest.json" for path in (tmp_path / folder, finished))
    mine, first = read_json(ours), read_json(theirs)
    for part in ("runs", "tables", "data", "features", "plan"):
        different = _differences(mine["results"][part], first["results"][part])
        assert different == [], f"{part}: {different}"
    assert ours.read_bytes() == theirs.read_bytes()
    assert not list(elsewhere.iterdir()), "nothing is written to the working directory"
    calls = len(list((tmp_path / folder).glob("small/runs/*/*/chunk*.train.json")))
    assert calls == (4 if chunk == "1" else 2)


def test_progress_and_tracing_change_no_bit(finished, tmp_path, capsys):
    """Printed progress changes no bits of a run. A profiler with a checkpoint at each step changes none either."""
    folder = sorted(finished.glob("small/runs/*/*/seed1"))[0]
    data = next(finished.glob("data/*/manifest.json")).parent
    stored = {name: (folder / name).read_bytes() for name in REPEATABLE_FILES}
    printed = ("--settings", str(folder / "settings.json"), "--data", str(data), "--out", str(tmp_path / "printed"))
    assert main(["train", *printed]) == 0
    assert "ok" in capsys.readouterr().out
    silent = cProfile.Profile()
    silent.runcall(
        train_run, read_json(folder / "settings.json"), open_data(data), tmp_path / "silent", checkpoint_seconds=0
    )
    assert capsys.readouterr().out == ""
    for name in ("printed", "silent"):
        files = {file: (tmp_path / name / file).read_bytes() for file in REPEATABLE_FILES}
        assert [file for file in files if files[file] != stored[file]] == []


def test_no_result_reads_the_clock():
    """Except in three modules, code uses only monotonic time, because the clock may be set back during a study.

    These modules read the clock for the progress and the files of TensorBoard, which are no results, and for the date
    of an archive.
    """
    exempt = {PACKAGE / name for name in ("train/progress_file.py", "jobs/log_live.py", "archive/export.py")}
    for file in sorted({*PACKAGE.rglob("*.py")} - exempt):
        found = re.search(r"\btime\.(time|time_ns|localtime|gmtime|ctime)\(|\bdatetime\b|\.now\(", file.read_text())
        assert found is None, f"{file}: {found}"


def _differences(ours, theirs, name=""):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        keys = sorted({*ours, *theirs})
        return [line for key in keys for line in _differences(ours.get(key), theirs.get(key), f"{name}/{key}")]
    return [] if ours == theirs else [name]


def test_the_comparison_would_see_another_seed(finished, tmp_path):
    """The comparison of manifests can fail: if one setting is changed, files and tables differ."""
    study = tmp_path / "small.yaml"
    study.write_text(small_study.STUDY.replace("lr: 0.05", "lr: 0.0500001"))
    small_study.run(study, tmp_path / "results")
    mine, first = (read_json(p / "small" / "manifest.json")["results"] for p in (tmp_path / "results", finished))
    assert _differences(mine["tables"], first["tables"]) and mine["data"] == first["data"]
