"""Stores sample pictures and mode counts of all runs in one table, so that the report does not read files of runs."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gan_bench import paths
from gan_bench.files import digest_file
from gan_bench.metrics import _diagnostic_files
from gan_bench.stats.collect.plan import PlannedRun

#: Column -> name of the file of a run whose bytes the column contains.
FILES = {
    "samples_png": paths.SAMPLES,
    "progress_gif": paths.PROGRESS,
    "interpolation_png": _diagnostic_files.INTERPOLATION,
    "neighbours_png": _diagnostic_files.NEIGHBOURS,
    "modes_json": _diagnostic_files.MODES,
}
KEY = ["dataset", "cell", "seed"]
SCHEMA = pa.schema(
    [
        *((name, pa.large_string()) for name in ("dataset", "cell", "variant")),
        ("seed", pa.int64()),
        ("history_sha256", pa.large_string()),
        *((name, pa.binary()) for name in FILES),
    ]
)


class StoredMedia:
    """The media table of an earlier collection. Its pictures are read on request, one row group at a time."""

    def __init__(self, file: Path) -> None:
        self._file = pq.ParquetFile(file) if file.is_file() else None
        self._places: dict[tuple[str, str, int], tuple[int, int, str]] = {}
        self._group: tuple[int, pa.Table] | None = None
        if self._file is not None:
            for group in range(self._file.num_row_groups):
                rows = self._file.read_row_group(group, columns=[*KEY, "history_sha256"]).to_pylist()
                for i, row in enumerate(rows):
                    self._places[row["dataset"], row["cell"], row["seed"]] = group, i, row["history_sha256"]

    def pictures(self, run: PlannedRun, history_sha256: str | None) -> dict[str, bytes | None]:
        """Column -> stored bytes of a run; {} if the table lacks the run, or if its history differs or is absent."""
        place = self._places.get((run.dataset, run.cell, run.seed))
        if self._file is None or place is None or history_sha256 is None or place[2] != history_sha256:
            return {}
        group, i, _ = place
        if self._group is None or self._group[0] != group:
            columns = [name for name in FILES if name in self._file.schema_arrow.names]
            self._group = group, self._file.read_row_group(group, columns=columns)
        return self._group[1].slice(i, 1).to_pylist()[0]


def media_row(run: PlannedRun, stored: StoredMedia) -> dict[str, Any]:
    """Row of the media table for a run with a status: its key, the digest of its history, and the bytes of its FILES.

    If a file is absent, its bytes come from `stored`, but only if the stored digest of the history is the same. So
    pictures of an earlier training of the run are never shown for a later one.
    """
    digest = digest_file(run.history_file) if run.history_file.is_file() else None
    files = {column: run.folder / name for column, name in FILES.items()}
    content = {column: file.read_bytes() if file.is_file() else None for column, file in files.items()}
    if not all(content.values()):
        earlier = stored.pictures(run, digest)
        content = {column: current or earlier.get(column) for column, current in content.items()}
    return {**run.key, "history_sha256": digest, **content}
