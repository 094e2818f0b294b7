"""A file written block by block equals the file of all rows written at once."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gan_bench.stats.write import streams
from gan_bench.stats.write.streams import csv_rows, parquet_groups, parquet_rows
from gan_bench.stats.write.table_files import write_csv, write_csv_parts

COLUMNS = ["dataset", "seed", "value", "note"]
#: In some blocks, `value` has only whole numbers; in other blocks it has fractions. Some blocks have no notes.
ROWS = [
    {"dataset": "a", "seed": i, "value": [1, 2.5, None, 1e-7, 3, 4, 5][i], "note": None if i < 5 else 'said, "so"'}
    for i in range(7)
]


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
def test_rows_in_blocks_give_the_bytes_of_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(streams, "ROWS", at_once)
    write_csv(tmp_path / "whole.csv", pd.DataFrame(ROWS, columns=COLUMNS))
    with csv_rows(tmp_path / "rows.csv", COLUMNS, {"value": "float64"}) as put:
        for row in ROWS:
            put([row])
    assert (tmp_path / "rows.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_no_rows_are_a_header(tmp_path: Path) -> None:
    with csv_rows(tmp_path / "rows.csv", COLUMNS, {"value": "float64"}):
        pass
    assert (tmp_path / "rows.csv").read_text() == "dataset,seed,value,note\n"


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("as it was\n")
    with (
        pytest.raises(ZeroDivisionError),
        csv_rows(tmp_path / "rows.csv", COLUMNS, {}) as put,
        parquet_rows(tmp_path / "rows.parquet", pa.schema([("a", pa.int64())])) as more,
    ):
        put(ROWS[:1])
        more([{"a": 1}])
        raise ZeroDivisionError
    assert [file.name for file in tmp_path.iterdir()] == ["rows.csv"]
    assert (tmp_path / "rows.csv").read_text() == "as it was\n"


def test_parts_of_a_table_give_its_bytes(tmp_path: Path) -> None:
    table = pd.DataFrame({"a": [1.5, np.nan, 1e300], "b": ["x", None, "y,z"]})
    write_csv(tmp_path / "whole.csv", table)
    write_csv_parts(tmp_path / "parts.csv", (table.iloc[i : i + 2] for i in (0, 2)))
    assert (tmp_path / "parts.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_groups_of_numbers_are_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "GROUP_ROWS", 4)
    schema = pa.schema([("a", pa.int64()), ("b", pa.float64())])
    frame = pd.DataFrame({"a": range(9), "b": [0.5, np.nan, *range(7)]})
    with parquet_groups(tmp_path / "t.parquet", schema) as put:
        for i in range(0, 9, 3):
            put(pa.Table.from_pandas(frame.iloc[i : i + 3], schema, preserve_index=False))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), frame)
    assert pq.read_metadata(tmp_path / "t.parquet").num_row_groups == 2
    assert pq.read_table(tmp_path / "t.parquet")["b"].null_count == 1


def test_pictures_are_written_when_they_are_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "GROUP_BYTES", 100)
    schema = pa.schema([("seed", pa.int64()), ("png", pa.binary())])
    rows = [{"seed": i, "png": None if i == 2 else bytes(60)} for i in range(5)]
    with parquet_rows(tmp_path / "t.parquet", schema) as put:
        put(rows)
    assert pq.read_metadata(tmp_path / "t.parquet").num_row_groups == 2
    assert pq.read_table(tmp_path / "t.parquet").to_pylist() == rows
