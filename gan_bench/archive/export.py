"""Writes the archive of a finished study. An interrupted export leaves no incomplete file."""

import hashlib
import os
import shutil
import stat
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

from gan_bench import paths
from gan_bench.archive import crate
from gan_bench.archive.contents import card_name, require_whole, stored_files
from gan_bench.archive.names import CHECKSUMS, METADATA, README, REFERENCES
from gan_bench.archive.texts import data_facts, model_cards, readme
from gan_bench.errors import UserError
from gan_bench.files import atomic_path, digest_file, read_json, to_json_text
from gan_bench.report.methods import methods
from gan_bench.report.tables_input import Tables, read_tables
from gan_bench.verify.stored import read_manifest

#: Environment variable with the date as seconds since 1970, as in other tools for reproducible builds.
DATE = "SOURCE_DATE_EPOCH"
#: Suffixes of files that are stored without compression: compressed files, and weights, which hardly shrink.
COMPRESSED = (".png", ".gif", ".parquet", ".safetensors", ".pdf")
#: The date of each file in the zip file. It is the earliest date that the format can store.
EPOCH = (1980, 1, 1, 0, 0, 0)

Content = Path | bytes


class Exported(NamedTuple):
    """A written archive: its path, number of files, size in bytes, and number of generators."""

    file: Path
    n_files: int
    size: int
    n_generators: int


def export(study_folder: Path, out: Path, author: str = "", licence: str = "") -> Exported:
    """Write the archive of a study to `out`.

    The bytes of the archive depend only on the files of the study, the manifests of its data sets, the arguments, the
    date, and the versions of gan-bench and zlib. The date is in the metadata. It comes from SOURCE_DATE_EPOCH; by
    default it is the day on which manifest.json was written.

    Raises:
        UserError: `out` exists or does not end in .zip, the study is incomplete or damaged, or the date is not valid.
            In these cases, nothing is written.
    """
    if out.suffix != ".zip":
        raise UserError(f"--out is {out}; valid: a path that ends in .zip.")
    if out.exists():
        raise UserError(f"{out} exists; remove it, or name another file with --out.")
    manifest, tables = read_manifest(study_folder), read_tables(study_folder)
    require_whole(study_folder, manifest, tables.plan)
    files: dict[str, Content] = dict(stored_files(tables, manifest))
    cards = {card_name(tables, run): text.encode() for run, text in model_cards(tables)}
    files |= cards
    paragraph = methods(tables, tables.plan["figures"])
    data = data_facts(tables, _data_manifests(tables))
    files[README] = readme(tables, str(paragraph["paragraph"]), data).encode()
    files[REFERENCES] = f"{paragraph['bibtex']}\n".encode()
    about = crate.Author(author, licence, _date(study_folder))
    described = {name: (_size(content), _digest(content)) for name, content in files.items()}
    title, description = str(tables.plan["study"]), str(tables.plan["description"] or "")
    files[METADATA] = to_json_text(crate.metadata(title, description, described, data, about)).encode()
    digests = {name: sha for name, (_, sha) in described.items()} | {METADATA: _digest(files[METADATA])}
    files[CHECKSUMS] = "".join(f"{sha}  {name}\n" for name, sha in sorted(digests.items())).encode()
    with atomic_path(out) as temporary:
        write_zip(temporary, files)
    return Exported(out, len(files), out.stat().st_size, len(cards))


def write_zip(file: Path | IO[bytes], contents: Mapping[str, Content]) -> None:
    """Write a zip file whose bytes depend only on names, contents and the version of zlib."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in sorted(contents.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, for the permissions
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(COMPRESSED) else zipfile.ZIP_DEFLATED
            entry.file_size = _size(content)
            if isinstance(content, bytes):
                archive.writestr(entry, content)
            else:
                with content.open("rb") as source, archive.open(entry, "w") as target:
                    shutil.copyfileobj(source, target, 1 << 20)


def _data_manifests(tables: Tables) -> dict[str, dict[str, str]]:
    folder = tables.folder.parent / "data"
    files = {entry["id"]: folder / entry["id"] / paths.MANIFEST for entry in tables.plan["datasets"].values()}
    return {data_id: read_json(file) for data_id, file in files.items() if file.is_file()}


def _date(study_folder: Path) -> str:
    text = os.environ.get(DATE)
    try:
        seconds = (study_folder / paths.MANIFEST).stat().st_mtime if text is None else int(text)
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        raise UserError(f"{DATE} is {text!r}; valid: seconds since 1970, as a whole number.") from None


def _size(content: Content) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size


def _digest(content: Content) -> str:
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else digest_file(content)
