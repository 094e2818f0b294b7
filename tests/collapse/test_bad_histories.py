"""Invalid histories give an error of one sentence, a note, or no probability.

docs/faults.md names many of these tests.
"""

import json
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest
from trajectories import steady

from gan_bench.collapse.inputs import detect_file
from gan_bench.errors import UserError
from gan_bench.logs import read
from gan_bench.logs.read import read_logs

KINDS = pytest.mark.parametrize("kind", ["csv", "parquet"])


def saved(path: Path, frame: pd.DataFrame) -> Path:
    frame.to_csv(path, index=False) if path.suffix == ".csv" else frame.to_parquet(path, index=False)
    return path


@KINDS
@pytest.mark.parametrize(
    ("column", "values", "sentence"),
    [
        ("step", [1e300 * k for k in range(20)], "whole numbers of at most 2**53"),
        ("step", [2**53 + k for k in range(20)], "whole numbers of at most 2**53"),
        ("step", [-(2**63), *range(19)], "whole numbers of at most 2**53"),
        ("step", pd.date_range("2020", periods=20), "holds '2020-01-01"),
        ("d_loss", [True, False] * 10, "holds 'True', not a number"),
        ("g_loss", [1j] * 20, "1j"),
        ("g_loss", ["1,5"] * 20, "holds '1,5', not a number"),
        ("d_real", ["much"] * 20, "holds 'much', not a number"),
    ],
)
def test_what_is_no_number_is_named(tmp_path: Path, kind: str, column: str, values: list, sentence: str) -> None:
    try:
        path = saved(tmp_path / f"log.{kind}", steady(rows=20).assign(**{column: values}))
    except (pa.ArrowException, ValueError):
        pytest.skip("parquet has no such column")
    with pytest.raises(UserError) as caught:
        detect_file(path, "ns")
    text = str(caught.value)
    assert str(path) in text and column in text and "\n" not in text
    assert sentence in text


@KINDS
@pytest.mark.parametrize("rows", [0, 1, 2, 9])
def test_a_few_rows_have_no_probability(tmp_path: Path, kind: str, rows: int) -> None:
    document = detect_file(saved(tmp_path / f"log.{kind}", steady(rows=20).head(rows)))
    assert document["rows"] == rows and document["p_collapse"] is None and document["began_step"] is None


@KINDS
@pytest.mark.parametrize("loss", [None, "ns", "wgan"])
def test_nan_in_eight_rows_is_a_divergence(tmp_path: Path, kind: str, loss: str | None) -> None:
    frame = steady(rows=8)
    frame.loc[4:, "g_loss"] = np.inf
    document = detect_file(saved(tmp_path / f"log.{kind}", frame), loss)
    assert document["verdict"] == "diverged" and document["began_step"] == 100


@KINDS
@pytest.mark.parametrize("gone", [["d_loss"], ["g_loss"], ["step", "d_loss", "g_loss"]])
def test_missing_columns_are_named_with_those_found(tmp_path: Path, kind: str, gone: list[str]) -> None:
    frame = steady(rows=20).assign(other=1).drop(columns=gone)
    with pytest.raises(UserError) as caught:
        detect_file(saved(tmp_path / f"log.{kind}", frame))
    losses = " and ".join(repr(name) for name in gone if name != "step")
    assert f"no column {losses};" in str(caught.value) and "other" in str(caught.value)


@pytest.mark.parametrize(
    ("header", "row", "sentence"),
    [
        ("step,d_loss,d_loss,g_loss", "{},1,2,3", "column 'd_loss' appears twice"),
        ("step,d_loss,g_loss", "{},1,2,3,4", "rows have more cells than the header has names"),
        ("0,1,2", "{},1,2", "no column 'd_loss' and 'g_loss'"),
    ],
)
def test_tables_of_another_form(tmp_path: Path, header: str, row: str, sentence: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text("\n".join([header, *(row.format(k) for k in range(20))]))
    with pytest.raises(UserError, match=sentence):
        detect_file(path)


def test_a_comma_at_the_end_of_each_row_adds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["step,d_loss,g_loss", *(f"{k},1.5,{k}," for k in range(20))]))
    (log,) = read_logs(path)
    assert log.history["g_loss"].tolist() == list(range(20)) and (log.history["d_loss"] == 1.5).all()
    assert log.notes == ()


@KINDS
def test_numbers_without_a_square_are_taken_for_not_finite(tmp_path: Path, kind: str) -> None:
    frame = steady().assign(d_real=1e200)
    frame.loc[100:, "d_loss"] = 1e300
    document = detect_file(saved(tmp_path / f"log.{kind}", frame))
    assert document["verdict"] == "diverged" and document["began_step"] == int(frame["step"][100])
    assert "d_loss is above 1e+150 in size in 100 rows, read as not finite." in document["reading"]
    assert any(note.startswith("d_real is above") for note in document["reading"])


@KINDS
@pytest.mark.parametrize("order", ["shuffled", "reversed", "two halves swapped"])
def test_the_order_of_rows_does_not_matter(tmp_path: Path, kind: str, order: str) -> None:
    frame = steady(rows=200)
    mixed = {
        "shuffled": frame.sample(frac=1, random_state=0),
        "reversed": frame.iloc[::-1],
        "two halves swapped": pd.concat([frame[100:], frame[:100]]),
    }[order]
    straight = detect_file(saved(tmp_path / f"log.{kind}", frame), "ns")
    again = detect_file(saved(tmp_path / f"log.{kind}", mixed), "ns")
    assert again["reading"] == ["The rows were not in the order of steps; they were sorted."]
    assert {**again, "reading": []} == straight


def test_damaged_parquet_is_named_or_read(tmp_path: Path) -> None:
    """Each file has two changed bytes, and every third file is also truncated. Both are at random positions."""
    whole = saved(tmp_path / "whole.parquet", steady()).read_bytes()
    rng, path, named = np.random.default_rng(0), tmp_path / "log.parquet", 0
    for k in range(150):
        content = bytearray(whole)
        for position in rng.integers(len(content), size=2):
            content[position] = rng.integers(256)
        path.write_bytes(content[: rng.integers(len(content)) if k % 3 == 0 else None])
        try:
            json.dumps(detect_file(path, "ns"), allow_nan=False)
        except UserError as error:
            assert str(path) in str(error) and "\n" not in str(error)
            named += 1
    assert named > 50


def long_history(path: Path, rows: int) -> Path:
    """Write a CSV with quoted column names, as pyarrow does."""
    rng = np.random.default_rng(0)
    columns = {"step": np.arange(rows), "d_loss": rng.normal(1.4, 0.1, rows), "g_loss": rng.normal(0.7, 0.1, rows)}
    pacsv.write_csv(pa.table(columns), path)
    return path


def test_a_million_rows_are_read_the_fast_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = long_history(tmp_path / "log.csv", 1_000_000)
    monkeypatch.setattr(read, "read_table", lambda *_: pytest.fail("cell by cell"))
    assert detect_file(path, "ns")["rows"] == 1_000_000


@pytest.mark.slow
def test_ten_million_rows_are_judged_in_bounded_memory(tmp_path: Path) -> None:
    path = long_history(tmp_path / "log.csv", 10_000_000)
    run = subprocess.run(
        [sys.executable, "-m", "gan_bench.cli", "detect", str(path), "--loss", "ns", "--json"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (6 * 2**30, 6 * 2**30)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout)["rows"] == 10_000_000
