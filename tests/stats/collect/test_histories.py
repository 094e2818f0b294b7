"""Concatenating histories of runs with different columns gives the same table as pandas."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.stats.collect import histories
from gan_bench.stats.collect.histories import HistoryConcatenation, common_schema, history_schema
from gan_bench.stats.collect.plan import PlannedRun

FRAMES = [
    pd.DataFrame({"step": [1, 2], "d_loss": [0.5, np.nan], "count": [3, 4]}),
    pd.DataFrame({"step": [1, 2, 3], "d_loss": [1.0, 2.0, 3.0], "count": [5, 6, 7]}),
    pd.DataFrame({"step": [1], "own": [9], "g_loss": [0.25]}),
    None,
    pd.DataFrame({"step": [1.5], "d_loss": [1.0], "count": [8]}),
    pd.DataFrame({"step": [], "d_loss": [], "count": []}, dtype="float64"),
]


@pytest.fixture
def runs(tmp_path: Path) -> list[PlannedRun]:
    """A run for each of FRAMES; one of these runs has no history."""
    runs = []
    for seed, frame in enumerate(FRAMES):
        runs.append(PlannedRun("demo", "digits", "cell", "V", seed, {}, tmp_path / f"seed{seed}"))
        runs[-1].folder.mkdir()
        if frame is not None:
            frame.to_parquet(runs[-1].folder / paths.HISTORY, index=False)
    return runs


def _concatenate(runs: list[PlannedRun], put: Callable[[pa.Table], None]) -> pa.Schema:
    files = [run.history_file for run in runs if run.history_file.is_file()]
    schema = common_schema(dict.fromkeys(history_schema(file) for file in files))
    histories = HistoryConcatenation(schema, put)
    for run in runs:
        histories.add(run)
    histories.flush()
    return schema


@pytest.mark.parametrize("block", [1, 2, 100])
def test_the_result_is_that_of_pandas(runs: list[PlannedRun], monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(histories, "BLOCK", block)
    tables: list[pa.Table] = []
    schema = _concatenate(runs, tables.append)
    parts = [
        pd.concat([pd.DataFrame([run.key] * len(frame), index=frame.index, columns=list(run.key)), frame], axis=1)
        for run, frame in zip(runs, FRAMES, strict=True)
        if frame is not None and len(frame)
    ]
    expected = pd.concat(parts, ignore_index=True).astype({"seed": "int64"})
    pd.testing.assert_frame_equal(pa.concat_tables(tables).to_pandas(), expected)
    assert schema.field("count").type == schema.field("step").type == pa.float64()


def test_an_integer_column_of_all_histories_stays_integer(runs: list[PlannedRun]) -> None:
    tables: list[pa.Table] = []
    schema = _concatenate(runs[:2], tables.append)
    assert schema.field("count").type == pa.int64() and len(tables) == 1
    assert tables[0]["seed"].to_pylist() == [0, 0, 1, 1, 1]


def test_a_damaged_file_is_named(runs: list[PlannedRun]) -> None:
    file = runs[0].history_file
    file.write_bytes(b"cut off")
    with pytest.raises(UserError, match=r"history\.parquet: not a readable parquet file"):
        history_schema(file)
    with pytest.raises(UserError, match=r"history\.parquet: not a readable parquet file"):
        HistoryConcatenation(pa.schema([]), lambda _: None).add(runs[0])
