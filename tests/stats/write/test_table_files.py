"""Tables are read back as they were written."""

from pathlib import Path

import pandas as pd
import pytest

from gan_bench.errors import UserError
from gan_bench.stats.write.table_files import read_csv, write_csv, write_parquet


def test_what_is_written_is_read(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "variant": pd.array(["NA", "1", 'a,"b"\nc'], dtype="str"),
            "value": [0.1 + 0.2, 1e-300, None],
            "n_real": pd.array([1, None, 3], dtype="Int64"),
        }
    )
    write_csv(tmp_path / "t.csv", table)
    pd.testing.assert_frame_equal(read_csv(tmp_path / "t.csv"), table, check_exact=True)


def test_floats_survive_exactly(tmp_path: Path) -> None:
    values = [1 / 3, 2**0.5, 1e17 / 7, 5e-324, 0.1]
    write_csv(tmp_path / "t.csv", pd.DataFrame({"value": values}))
    assert read_csv(tmp_path / "t.csv")["value"].tolist() == values


def test_a_table_that_was_not_collected_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"runs\.csv: no such file; collect"):
        read_csv(tmp_path / "runs.csv")


def test_parquet_keeps_bytes(tmp_path: Path) -> None:
    table = pd.DataFrame({"png": [b"\x89PNG\x00", None]})
    write_parquet(tmp_path / "t.parquet", table)
    assert pd.read_parquet(tmp_path / "t.parquet")["png"].tolist() == [b"\x89PNG\x00", None]


@pytest.mark.filterwarnings("error")
def test_a_column_has_one_type_however_long_it_is(tmp_path: Path) -> None:
    """A column of flags with one gap keeps its type if the file is so long that the parser reads it in pieces."""
    best = [None, *([True] * 100_000)]
    # The more columns a file has, the fewer rows the parser reads at a time.
    write_csv(tmp_path / "t.csv", pd.DataFrame({"best": best} | {f"n{i}": 0 for i in range(31)}))
    assert read_csv(tmp_path / "t.csv")["best"].tolist()[1:] == best[1:]
