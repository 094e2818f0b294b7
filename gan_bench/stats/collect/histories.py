"""All histories of a study in one file, one below the other, read and written one run at a time."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench.errors import UserError
from gan_bench.stats.collect.plan import Asked

#: Columns in front of a history's own, and those of the file where no run left a history.
KEY = {"dataset": pa.large_string(), "cell": pa.large_string(), "variant": pa.large_string(), "seed": pa.int64()}
#: Histories that wait for one another: a table of few rows takes many times the bytes of its values.
AT_ONCE = 100
NOTHING = (*KEY, "step", "d_loss", "g_loss")


def columns_of(file: Path) -> pa.Schema:
    """Names and types of a history's columns. UserError for a damaged file."""
    try:
        return pq.read_schema(file).remove_metadata()
    except (ValueError, OSError) as error:
        raise _damaged(file, error) from None


def together(found: Collection[pa.Schema]) -> pa.Schema:
    """The columns of histories one below the other, in the order of first sight.

    A whole number that some histories have not becomes a float, as pandas has it.
    """
    names = dict.fromkeys(name for one in found for name in one.names)
    fields = [pa.field(name, kind) for name, kind in KEY.items()]
    for name in names:
        kinds = dict.fromkeys(one.field(name).type for one in found if name in one.names)
        kind = pa.unify_schemas([pa.schema([(name, k)]) for k in kinds], promote_options="permissive").field(name).type
        gaps = any(name not in one.names for one in found)
        fields.append(pa.field(name, pa.float64() if gaps and pa.types.is_integer(kind) else kind))
    schema = pa.schema(fields)
    return schema.with_metadata(pa.Schema.from_pandas(schema.empty_table().to_pandas(), preserve_index=False).metadata)


class Histories:
    """Histories put one below the other: read one by one, and given on in the columns of `schema` many at a time."""

    def __init__(self, schema: pa.Schema, put: Callable[[pa.Table], None]) -> None:
        self._schema, self._put = schema, put
        self._waiting: list[tuple[Asked, pa.Table]] = []

    def add(self, run: Asked) -> None:
        """A run's history, where it left one. UserError for a damaged file."""
        if not run.history_file.is_file():
            return
        try:
            table = pq.ParquetFile(run.history_file).read(use_threads=False).replace_schema_metadata()
        except (ValueError, OSError) as error:
            raise _damaged(run.history_file, error) from None
        if self._waiting and not (table.schema.equals(self._waiting[-1][1].schema) and len(self._waiting) < AT_ONCE):
            self.finish()
        self._waiting.append((run, table))

    def finish(self) -> None:
        """Give on what waits."""
        if not self._waiting:
            return
        table = pa.concat_tables([own for _, own in self._waiting])
        lengths = np.array([len(own) for _, own in self._waiting])
        columns = [
            _repeated([run.key[field.name] for run, _ in self._waiting], lengths, field.type)
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


def empty() -> pd.DataFrame:
    """What is written where no run left a history."""
    return pd.DataFrame(columns=list(NOTHING))


def _damaged(file: Path, error: Exception) -> UserError:
    return UserError(f"{file}: not a readable parquet file: {error}")
