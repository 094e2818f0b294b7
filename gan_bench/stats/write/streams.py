"""Tables written block by block while their rows are made: what is held at a time does not grow with the study."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench.files import atomic_path
from gan_bench.stats.write.table_files import whole_numbers

#: Rows of a CSV that are held at a time.
ROWS = 10_000
#: Rows of numbers, and bytes of pictures, from which a row group of a parquet file is written.
GROUP_ROWS, GROUP_BYTES = 100_000, 32_000_000

PutRows = Callable[[Iterable[Mapping[str, Any]]], None]
PutTable = Callable[[pa.Table], None]


@contextmanager
def csv_rows(path: Path, columns: Sequence[str], types: Mapping[str, str]) -> Iterator[PutRows]:
    """Yield what takes rows by column; the file is that of `write_csv` of all rows, and there when the block succeeds.

    `types`: pandas types of the columns whose text depends on their type; they hold for every block, so that a number
    is written the same way whatever stands around it.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        waiting: list[Mapping[str, Any]] = []

        def flush() -> None:
            table = whole_numbers(pd.DataFrame(waiting, columns=list(columns)).astype(dict(types)))
            table.to_csv(stream, index=False, lineterminator="\n", header=stream.tell() == 0)
            waiting.clear()

        def put(rows: Iterable[Mapping[str, Any]]) -> None:
            waiting.extend(rows)
            if len(waiting) >= ROWS:
                flush()

        yield put
        if waiting or stream.tell() == 0:
            flush()


@contextmanager
def parquet_groups(path: Path, schema: pa.Schema) -> Iterator[PutTable]:
    """Yield what takes tables with the columns of `schema`; they are written one below the other, in row groups.

    NaN is written as a missing value, as pandas does. The file is there when the block succeeds.
    """
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        waiting: list[pa.Table] = []

        def flush() -> None:
            together = pa.concat_tables(waiting).to_pandas()
            writer.write_table(pa.Table.from_pandas(together, schema, preserve_index=False))
            waiting.clear()

        def put(table: pa.Table) -> None:
            waiting.append(table)
            if sum(map(len, waiting)) >= GROUP_ROWS:
                flush()

        yield put
        if waiting:
            flush()


@contextmanager
def parquet_rows(path: Path, schema: pa.Schema) -> Iterator[PutRows]:
    """The same for rows by column, of which some hold bytes: a row group is written when there are many of those."""
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        waiting: list[Mapping[str, Any]] = []
        size = 0

        def flush() -> None:
            nonlocal size
            writer.write_table(pa.Table.from_pylist(waiting, schema))
            waiting.clear()
            size = 0

        def put(rows: Iterable[Mapping[str, Any]]) -> None:
            nonlocal size
            for row in rows:
                waiting.append(row)
                size += sum(len(value) for value in row.values() if isinstance(value, bytes))
                if len(waiting) >= ROWS or size >= GROUP_BYTES:
                    flush()

        yield put
        if waiting:
            flush()
