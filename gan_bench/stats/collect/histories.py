"""Concatenate the training histories (rows by step) of all runs into one file, reading one run at a time."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench.errors import UserError
from gan_bench.stats.collect.plan import PlannedRun

#: Columns that identify the run of a row. They come before the columns of the histories.
KEY = {"dataset": pa.large_string(), "cell": pa.large_string(), "variant": pa.large_string(), "seed": pa.int64()}
#: Largest number of histories that are concatenated at a time.
BLOCK = 100
#: Columns of the file if no run has a history.
EMPTY_COLUMNS = (*KEY, "step", "d_loss", "g_loss")


def history_schema(file: Path) -> pa.Schema:
    """Names and types of the columns of a history file; UserError if the file is damaged."""
    try:
        return pq.read_schema(file).remove_metadata()
    except (ValueError, OSError) as error:
        raise _damaged(file, error) from None


def common_schema(schemas: Collection[pa.Schema]) -> pa.Schema:
    """Schema of the concatenated histories: KEY, then the columns of all schemas in the order of first appearance.

    An integer column that some histories lack becomes a float column, as in pandas.
    """
    names = dict.fromkeys(name for schema in schemas for name in schema.names)
    fields = [pa.field(name, kind) for name, kind in KEY.items()]
    for name in names:
        kinds = dict.fromkeys(schema.field(name).type for schema in schemas if name in schema.names)
        kind = pa.unify_schemas([pa.schema([(name, k)]) for k in kinds], promote_options="permissive").field(name).type
        gaps = any(name not in schema.names for schema in schemas)
        fields.append(pa.field(name, pa.float64() if gaps and pa.types.is_integer(kind) else kind))
    schema = pa.schema(fields)
    return schema.with_metadata(pa.Schema.from_pandas(schema.empty_table().to_pandas(), preserve_index=False).metadata)


class HistoryConcatenation:
    """Reads histories one by one, and passes tables of several histories to `put`, all with the columns of `schema`."""

    def __init__(self, schema: pa.Schema, put: Callable[[pa.Table], None]) -> None:
        self._schema, self._put = schema, put
        self._waiting: list[tuple[PlannedRun, pa.Table]] = []

    def add(self, run: PlannedRun) -> None:
        """Add the history of a run, if there is one; UserError if the file is damaged."""
        if not run.history_file.is_file():
            return
        try:
            table = pq.ParquetFile(run.history_file).read(use_threads=False).replace_schema_metadata()
        except (ValueError, OSError) as error:
            raise _damaged(run.history_file, error) from None
        if self._waiting and not (table.schema.equals(self._waiting[-1][1].schema) and len(self._waiting) < BLOCK):
            self.flush()
        self._waiting.append((run, table))

    def flush(self) -> None:
        """Pass the histories that were added since the last call to `put`, as one table."""
        if not self._waiting:
            return
        runs, histories = zip(*self._waiting, strict=True)
        table = pa.concat_tables(histories)
        lengths = np.array([len(history) for history in histories])
        columns = [
            _repeated([run.key[field.name] for run in runs], lengths, field.type)
            if field.name in KEY
            else table[field.name].cast(field.type)
            if field.name in table.column_names
            else pa.nulls(len(table), field.type)
            for field in self._schema
        ]
        self._waiting.clear()
        self._put(pa.Table.from_arrays(columns, schema=self._schema))


def _repeated(values: list[Any], lengths: np.ndarray, kind: pa.DataType) -> pa.Array:
    return pa.array(values, kind).take(pa.array(np.repeat(np.arange(len(values)), lengths)))


def _damaged(file: Path, error: Exception) -> UserError:
    return UserError(f"{file}: not a readable parquet file: {error}")
