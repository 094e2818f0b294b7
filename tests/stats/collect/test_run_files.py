"""Missing and damaged files of a run are named. The folder of another run is refused."""

from pathlib import Path

import pytest
from fabricate import fabricate_study, run_folder

from gan_bench.errors import UserError
from gan_bench.files import read_json, write_json
from gan_bench.stats.collect.plan import PlannedRun, planned_runs
from gan_bench.stats.collect.run_files import RunRecord, missing_results, note_of, read_run

METRICS = ["frechet", "coverage", "nn_accuracy"]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Folder of the single run of a study."""
    plan = fabricate_study(tmp_path, variants=("DCGAN",), seeds=(0,))
    return run_folder(tmp_path, plan, "digits", "DCGAN", 0)


def _planned(run: Path) -> PlannedRun:
    study = run.parents[3]
    return next(planned_runs(read_json(study / "plan.json"), study))


def _record(run: Path) -> RunRecord:
    return read_run(_planned(run))


def _missing(run: Path) -> list[str]:
    file = run / "status.json"
    return missing_results(_planned(run), read_json(file) if file.is_file() else None, METRICS)


def test_a_finished_run_lacks_nothing(run: Path) -> None:
    record = _record(run)
    assert record.status == "ok" and _missing(run) == []
    assert record.metrics["frechet"]["value"] == 10.0 and note_of(record, record.metrics["frechet"]) is None


@pytest.mark.parametrize("name", ["metrics.json", "collapse.json"])
def test_what_a_finished_run_lacks_is_named(run: Path, name: str) -> None:
    (run / name).unlink()
    assert _missing(run) == [name]


def test_a_metric_value_that_was_planned_later_is_missing(run: Path) -> None:
    scores = read_json(run / "metrics.json")
    scores["metrics"] = [row for row in scores["metrics"] if row["name"] != "coverage"]
    write_json(run / "metrics.json", scores)
    assert _missing(run) == ["coverage in metrics.json"]
    record = _record(run)
    assert note_of(record, record.metrics.get("coverage")) == "not scored"


def test_a_failed_run_need_not_be_scored(run: Path) -> None:
    write_json(run / "status.json", read_json(run / "status.json") | {"status": "failed", "reason": "out of memory"})
    (run / "metrics.json").unlink()
    assert _missing(run) == [] and note_of(_record(run), None) == "run failed: out of memory"


def test_no_status_is_missing(run: Path) -> None:
    (run / "status.json").unlink()
    assert _record(run).status == "missing" and _missing(run) == ["status.json"]


def test_another_runs_folder_is_refused(run: Path) -> None:
    write_json(run / "settings.json", read_json(run / "settings.json") | {"batch_size": 7})
    with pytest.raises(UserError, match=r"settings\.json: 'batch_size' is 7, but 32 in the plan"):
        _record(run)


def test_an_unknown_status_is_refused(run: Path) -> None:
    write_json(run / "status.json", {"status": "fine"})
    with pytest.raises(UserError, match="status 'fine' is not one of ok, diverged, failed, timeout"):
        _record(run)


def test_damaged_files_are_named(run: Path) -> None:
    (run / "metrics.json").write_text("{")
    with pytest.raises(UserError, match=r"metrics\.json: not valid JSON"):
        _record(run)
