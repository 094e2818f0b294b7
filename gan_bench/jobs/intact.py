"""Prepared files that a job reads, checked byte by byte before a number is made of them.

What is damaged loses its record, which is the workflow's output: the same command again then makes it anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gan_bench.data import DataSet, open_data
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.paths import MANIFEST

AGAIN = "was removed, the workflow makes it anew."


def open_intact(folder: Path) -> DataSet:
    """The prepared data set in `folder`, every byte read. UserError names what is damaged."""
    with _forgotten(folder / MANIFEST):
        data = open_data(folder)
        data.verify()
        return data


def require_features(folder: Path) -> None:
    """UserError where the extractor or the features in `folder` are damaged or gone."""
    from gan_bench.features.reference import RECORD, open_reference

    with _forgotten(folder / RECORD):
        open_reference(folder)


def require_scoring(file: Path) -> None:
    """UserError where what `file` (scoring.json) tells of is damaged or gone."""
    from gan_bench.files import digest_file
    from gan_bench.metrics.evaluate.scoring import TENSORS

    with _forgotten(file):
        tensors = file.parent / TENSORS
        if not tensors.is_file() or digest_file(tensors) != read_json(file).get("tensors_sha256"):
            raise UserError(f"{tensors}: gone or damaged, its SHA-256 is not that of {file.name}.")


@contextmanager
def _forgotten(record: Path) -> Iterator[None]:
    """Remove the record, and say so, where what it stands for is not whole."""
    try:
        yield
    except UserError as error:
        if record.is_file():
            record.unlink()
            raise UserError(*error.sentences, f"{record} {AGAIN}") from None
        raise
