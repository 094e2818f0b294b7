"""Parquet files."""

import pyarrow.parquet as pq

from gan_bench.errors import UserError
from gan_bench.logs.log import Table
from gan_bench.logs.source import Source

NAME = ".parquet"


def score(source: Source) -> float:
    return 1.0 if source.head.startswith(b"PAR1") or source.suffix == ".parquet" else 0.0


def read(source: Source) -> Table:
    try:
        frame = pq.ParquetFile(source.path).read().to_pandas()
    # Damaged files make pyarrow raise many kinds of errors: OSError without errno, KeyError, ...
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        first = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise UserError(f"{source.path}: not a readable parquet file: {first}") from None
    frame = frame.reset_index() if frame.index.name else frame
    return Table({str(name).strip(): frame[name] for name in frame.columns}, "parquet table")
