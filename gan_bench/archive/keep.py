"""Writes a small copy of a finished study: its tables, histories and some pictures in one zip file."""

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench import paths
from gan_bench.archive.export import write_zip
from gan_bench.archive.kept import KEPT
from gan_bench.errors import UserError
from gan_bench.files import to_json_text, write_bytes
from gan_bench.registry import load
from gan_bench.report.tables_input import read_tables
from gan_bench.stats.collect.histories import KEY as HISTORY_KEY
from gan_bench.stats.collect.media import FILES
from gan_bench.stats.collect.plan import read_plan
from gan_bench.stats.write import names
from gan_bench.verify.stored import KEPT_RECORD, kept_record, manifest_with_tables, search_documents

#: Value of `licence` in the FACTS of data sets that consist of a user's pictures.
OWN_PICTURES = "that of the pictures"
#: A copy contains these columns of the histories, as 32-bit numbers.
CURVES = ("step", "d_step", "images", "d_loss", "g_loss", "d_real", "d_fake")
#: Files that are also written next to the zip file, to be read without unpacking.
READABLE = (paths.COMPARISON_TABLE, names.COMPARISON_MARKDOWN, names.PAIRWISE_MARKDOWN, names.VERDICT_COUNTS_TABLE)
#: Tables that are not kept, because they can be made again from the other tables in seconds.
WRITTEN_AGAIN = (names.COMPARISON_TEX, names.COMPARISON_COLUMN_TEX)
#: Choices of the pictures to keep, from most to fewest. Each is a pair: True to keep the pictures of all seeds of a
#: cell, False for the first seed only; and the kinds of pictures, which are columns of the media table.
PICTURES: tuple[tuple[bool, tuple[str, ...]], ...] = (
    (True, tuple(FILES)),
    (False, tuple(FILES)),
    (False, ("samples_png", "progress_gif")),
    (False, ("samples_png",)),
    (False, ()),
)


def keep(study_folder: Path, out: Path, most_bytes: int) -> tuple[Path, int]:
    """Write study.zip (KEPT) and the READABLE tables of a finished study to `out`, with as many pictures as fit.

    With equal library versions, equal studies give equal bytes. If a data set is a folder of the user, its real images
    and nearest training images are left out, because their licence is not known.

    Args:
        study_folder: folder of the study, with its manifest.
        out: a folder; files of an earlier call are replaced.
        most_bytes: largest size of the zip file.

    Returns:
        The zip file and its size in bytes.

    Raises:
        UserError: a file that `manifest_with_tables` checks is missing or damaged, or even without pictures the zip
            file is larger than `most_bytes`.
    """
    manifest = manifest_with_tables(study_folder)
    tables = read_tables(study_folder)
    stored = (paths.PLAN, paths.MANIFEST, names.RUN_CARDS, names.DATA_REMARKS, *search_documents(manifest))
    files = {name: file.read_bytes() for name in stored if (file := study_folder / name).is_file()}
    for file in sorted((study_folder / names.TABLES).glob("[!.]*")):
        if file.name not in WRITTEN_AGAIN:
            files[_table(file.name)] = file.read_bytes()
    files[_table(paths.HISTORIES_TABLE)] = _parquet(_curves(tables.histories))
    private = [label for label, data in read_plan(study_folder)["datasets"].items() if _is_private(data["ref"]["name"])]
    real = _table(names.REAL_IMAGES_TABLE)
    if private and real in files:
        pictures = pd.read_parquet(io.BytesIO(files[real]))
        files[real] = _parquet(pictures[~pictures["dataset"].isin(private)])
    media = tables.media.copy(deep=False)
    media.loc[media["dataset"].isin(private), "neighbours_png"] = None
    for choice in PICTURES:
        files[_table(paths.MEDIA_TABLE)] = _parquet(_pictures(media, *choice))
        content = _zipped(files, manifest)
        if len(content) <= most_bytes:
            break
    else:
        raise UserError(
            f"{study_folder}: its tables and histories need {len(content) / 1e6:.1f} MB without pictures, and "
            f"{most_bytes / 1e6:.1f} MB are allowed; log fewer points (log_points), or raise --most-mb."
        )
    write_bytes(out / KEPT, content)
    for name in READABLE:
        write_bytes(out / name, files[_table(name)])
    return out / KEPT, len(content)


def _is_private(component: str) -> bool:
    """Whether a data set consists of a user's own pictures, so that its images may not be passed on."""
    return bool(load("data", component).FACTS.get("licence") == OWN_PICTURES)


def _table(name: str) -> str:
    return f"{names.TABLES}/{name}"


def _curves(histories: pd.DataFrame) -> pd.DataFrame:
    """Only the columns HISTORY_KEY and CURVES of the histories, with the CURVES as int32 or float32."""
    columns = [name for name in CURVES if name in histories.columns]
    whole = {name: "int32" for name in columns if pd.api.types.is_integer_dtype(histories[name])}
    types = {name: whole.get(name, "float32") for name in columns}
    return histories[[*HISTORY_KEY, *columns]].astype(types)


def _pictures(media: pd.DataFrame, all_seeds: bool, columns: tuple[str, ...]) -> pd.DataFrame:
    """The media table with only the pictures in `columns`: of all seeds, or of the first seed of each cell."""
    first = ~media.duplicated(["dataset", "cell"])
    wanted = {name: (first | all_seeds) & (name in columns) for name in FILES if name in media.columns}
    return media.assign(**{name: media[name].where(rows, None) for name, rows in wanted.items()})


def _parquet(table: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    table.to_parquet(stream, index=False, compression="zstd", compression_level=19)
    return stream.getvalue()


def _zipped(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> bytes:
    """The zip file as bytes: the files, and KEPT_RECORD.

    This record has the SHA-256 of the files that are smaller in the copy than in the study, and of files that the
    manifest does not list.
    """
    tables = (paths.HISTORIES_TABLE, paths.MEDIA_TABLE, names.REAL_IMAGES_TABLE)
    changed = (names.RUN_CARDS, *map(_table, tables))
    digests = {name: hashlib.sha256(files[name]).hexdigest() for name in changed if name in files}
    record = kept_record(digests, manifest)
    stream = io.BytesIO()
    write_zip(stream, {**files, KEPT_RECORD: to_json_text(record).encode()})
    return stream.getvalue()
