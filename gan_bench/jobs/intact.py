"""Checks the SHA-256 of prepared files before a job uses them.

The SHA-256 of each file is in a JSON record. If a file is damaged, its record is removed. Because the record is then
missing, Snakemake makes the record and the file again when the same command is run again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan_bench.data import DataSet, open_data
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.paths import MANIFEST

AGAIN = "was removed; the workflow will make it again."


def open_intact(folder: Path) -> DataSet:
    """The prepared data set in `folder`, with all files checked. UserError names a damaged file."""
    with _removed_if_damaged(folder / MANIFEST):
        data = open_data(folder)
        data.verify()
        return data


def require_features(folder: Path) -> None:
    """UserError if the extractor or the features in `folder` are damaged or missing."""
    from gan_bench.features.reference import RECORD, open_reference

    with _removed_if_damaged(folder / RECORD):
        open_reference(folder)


def require_scoring(file: Path) -> None:
    """UserError if the tensors of `file` (scoring.json) are damaged or missing."""
    from gan_bench.files import digest_file
    from gan_bench.metrics.evaluate.scoring import TENSORS

    with _removed_if_damaged(file):
        tensors = file.parent / TENSORS
        if not tensors.is_file() or digest_file(tensors) != read_json(file).get("tensors_sha256"):
            raise UserError(f"{tensors}: missing or damaged; its SHA-256 is not the one in {file.name}.")


@contextmanager
def _removed_if_damaged(record: Path) -> Iterator[None]:
    """If the block raises UserError, remove `record` and say so in the message."""
    try:
        yield
    except UserError as error:
        if record.is_file():
            record.unlink()
            raise UserError(*error.sentences, f"{record} {AGAIN}") from None
        raise
