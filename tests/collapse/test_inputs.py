"""Histories of any training: CSV and parquet, and every mistake named in one sentence."""

from pathlib import Path

import numpy as np
import pytest
from trajectories import LN4, d_won, diverged, steady

from gan_bench.collapse.inputs import detect_file, loss_facts, read_history
from gan_bench.errors import UserError


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
    found = detect_file(path)
    assert found["verdict"] == "diverged" and found["began_step"] == 51 * 20


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
        (steady(rows=9), "9 rows are too few"),
        (steady().drop(columns="d_loss"), "no column 'd_loss'.*found: step, g_loss"),
        (steady().drop(columns=["d_loss", "step"]), "no column 'step', 'd_loss'"),
        (_with("abc", "d_loss"), "column 'd_loss', data row 5 holds 'abc'"),
        (_with("", "g_loss"), "column 'g_loss', data row 5 is empty"),
        (_with("80", "step"), "step 80 appears more than once"),
        (_with("80.5", "step"), "whole numbers"),
        (_with("nan", "step"), "whole numbers"),
        (_with("x", "gn_g"), "column 'gn_g', data row"),
    ],
)
def test_mistakes_in_a_csv(tmp_path: Path, frame, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        read_history(_csv(tmp_path / "log.csv", frame))
    assert "log.csv" in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_an_empty_cell_of_an_optional_column_only_loses_its_sign(tmp_path: Path) -> None:
    frame = steady().assign(gn_g=1.0)
    frame.loc[7, "gn_g"] = None
    found = detect_file(_csv(tmp_path / "log.csv", frame))
    assert {"sign": "g_gradient_gone", "reason": "column gn_g is not finite everywhere"} in found["not_applicable"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("log.txt", b"step", "a .csv or .parquet file, not '.txt'"),
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
    with pytest.raises(UserError, match=r"unknown losses component.*wasserstein"):
        detect_file(_csv(tmp_path / "log.csv", steady()), "wasserstien")


def test_facts_of_a_loss_carry_its_level() -> None:
    assert loss_facts({"name": "non_saturating"})["equilibrium"]["d_loss"] == pytest.approx(LN4)
    assert loss_facts({"name": "wasserstein"})["equilibrium"] is None
