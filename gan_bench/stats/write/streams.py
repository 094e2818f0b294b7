"""Write tables block by block while their rows are made, so that memory does not grow with the study."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench.files import atomic_path
from gan_bench.stats.write.table_files import whole_numbers

#: Rows held before a block is written.
ROWS = 10_000
#: Rows of numbers, or bytes of pictures, after which a row group of a parquet file is written.
GROUP_ROWS, GROUP_BYTES = 100_000, 32_000_000

PutRows = Callable[[Iterable[Mapping[str, Any]]], None]
PutTable = Callable[[pa.Table], None]


@contextmanager
def csv_rows(path: Path, columns: Sequence[str], types: Mapping[str, str]) -> Iterator[PutRows]:
    """Yield a function that appends rows (value by column) to a CSV file equal to that of `write_csv` of all rows.

    The file appears when the `with` block ends without an exception.

    Args:
        path: the CSV file.
        columns: columns of the file, in order.
        types: pandas types of columns whose text depends on the type. They are set for every block, so that the text
            of a number does not depend on the other rows of its block.
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
    """Yield a function that appends tables with the columns of `schema` to a parquet file, in row groups.

    NaN is written as a missing value, as pandas does. The file appears when the `with` block ends without an exception.
    """
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        waiting: list[pa.Table] = []

        def flush() -> None:
            block = pa.concat_tables(waiting).to_pandas()
            writer.write_table(pa.Table.from_pandas(block, schema, preserve_index=False))
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
    """Yield a function that appends rows (value by column) to a parquet file; the size of a row group counts bytes.

    The file appears when the `with` block ends without an exception.
    """
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
