"""Unpacks an archive of unknown origin into a temporary folder, and compares its files with their SHA-256.

A zip file can contain links and paths outside of the folder, and it can unpack to a huge size. An archive of this kind
is refused before anything is written.
"""

import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from gan_bench.archive.names import CHECKSUMS, METADATA, RESULTS
from gan_bench.errors import UserError
from gan_bench.files import digest_file
from gan_bench.paths import MANIFEST
from gan_bench.verify.stored import bits_of, read_manifest

#: Largest size of an unpacked archive: GROWTH times the size of the zip file, or SMALL bytes if that is more. In
#: ordinary archives, tables and pages grow by a factor of 3 to 10.
GROWTH, SMALL = 100, 50_000_000
#: Longest name of a file and of its path, in bytes.
LONGEST_NAME, LONGEST_PATH = 255, 1000
#: Errors of zipfile for a damaged file, or for a file with features that no archive uses.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)
#: Bit of an entry's flags that marks encrypted content.
ENCRYPTED = 0x1


class Unpacked(NamedTuple):
    """An unpacked archive whose files match its checksums. `bits`: mode of bits of the runs (gan_bench.bits)."""

    root: Path
    study_folder: Path
    manifest: dict[str, Any]
    bits: str
    n_files: int


@contextmanager
def unpacked(file: Path) -> Iterator[Unpacked]:
    """The content of an archive in a temporary folder, which is removed at the end.

    Raises:
        UserError: with a sentence for each file that is refused, damaged, missing or not listed. Also if `file` is not
            an archive, or if a record in it is malformed.
    """
    if not file.is_file():
        raise UserError(f"{file}: no such file; give an archive that `gan-bench export` wrote.")
    with tempfile.TemporaryDirectory(prefix="gan-bench-archive-") as name:
        root = Path(name).resolve() / "archive"
        extract(file, root)
        if wrong := wrong_checksums(root):
            raise UserError(*(f"{file}: {sentence}" for sentence in wrong))
        study_folder = _study_folder(file, root)
        n_files = sum(path.is_file() for path in root.rglob("*"))
        manifest = read_manifest(study_folder)
        with well_formed(file):
            archive = Unpacked(root, study_folder, manifest, bits_of(manifest), n_files)
        yield archive


@contextmanager
def well_formed(file: Path) -> Iterator[None]:
    """Turn errors in the block that a malformed record causes, for example by a missing key, into UserError."""
    try:
        yield
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        name = type(error).__name__
        raise UserError(
            f"{file}: one of its records does not have the form that gan-bench writes ({name}: {error})."
        ) from error


def extract(file: Path, root: Path) -> None:
    """Unpack a zip file into a new folder. If an entry is refused, UserError is raised before anything is written."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if wrong := refused(entries, file.stat().st_size):
                raise UserError(*(f"{file}: {sentence}" for sentence in wrong))
            for entry in entries:
                _write(archive, entry, root, file)
    except DAMAGED as error:
        raise UserError(f"{file}: not a zip file, or damaged: {error}.") from None


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, root: Path, file: Path) -> None:
    target = root / entry.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        # zipfile reads at most the stated size, and raises BadZipFile if the CRC-32 does not match.
        with archive.open(entry) as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
    except DAMAGED as error:
        raise UserError(f"{file}: {entry.filename}: damaged: {error}.") from None


def refused(entries: Sequence[zipfile.ZipInfo], archive_size: int) -> list[str]:
    """A sentence for each refused entry, and a sentence if the unpacked files would be too large.

    An accepted entry is a plain file. Its path is relative, stays inside the folder, and occurs only once.
    """
    sentences, files, folders = [], set[str](), set[str]()
    for entry in entries:
        if why := _why_refused(entry):
            sentences.append(f"{entry.filename!r}: {why}; nothing was unpacked.")
        elif entry.filename in files:
            sentences.append(f"{entry.filename!r}: listed twice; nothing was unpacked.")
        files.add(entry.filename)
        parts = entry.filename.split("/")
        folders |= {"/".join(parts[:n]) for n in range(1, len(parts))}
    both = sorted(files & folders)
    sentences += [f"{name!r}: both a file and a folder; nothing was unpacked." for name in both]
    total, most = sum(entry.file_size for entry in entries), max(SMALL, GROWTH * archive_size)
    if total > most:
        sentences.append(
            f"its files would take {total} bytes, which is more than {GROWTH} times its own size; nothing was unpacked."
        )
    return sentences


def _why_refused(entry: zipfile.ZipInfo) -> str:
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    parts = name.split("/")
    reasons = {
        # zipfile cuts a name at a NUL, so the original name is checked.
        "its name has a character that is not allowed": bool({"\0", "\\"} & set(entry.orig_filename)),
        "an absolute path": name.startswith("/") or name[1:2] == ":",
        "a path with '..'": ".." in parts,
        "not a path of a file": "" in parts or "." in parts,
        "too long a name": len(name.encode()) > LONGEST_PATH or any(len(p.encode()) > LONGEST_NAME for p in parts),
        "a link": kind == stat.S_IFLNK,
        "not a plain file": kind not in (0, stat.S_IFREG, stat.S_IFLNK),
        "encrypted": bool(entry.flag_bits & ENCRYPTED),
    }
    return next((reason for reason, applies in reasons.items() if applies), "")


def wrong_checksums(root: Path) -> list[str]:
    """A sentence for each file that is damaged, missing or not in manifest-sha256.txt."""
    try:
        lines = (root / CHECKSUMS).read_text(encoding="utf-8").splitlines()
        listed = {name: sha for sha, name in (line.split("  ", 1) for line in lines)}
    except (FileNotFoundError, ValueError) as error:
        return [f"not an archive of `gan-bench export`: {CHECKSUMS} is missing or damaged ({type(error).__name__})."]
    names = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} - {CHECKSUMS}
    sentences = [f"{name}: missing, but listed in {CHECKSUMS}." for name in sorted(set(listed) - names)]
    sentences += [f"{name}: not listed in {CHECKSUMS}." for name in sorted(names - set(listed))]
    for name in sorted(names & set(listed)):
        if digest_file(root / name) != listed[name]:
            sentences.append(f"{name}: damaged: its SHA-256 differs from {CHECKSUMS}.")
    return sentences


def _study_folder(file: Path, root: Path) -> Path:
    manifests = sorted((root / RESULTS).glob(f"*/{MANIFEST}"))
    if len(manifests) != 1 or not (root / METADATA).is_file():
        raise UserError(f"{file}: needs {METADATA} and exactly one file {RESULTS}/STUDY/{MANIFEST}.")
    return manifests[0].parent
