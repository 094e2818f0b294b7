"""Verdicts on a folder of logs, compared with the known outcomes of the runs. The tests make an artificial folder."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_field import fine

from gan_bench.collapse.field import Assessor, field


@pytest.fixture(scope="module")
def scripts(root: Path):
    sys.path.insert(0, str(root / "benchmarks" / "detector"))
    yield {
        name: importlib.import_module(name)
        for name in ("field_corpus", "judge_field", "field_judging", "field_document")
    }
    sys.path.remove(str(root / "benchmarks" / "detector"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four logs: two of good runs, one of a failed run whose FID gets worse halfway, and one of only eight rows."""
    (tmp_path / "logs").mkdir()
    healthy = fine()
    fooled = {"d_loss": np.full(200, 90.0), "g_loss": np.zeros(200)}
    broken = {name: np.append(healthy[name][:200], fooled.get(name, healthy["step"][200:])) for name in healthy}
    logs = {"fine_a": healthy, "fine_b": fine(60), "broken": broken, "short": fine(8)}
    rows = []
    for name, log in logs.items():
        pd.DataFrame(log).to_csv(tmp_path / "logs" / f"{name}.csv", index=False)
        outcome = "broke_down" if name == "broken" else "fine"
        rows.append({"id": name, "group": name, "loss": "ns", "d_loss_is": "sum", "licence": "MIT", "model": None,
                     "outcome": outcome, "note": None})  # fmt: skip
    pd.DataFrame(rows).to_csv(tmp_path / "index.csv", index=False)
    steps = np.arange(39, 400, 40)
    pd.DataFrame({"step": steps, "fid": np.where(steps < 200, 20, 90)}).to_csv(
        tmp_path / "logs" / "broken.fid.csv", index=False
    )
    return tmp_path


def test_the_tables_count_every_log(scripts, folder):
    shipped = Assessor(field())
    logs = scripts["field_corpus"].read_field(folder)
    results = scripts["field_judging"].judge_logs(logs, lambda log: shipped)
    assert [row["status"] for row in results] == ["judged", "judged", "judged", "too_short"]
    rates = scripts["field_judging"].rates(results)
    assert (rates["n"], rates["alarms"], rates["found"], rates["auroc"]) == (4, (0, 3), (1, 1), 1.0)
    answers, times = scripts["judge_field"].judged(folder, lambda log: shipped)
    text = scripts["field_document"].report(answers, times, None, before=False)
    assert "0/3 = 0.00" in text and "Of the runs that broke down, 1/1" in text


def test_breakdown_is_the_first_evaluation_from_which_fid_stays_worse(scripts, folder):
    log = next(log for log in scripts["field_corpus"].read_field(folder) if log.fid is not None)
    assert log.fid["step"].iloc[log.broke_at] == 239
    (row,) = scripts["field_judging"].over_time([log], lambda log: Assessor(field()))
    assert row["broke"] and row["early"] == 0 and 0 <= row["delay"] < 0.5


def test_an_absent_folder_is_said_in_one_line(scripts, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["judge_field", "--logs", str(tmp_path / "none")])
    scripts["judge_field"].main()
    assert "nothing to judge" in capsys.readouterr().out


def test_the_list_of_wrong_runs_says_why(scripts):
    missed = {"id": "tfgan_lsgan", "failed": True, "alarm": False, "outcome": "never_learned", "rows": 20,
              "p_failure": 0.05, "threshold": 0.5, "status": "judged", "note": None, "d_loss_is": "sum"}  # fmt: skip
    text = scripts["field_document"].wrong_list([missed, missed | {"id": "new", "note": "no case"}])
    assert "both losses settle near their equilibrium" in text and ": no case." in text
