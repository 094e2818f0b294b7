"""Histories of runs with different columns in one table, as pandas puts frames together."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.stats.collect import histories
from gan_bench.stats.collect.histories import Histories, columns_of, together
from gan_bench.stats.collect.plan import Asked

FRAMES = [
    pd.DataFrame({"step": [1, 2], "d_loss": [0.5, np.nan], "count": [3, 4]}),
    pd.DataFrame({"step": [1, 2, 3], "d_loss": [1.0, 2.0, 3.0], "count": [5, 6, 7]}),
    pd.DataFrame({"step": [1], "own": [9], "g_loss": [0.25]}),
    None,
    pd.DataFrame({"step": [1.5], "d_loss": [1.0], "count": [8]}),
    pd.DataFrame({"step": [], "d_loss": [], "count": []}, dtype="float64"),
]


@pytest.fixture
def runs(tmp_path: Path) -> list[Asked]:
    """A run for each of FRAMES; one of them left no history."""
    found = []
    for seed, frame in enumerate(FRAMES):
        found.append(Asked("demo", "digits", "cell", "V", seed, {}, tmp_path / f"seed{seed}"))
        found[-1].folder.mkdir()
        if frame is not None:
            frame.to_parquet(found[-1].folder / paths.HISTORY, index=False)
    return found


def _put(runs: list[Asked], keep: Callable[[pa.Table], None]) -> pa.Schema:
    there = [run for run in runs if run.history_file.is_file()]
    schema = together(dict.fromkeys(columns_of(run.history_file) for run in there))
    put = Histories(schema, keep)
    for run in runs:
        put.add(run)
    put.finish()
    return schema


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_they_are_those_of_pandas(runs: list[Asked], monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(histories, "AT_ONCE", at_once)
    tables: list[pa.Table] = []
    schema = _put(runs, tables.append)
    parts = [
        pd.concat([pd.DataFrame([run.key] * len(frame), index=frame.index, columns=list(run.key)), frame], axis=1)
        for run, frame in zip(runs, FRAMES, strict=True)
        if frame is not None and len(frame)
    ]
    expected = pd.concat(parts, ignore_index=True).astype({"seed": "int64"})
    found = pa.concat_tables(tables).to_pandas()
    pd.testing.assert_frame_equal(found, expected)
    assert schema.field("count").type == schema.field("step").type == pa.float64()


def test_whole_numbers_that_all_have_stay_whole(runs: list[Asked]) -> None:
    tables: list[pa.Table] = []
    schema = _put(runs[:2], tables.append)
    assert schema.field("count").type == pa.int64() and len(tables) == 1
    assert tables[0]["seed"].to_pylist() == [0, 0, 1, 1, 1]


def test_a_damaged_file_is_named(runs: list[Asked]) -> None:
    file = runs[0].history_file
    file.write_bytes(b"cut off")
    with pytest.raises(UserError, match=r"history\.parquet: not a readable parquet file"):
        columns_of(file)
    with pytest.raises(UserError, match=r"history\.parquet: not a readable parquet file"):
        Histories(pa.schema([]), lambda _: None).add(runs[0])
