"""Pictures of the runs, and their modes, as bytes in one table: a page can be made when the runs' files are gone."""

from pathlib import Path

import pandas as pd

from gan_bench import paths
from gan_bench.files import digest_file
from gan_bench.metrics import _shown
from gan_bench.stats.found import Found

#: Column -> file of a run.
FILES = {
    "samples_png": paths.SAMPLES,
    "progress_gif": paths.PROGRESS,
    "interpolation_png": _shown.INTERPOLATION,
    "neighbours_png": _shown.NEIGHBOURS,
    "modes_json": _shown.MODES,
}
KEY = ["dataset", "cell", "seed"]


def media_table(found: list[Found], previous: Path) -> pd.DataFrame:
    """One row per run that left a status: dataset, cell, variant, seed, history_sha256, and the bytes of its FILES.

    Bytes of files that are gone are taken from the table in file `previous`, where there is one and the run's history
    is still the one that they were stored with: pictures of an earlier training are not those of this one.
    """
    stored = _stored(previous)
    rows = [_row(run, stored) for run in found if run.status != "missing"]
    columns = ["dataset", "cell", "variant", "seed", "history_sha256", *FILES]
    return pd.DataFrame(rows, columns=columns).astype({"seed": "int64"})


def _row(run: Found, stored: dict[tuple[str, str, int], dict[str, object]]) -> dict[str, object]:
    digest = digest_file(run.history_file) if run.history_file.is_file() else None
    old = stored.get((run.asked.dataset, run.asked.cell, run.asked.seed), {})
    kept = old if digest is not None and old.get("history_sha256") == digest else {}
    media = {column: _bytes(run.asked.folder / name) or kept.get(column) for column, name in FILES.items()}
    return {**run.asked.key, "history_sha256": digest, **media}


def _bytes(file: Path) -> bytes | None:
    return file.read_bytes() if file.is_file() else None


def _stored(file: Path) -> dict[tuple[str, str, int], dict[str, object]]:
    if not file.is_file():
        return {}
    rows = pd.read_parquet(file).to_dict("records")
    return {(row["dataset"], row["cell"], row["seed"]): {str(k): v for k, v in row.items()} for row in rows}
