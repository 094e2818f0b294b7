"""Training curves for other tools: what they contain, that `detect` reads them, and that they change no settings."""

import importlib.util
import json

import pandas as pd
import pytest

from gan_bench import log_to
from gan_bench.collapse.inputs import Logged, judge_logs
from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.data import prepare
from gan_bench.errors import UserError
from gan_bench.jobs import log_live
from gan_bench.jobs.log_files import write_study
from gan_bench.jobs.train import train_cell

STUDY = """
datasets: [digits]
variants: [{model: {name: mlp, g_widths: [8], d_widths: [8]}, loss: non_saturating, optimizer: adam}]
seeds: 1
budget: {g_steps: 40}
snapshots: 3
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Folder of a study with one run, trained with `log_to: csv`, and the content of the CSV file after training."""
    plan = expand(parse_study(STUDY, "small")).to_json()
    folder = tmp_path_factory.mktemp("small")
    (cell,) = plan["cells"]
    prepare(plan["datasets"]["digits"]["ref"], folder / "data")
    place = folder / "runs" / "digits" / cell["id"]
    train_cell(cell["settings"], [0], folder / "data", folder / "store", place, print, print, ("csv",))
    (folder / "plan.json").write_text(json.dumps(plan))
    (place / "seed0" / "metrics.json").write_text('{"metrics": [{"name": "frechet", "value": 2.5}]}')
    return folder, pd.read_csv(folder / "csv" / "digits" / cell["id"] / "seed0.csv")


def test_a_run_is_written_while_it_trains_and_with_scores_when_the_study_is_done(study):
    folder, live = study
    (history,) = [pd.read_parquet(file) for file in folder.glob("runs/*/*/seed0/history.parquet")]
    pd.testing.assert_series_equal(live["loss/D"], history["d_loss"].iloc[:-1], check_names=False)
    assert write_study(folder, ["csv"]) == [f"digits/{file.name}/seed0" for file in folder.glob("runs/digits/*")]
    (table,) = [pd.read_csv(file) for file in folder.glob("csv/digits/*/seed0.csv")]
    names = {"loss/D": "d_loss", "loss/G": "g_loss", "D(x)": "d_real", "D(G(z))": "d_fake", "signals/gn_g": "gn_g"}
    for name, column in names.items():
        assert list(table[name]) == pytest.approx(list(history[column]))
    assert table["score/frechet"].dropna().tolist() == [2.5] and table["step"].iloc[-1] == 40


@pytest.mark.parametrize("form", ["csv", "tensorboard"])
def test_detect_reads_what_is_written_as_it_reads_the_history(study, form):
    if form == "tensorboard":
        events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    folder, _ = study
    write_study(folder, [form])
    (path,) = folder.glob("csv/digits/*/seed0.csv" if form == "csv" else "tensorboard/digits/*/seed0")
    (history,) = folder.glob("runs/*/*/seed0/history.parquet")
    (judged,), (expected,) = (judge_logs(file, Logged("non_saturating")) for file in (path, history))
    assert judged.document["verdict"] == expected.document["verdict"]
    assert judged.document["p_collapse"] == pytest.approx(expected.document["p_collapse"], abs=1e-3)
    columns = ["step", "d_loss", "g_loss", "d_real", "d_fake", "gn_g", "div_pair"]
    pd.testing.assert_frame_equal(
        judged.log.history[columns], expected.log.history[columns], check_dtype=False, rtol=1e-5
    )
    if form == "tensorboard":
        read = events.EventAccumulator(str(path))
        read.Reload()
        assert [image.step for image in read.Images("samples")] == [0, 20, 40]


def test_a_resumed_run_is_written_whole_and_what_watches_it_decides(tmp_path):
    live = log_live.Live({"csv": tmp_path / "seed0"})
    live.watch = lambda rows, planned: "halt" if rows[-1]["step"] == 3 else None
    rows = [{"step": 1, "d_loss": 1.0, "penalty": float("nan")}, {"step": 2, "d_loss": 2.0}]
    assert live(rows, 9) is None and live([*rows, {"step": 3, "d_loss": 3.0}], 9) == "halt"
    live.close()
    assert (tmp_path / "seed0.csv").read_text() == "step,loss/D\n1,1.0\n2,2.0\n3,3.0\n"
    full = log_live.Live({"csv": tmp_path / "seed0.csv" / "below_a_file"})
    assert full(rows, 9) is None, "a place that cannot be written stops no run"
    full.close()


def test_the_plan_and_the_settings_of_runs_do_not_know_of_it():
    plans = [expand(parse_study(STUDY + more, "small")).to_json() for more in ("", "log_to: [tensorboard, csv]")]
    assert plans[0] == plans[1]
    with pytest.raises(UserError, match=r"log_to.*'wandb' is not valid; one of 'csv' or 'tensorboard' is needed"):
        parse_study(STUDY + "log_to: [wandb]", "small")


def test_a_missing_package_is_one_sentence_with_the_name_of_the_extra(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'gan-bench\[tensorboard\]'"):
        log_to.require(("csv", "tensorboard"))
    log_to.require(("csv",))
