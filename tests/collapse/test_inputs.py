"""Histories are read from CSV and parquet, and an error is one sentence.

D's loss is converted to the sum of its parts for real and generated images, without penalty.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trajectories import LN4, d_won, diverged, steady

from gan_bench.cli import main
from gan_bench.collapse.inputs import Logged, detect_file, detect_files
from gan_bench.collapse.loss_facts import loss_facts
from gan_bench.errors import UserError
from gan_bench.logs import read
from gan_bench.logs.read import read_logs
from gan_bench.logs.source import Source


def read_history(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """History and notes of a log with one pair of networks."""
    (log,) = read_logs(path)
    return log.history, list(log.notes)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_is_judged_like_its_frame(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"log.{kind}"
    frame = d_won(LN4).assign(comment="x")
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    named = detect_file(path, "non_saturating")
    assert named["verdict"] == "d_overpowering" and named["rows"] == 200 and named["file"] == str(path)
    assert named["began_step"] == 67 * 20
    assert detect_file(path)["verdict"] != "d_overpowering"
    assert detect_file(path, "wasserstein")["loss_family"] == "wasserstein"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_nan_is_a_divergence_in_either_format(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"log.{kind}"
    frame = diverged(at=50)
    frame.to_csv(path, index=False, na_rep="nan") if kind == "csv" else frame.to_parquet(path)
    document = detect_file(path)
    assert document["verdict"] == "diverged" and document["began_step"] == 51 * 20


def test_rows_out_of_order_are_sorted_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    frame = steady()
    frame.iloc[::-1].to_csv(path, index=False)
    read, notes = read_history(path)
    assert read["step"].tolist() == frame["step"].tolist() and "sorted" in notes[0]
    assert read_history(_csv(path, frame))[1] == []


def test_a_step_saved_as_the_index_is_found(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    steady().set_index("step").to_parquet(path)
    assert read_history(path)[0]["step"].iloc[-1] == 4000


def test_spaces_and_a_byte_order_mark_do_not_hide_a_column(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    lines = ["\ufeffstep, d_loss, g_loss", *(f"{k}, 1.0, inf" for k in range(12))]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert np.isinf(read_history(path)[0]["g_loss"]).all()


def _csv(path: Path, frame) -> Path:
    frame.to_csv(path, index=False)
    return path


def _with(cell: object, column: str, rows: int = 20):
    frame = steady(rows=rows).astype(object)
    frame.loc[4, column] = cell
    return frame


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (steady().drop(columns="d_loss"), "no column 'd_loss'; only a loss of G.*found: g_loss. Log the loss of D too"),
        (_with("abc", "d_loss"), "column 'd_loss', data row 5 holds 'abc'"),
        (_with("x", "gn_g"), "column 'gn_g', data row"),
    ],
)
def test_mistakes_in_a_csv(tmp_path: Path, frame, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        read_history(_csv(tmp_path / "log.csv", frame))
    assert "log.csv" in str(caught.value) and len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("frame", "rows", "steps", "note"),
    [
        (_with("", "g_loss"), 19, "step", "1 row without both losses was left out."),
        (_with("80", "step"), 19, "step", "1 row was left out because its step is logged again later"),
        (_with("80.5", "step"), 20, "step x 10", ""),
        (_with("nan", "step"), 19, "step", "1 row without a step was left out."),
        (steady(rows=20).assign(step=7), 20, "order of rows (step repeats)", ""),
        (steady(rows=20).drop(columns="step"), 20, "order of rows (no column counts them)", ""),
    ],
)
def test_what_can_be_read_is_read_and_said(tmp_path: Path, frame, rows: int, steps: str, note: str) -> None:
    (log,) = read_logs(_csv(tmp_path / "log.csv", frame))
    assert len(log.history) == rows and log.recognised["step"] == steps
    assert (log.history["step"].diff().dropna() > 0).all() and np.isfinite(log.history).all(axis=None)
    assert note in " ".join(log.notes)


def test_an_empty_cell_of_an_optional_column_only_loses_its_sign(tmp_path: Path) -> None:
    frame = steady().assign(gn_g=1.0)
    frame.loc[7, "gn_g"] = None
    document = detect_file(_csv(tmp_path / "log.csv", frame))
    assert {"sign": "g_gradient_gone", "reason": "column gn_g is not finite everywhere"} in document["not_applicable"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("log.txt", b"step", "not recognised as a log of losses: line 1 is 'step'; valid: .*TensorBoard"),
        ("log.bin", b"\0\1", "not recognised as a log of losses: it is binary"),
        ("log.parquet", b"no parquet", "not a readable parquet file"),
        ("log.csv", b"", "not a readable csv file"),
        ("log.csv", b"step,d_loss,g_loss\n\xff\xfe", "not a readable csv file"),
    ],
)
def test_files_that_are_no_history(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        read_history(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        read_history(tmp_path / "log.csv")


def test_an_unknown_loss_is_answered_with_the_names(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"unknown loss .*did you mean .wasserstein"):
        detect_file(_csv(tmp_path / "log.csv", steady()), "wasserstien")


def test_facts_of_a_loss_carry_its_level() -> None:
    assert loss_facts({"name": "non_saturating"})["equilibrium"]["d_loss"] == pytest.approx(LN4)
    assert loss_facts({"name": "wasserstein"})["equilibrium"] is None


def test_the_fast_reader_agrees_with_the_checked_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = steady().assign(div_pair=0.5, comment="x", lg_real_sd=np.float32(0.1))
    path = _csv(tmp_path / "log.csv", frame)
    assert read.read_fast_csv(Source(path)) is not None
    fast = read_history(path)[0]
    monkeypatch.setattr(read, "read_fast_csv", lambda *_: None)
    pd.testing.assert_frame_equal(fast, read_history(path)[0], check_exact=True)


@pytest.mark.parametrize("first", [0, 50])
def test_empty_cells_to_the_end_are_how_pandas_writes_a_divergence(tmp_path: Path, first: int) -> None:
    frame = diverged(at=first)
    document = detect_file(_csv(tmp_path / "log.csv", frame), "ns")
    assert document["verdict"] == "diverged" and document["began_step"] == (first + 1) * 20
    assert f"empty from data row {first + 1} on" in document["reading"][0]


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("ns", "non_saturating"),
        ("minimax", "minimax"),
        ("lsgan", "least_squares"),
        ("hinge", "hinge"),
        ("wgan", "wasserstein"),
        ("WGANGP", "wasserstein"),
    ],
)
def test_aliases_of_losses(tmp_path: Path, alias: str, name: str) -> None:
    assert detect_file(_csv(tmp_path / "log.csv", steady()), alias)["loss"] == name


def test_a_mean_of_halves_is_doubled_and_a_penalty_inside_hides_the_level(tmp_path: Path) -> None:
    halved = d_won(LN4).assign(d_loss=lambda frame: frame["d_loss"] / 2)
    whole, half = (
        detect_file(_csv(tmp_path / n, f), logged)
        for n, f, logged in (("whole.csv", d_won(LN4), Logged("ns")), ("half.csv", halved, Logged("ns", d_loss="mean")))
    )
    for key in ("verdict", "p_collapse", "began_step"):
        assert whole[key] == half[key]
    inside = d_won(LN4).assign(penalty=0.7).assign(d_loss=lambda frame: frame["d_loss"] + 0.7)
    known = detect_file(_csv(tmp_path / "known.csv", inside), Logged("ns", penalty_inside=True))
    assert known["verdict"] == "d_overpowering" and "subtracted" in known["reading"][0]
    unknown = detect_file(
        _csv(tmp_path / "unknown.csv", inside.drop(columns="penalty")), Logged("ns", penalty_inside=True)
    )
    assert "equilibrium of the loss" in unknown["signals_missing"]


def test_a_folder_gives_one_document_per_file_in_order_also_for_bad_files(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    _csv(tmp_path / "b.csv", steady())
    _csv(tmp_path / "more" / "a.csv", d_won(LN4))
    (tmp_path / "c.csv").write_text("step,d_loss\n1,2\n")
    (tmp_path / "notes.txt").write_text("not a history")
    documents = list(detect_files(tmp_path, Logged("ns")))
    assert [Path(document["file"]).name for document in documents] == ["b.csv", "c.csv", "a.csv"]
    assert documents[0] == detect_file(tmp_path / "b.csv", "ns")
    assert documents[1]["verdict"] == "not_judged" and "no column 'g_loss'" in documents[1]["error"]
    assert documents[2]["verdict"] == "d_overpowering"
    with pytest.raises(UserError, match="no log below it"):
        list(detect_files(tmp_path / "none", Logged()))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--loss", "nss"], "did you mean 'ns'"),
        (["--d-loss", "max"], "--d-loss is 'max'; valid: sum, mean"),
        (["--seen", "1.5"], "--seen is 1.5; valid: above 0, at most 1"),
        (["--columns", "d_loss"], "'d_loss' is not of the form"),
        (["--columns", "x=y"], "unknown signal 'x'"),
    ],
)
def test_mistakes_on_the_command_line_are_one_sentence(tmp_path: Path, capsys, arguments: list, message: str) -> None:
    path = _csv(tmp_path / "log.csv", steady())
    assert main(["detect", str(path), *arguments]) == 2
    shown = capsys.readouterr()
    assert message in shown.err and shown.err.count("\n") == 1 and not shown.out


def test_a_folder_on_the_command_line_is_a_list_and_errors_are_exit_code_two(tmp_path: Path, capsys) -> None:
    _csv(tmp_path / "a.csv", steady())
    main(["detect", str(tmp_path), "--loss", "ns", "--json"])
    documents = json.loads(capsys.readouterr().out)
    assert [
        set(d) >= {"file", "verdict", "p_collapse", "signals_used", "began_step", "evidence"} for d in documents
    ] == [True]
    (tmp_path / "b.csv").write_text("no")
    assert main(["detect", str(tmp_path), "--json"]) == 2
    shown = capsys.readouterr()
    assert len(json.loads(shown.out)) == 2 and "1 of 2 files" in shown.err


def test_a_verdict_needs_no_torch_and_little_time(tmp_path: Path) -> None:
    script = (
        "import sys; from gan_bench.collapse.inputs import detect_file\n"
        f"detect_file({str(_csv(tmp_path / 'log.csv', d_won(LN4)))!r}, 'ns')\n"
        "assert 'torch' not in sys.modules and 'sklearn' not in sys.modules\n"
    )
    before = os.times().children_user
    subprocess.run([sys.executable, "-c", script], check=True)
    assert os.times().children_user - before < 2.0
