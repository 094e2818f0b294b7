"""All histories of a study in one file, one below the other, read and written one run at a time."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench.errors import UserError

#: Columns in front of a history's own, and those of the file where no run left a history.
KEY = {"dataset": pa.large_string(), "cell": pa.large_string(), "variant": pa.large_string(), "seed": pa.int64()}
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


def history_part(file: Path, key: dict[str, Any], schema: pa.Schema) -> pa.Table:
    """A run's history with its key in front, in the columns of `schema`; missing where it has none of a name.

    UserError for a damaged file.
    """
    try:
        table = pq.ParquetFile(file).read(use_threads=False)
    except (ValueError, OSError) as error:
        raise _damaged(file, error) from None
    columns = [
        pa.repeat(pa.scalar(key[field.name], field.type), len(table))
        if field.name in KEY
        else table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def empty() -> pd.DataFrame:
    """What is written where no run left a history."""
    return pd.DataFrame(columns=list(NOTHING))


def _damaged(file: Path, error: Exception) -> UserError:
    return UserError(f"{file}: not a readable parquet file: {error}")
