"""Reading one run's files."""

from pathlib import Path

import pytest
from fabricate import fabricate_study, run_folder

from gan_bench.errors import UserError
from gan_bench.files import read_json, write_json
from gan_bench.stats.collect.plan import asked_runs
from gan_bench.stats.collect.run_files import Found, find, lacks, note_of, require_complete

WANTED = ["fid", "coverage", "nn_accuracy"]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Folder of the only run of a study."""
    plan = fabricate_study(tmp_path, variants=("DCGAN",), seeds=(0,))
    return run_folder(tmp_path, plan, "digits", "DCGAN", 0)


def _found(run: Path) -> Found:
    study = run.parents[3]
    return find(asked_runs(read_json(study / "plan.json"), study)[0], WANTED)


def _lacks(run: Path) -> tuple[str, ...]:
    """The same by what is read before any run is written."""
    study, file = run.parents[3], run / "status.json"
    asked = asked_runs(read_json(study / "plan.json"), study)[0]
    return lacks(asked, read_json(file) if file.is_file() else None, WANTED)


def test_a_finished_run_lacks_nothing(run: Path) -> None:
    found = _found(run)
    assert found.status == "ok" and found.lacking == () == _lacks(run)
    assert found.metrics["fid"]["value"] == 10.0 and note_of(found, found.metrics["fid"]) is None


@pytest.mark.parametrize("name", ["metrics.json", "collapse.json"])
def test_what_a_finished_run_lacks_is_named(run: Path, name: str) -> None:
    (run / name).unlink()
    found = _found(run)
    assert found.lacking == (name,) == _lacks(run)


def test_a_value_that_was_not_asked_then_is_lacking_now(run: Path) -> None:
    scored = read_json(run / "metrics.json")
    scored["metrics"] = [row for row in scored["metrics"] if row["name"] != "coverage"]
    write_json(run / "metrics.json", scored)
    found = _found(run)
    assert found.lacking == ("coverage in metrics.json",) == _lacks(run)
    assert note_of(found, found.metrics.get("coverage")) == "not scored"


def test_a_failed_run_need_not_be_scored(run: Path) -> None:
    write_json(run / "status.json", read_json(run / "status.json") | {"status": "failed", "reason": "out of memory"})
    (run / "metrics.json").unlink()
    found = _found(run)
    assert found.lacking == () == _lacks(run) and note_of(found, None) == "run failed: out of memory"


def test_no_status_is_missing(run: Path) -> None:
    (run / "status.json").unlink()
    found = _found(run)
    assert found.status == "missing" and found.lacking == ("status.json",) == _lacks(run)


def test_another_runs_folder_is_refused(run: Path) -> None:
    write_json(run / "settings.json", read_json(run / "settings.json") | {"batch_size": 7})
    with pytest.raises(UserError, match=r"settings\.json: 'batch_size' is 7, the plan asks for 32"):
        _found(run)


def test_an_unknown_status_is_refused(run: Path) -> None:
    write_json(run / "status.json", {"status": "fine"})
    with pytest.raises(UserError, match="status 'fine' is not one of ok, diverged, failed, timeout"):
        _found(run)


def test_damaged_files_are_named(run: Path) -> None:
    (run / "metrics.json").write_text("{")
    with pytest.raises(UserError, match=r"metrics\.json: not valid JSON"):
        _found(run)


def test_many_gaps_are_counted() -> None:
    require_complete([], 25)
    with pytest.raises(UserError, match=r"^2 of 9 asked runs lack results: a \(status\.json\); b \(metrics\.json\)\.$"):
        require_complete(["a (status.json)", "b (metrics.json)"], 9)
    with pytest.raises(UserError, match=r"25 of 30 .*; and 5 more\.$"):
        require_complete([f"run{i}" for i in range(25)], 30)
