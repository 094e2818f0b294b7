"""Tables written block by block while their rows are made: what is held at a time does not grow with the study."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench.files import atomic_path
from gan_bench.stats.table_files import whole_numbers

#: Rows of a CSV that are held at a time.
ROWS = 10_000
#: Rows and bytes from which a row group of a parquet file is written, and tables that are held as they came.
GROUP_ROWS, GROUP_BYTES, PARTS = 100_000, 32_000_000, 100

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
        rows = size = 0

        def flush() -> None:
            nonlocal rows, size
            together = pa.concat_tables(waiting).to_pandas()
            writer.write_table(pa.Table.from_pandas(together, schema, preserve_index=False))
            waiting.clear()
            rows = size = 0

        def put(table: pa.Table) -> None:
            nonlocal rows, size
            waiting.append(table)
            if len(waiting) >= PARTS:
                # Many small tables take many times the bytes of their values.
                waiting[:] = [pa.concat_tables(waiting).combine_chunks()]
            rows, size = rows + len(table), size + table.nbytes
            if rows >= GROUP_ROWS or size >= GROUP_BYTES:
                flush()

        yield put
        if waiting:
            flush()
