"""A small copy of a finished study for version control: its tables, histories and some pictures in one zip file.

From this copy, `redraw` makes figures, page and tables again, and `verify` trains runs again. It has no files of runs.
"""

import hashlib
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from gan_bench import paths
from gan_bench.archive.export import write_zip
from gan_bench.archive.unpack import extract
from gan_bench.errors import UserError
from gan_bench.files import to_json_text, write_bytes
from gan_bench.report.tables_input import read_tables
from gan_bench.stats.collect.histories import KEY as HISTORY_KEY
from gan_bench.stats.collect.media import FILES
from gan_bench.stats.write import names
from gan_bench.verify.stored import KEPT_RECORD, kept_record, read_manifest, wrong_files

#: Name of the zip file. Its folder is named after the study or the part of a study.
KEPT = "study.zip"
#: Folder of the kept studies that the project publishes.
REFERENCE = Path("results/reference")
#: Columns of the histories that are kept, with numbers in single precision.
CURVES = ("step", "d_step", "images", "d_loss", "g_loss", "d_real", "d_fake")
#: Files that are also written next to the zip file, to be read without unpacking.
READABLE = (paths.COMPARISON_TABLE, names.COMPARISON_MARKDOWN, names.PAIRWISE_MARKDOWN, names.VERDICT_COUNTS_TABLE)
#: Tables that are not kept, because they can be made again from the other tables in seconds.
WRITTEN_AGAIN = (names.COMPARISON_TEX, names.COMPARISON_COLUMN_TEX)
#: Choices of pictures, most pictures first: (all seeds of a cell or only the first, columns of the media table).
PICTURES: tuple[tuple[bool, tuple[str, ...]], ...] = (
    (True, tuple(FILES)),
    (False, tuple(FILES)),
    (False, ("samples_png", "progress_gif")),
    (False, ("samples_png",)),
    (False, ()),
)


def keep(study_folder: Path, out: Path, most_bytes: int) -> tuple[Path, int]:
    """Write KEPT and the READABLE tables of a finished study to the folder `out`, with as many pictures as fit.

    Equal studies give equal bytes.

    Args:
        study_folder: folder of the study, with its manifest.
        out: a folder; files of an earlier call are replaced.
        most_bytes: largest size of the zip file.

    Returns:
        The zip file and its size in bytes.

    Raises:
        UserError: the manifest or a table is missing or damaged, or even without pictures the file is larger than
            `most_bytes`.
    """
    manifest = read_manifest(study_folder)
    _, wrong = wrong_files(study_folder, manifest, runs=False)
    if wrong:
        raise UserError(*wrong)
    tables = read_tables(study_folder)
    stored = (paths.PLAN, paths.MANIFEST, names.RUN_CARDS, names.DATA_REMARKS)
    files = {name: file.read_bytes() for name in stored if (file := study_folder / name).is_file()}
    for file in sorted((study_folder / names.TABLES).glob("[!.]*")):
        if file.name not in WRITTEN_AGAIN:
            files[_table(file.name)] = file.read_bytes()
    files[_table(paths.HISTORIES_TABLE)] = _parquet(_curves(tables.histories))
    for choice in PICTURES:
        files[_table(paths.MEDIA_TABLE)] = _parquet(_pictures(tables.media, *choice))
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


def _table(name: str) -> str:
    return f"{names.TABLES}/{name}"


def _curves(histories: pd.DataFrame) -> pd.DataFrame:
    """The histories with only the key columns and those CURVES that they have, in single precision."""
    columns = [name for name in CURVES if name in histories.columns]
    whole = {name: "int32" for name in columns if pd.api.types.is_integer_dtype(histories[name])}
    types = {name: whole.get(name, "float32") for name in columns}
    return histories[[*HISTORY_KEY, *columns]].astype(types)


def _pictures(media: pd.DataFrame, all_seeds: bool, columns: tuple[str, ...]) -> pd.DataFrame:
    """The media table with pictures of some columns, of all runs or of the first seed of each cell."""
    first = ~media.duplicated(["dataset", "cell"])
    wanted = {name: (first | all_seeds) & (name in columns) for name in FILES if name in media.columns}
    return media.assign(**{name: media[name].where(rows, None) for name, rows in wanted.items()})


def _parquet(table: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    table.to_parquet(stream, index=False, compression="zstd", compression_level=19)
    return stream.getvalue()


def _zipped(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> bytes:
    """The zip file: the files, and a record with the SHA-256 of files that the manifest lacks or lists differently."""
    changed = (names.RUN_CARDS, _table(paths.HISTORIES_TABLE), _table(paths.MEDIA_TABLE))
    digests = {name: hashlib.sha256(files[name]).hexdigest() for name in changed}
    record = kept_record(digests, manifest)
    stream = io.BytesIO()
    write_zip(stream, {**files, KEPT_RECORD: to_json_text(record).encode()})
    return stream.getvalue()


@contextmanager
def opened(parts: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield folders of studies. Zip files are unpacked to a temporary folder, which is removed after the block."""
    with tempfile.TemporaryDirectory() as temporary:
        folders = []
        for i, part in enumerate(parts):
            folder = part
            if part.suffix == ".zip":
                if not part.is_file():
                    raise UserError(f"{part}: no such file; give a study.zip that `gan-bench keep` wrote.")
                folder = Path(temporary) / str(i) / part.parent.name / part.stem
                extract(part, folder)
            folders.append(folder)
        yield folders


def restore(study_folder: Path, reference: Path = REFERENCE) -> bool:
    """Unpack the kept copy of a study into its results folder if the folder has no plan and a copy exists.

    Args:
        study_folder: folder such as results/advice; its last part is the study's name.
        reference: folder of kept studies.

    Returns:
        Whether a copy was unpacked.
    """
    kept = reference / study_folder.name / KEPT
    if (study_folder / paths.PLAN).is_file() or not kept.is_file():
        return False
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "study"
        extract(kept, folder)
        for file in sorted(folder.rglob("*")):
            # The plan is written last, so that a folder with a plan has all files.
            if file.is_file() and file.name != paths.PLAN:
                write_bytes(study_folder / file.relative_to(folder), file.read_bytes())
        write_bytes(study_folder / paths.PLAN, (folder / paths.PLAN).read_bytes())
    return True
