"""Write tables block by block while their rows are computed, so memory does not grow with the study."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench.files import atomic_path
from gan_bench.stats.write.table_files import whole_numbers

#: Number of rows in a block.
ROWS = 10_000
#: A row group of a parquet file ends after GROUP_ROWS rows of numbers, or after GROUP_BYTES bytes of pictures.
GROUP_ROWS, GROUP_BYTES = 100_000, 32_000_000

PutRows = Callable[[Iterable[Mapping[str, Any]]], None]
PutTable = Callable[[pa.Table], None]


@contextmanager
def csv_rows(path: Path, columns: Sequence[str], types: Mapping[str, str]) -> Iterator[PutRows]:
    """Yield a function that appends rows (value by column) to a CSV file.

    The file appears when the `with` block ends without an exception. It has the same bytes as a file that `write_csv`
    writes from all rows.

    Args:
        path: the CSV file.
        columns: columns of the file, in order.
        types: pandas types of columns. They are set for every block of rows. Without them, the text of a number could
            depend on the other rows of the block, for example "1" or "1.0".
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:

        def write(rows: list[Mapping[str, Any]]) -> None:
            table = whole_numbers(pd.DataFrame(rows, columns=list(columns)).astype(dict(types)))
            table.to_csv(stream, index=False, lineterminator="\n", header=stream.tell() == 0)

        with _blocks(write, lambda rows: len(rows) >= ROWS) as put:
            yield put
        if stream.tell() == 0:
            write([])


@contextmanager
def parquet_groups(path: Path, schema: pa.Schema) -> Iterator[PutTable]:
    """Yield a function that appends tables with the columns of `schema` to a parquet file, in row groups.

    NaN is written as a missing value, as pandas does. The file appears when the `with` block ends without an exception.
    """
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:

        def write(tables: list[pa.Table]) -> None:
            block = pa.concat_tables(tables).to_pandas()
            writer.write_table(pa.Table.from_pandas(block, schema, preserve_index=False))

        with _blocks(write, lambda tables: sum(map(len, tables)) >= GROUP_ROWS) as put:
            yield lambda table: put([table])


@contextmanager
def parquet_rows(path: Path, schema: pa.Schema) -> Iterator[PutRows]:
    """Yield a function that appends rows (value by column) to a parquet file.

    A row group ends after ROWS rows or GROUP_BYTES bytes. The file appears when the `with` block ends without an
    exception.
    """
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, schema) as writer:
        size = 0

        def write(rows: list[Mapping[str, Any]]) -> None:
            nonlocal size
            writer.write_table(pa.Table.from_pylist(rows, schema))
            size = 0

        def full(rows: list[Mapping[str, Any]]) -> bool:
            nonlocal size
            size += sum(len(value) for value in rows[-1].values() if isinstance(value, bytes))
            return len(rows) >= ROWS or size >= GROUP_BYTES

        with _blocks(write, full) as put:
            yield put


@contextmanager
def _blocks(write: Callable[[list[Any]], None], full: Callable[[list[Any]], bool]) -> Iterator[Any]:
    """Yield a function that takes items and passes them to `write` in blocks.

    After each item, `full` is called with the current block. If it returns True, the block is written.
    """
    waiting: list[Any] = []

    def put(items: Iterable[Any]) -> None:
        for item in items:
            waiting.append(item)
            if full(waiting):
                write(waiting)
                waiting.clear()

    yield put
    if waiting:
        write(waiting)
