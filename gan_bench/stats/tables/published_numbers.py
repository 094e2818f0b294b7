"""Reads published numbers and their protocols from config/published/*.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench.config.grammar.yaml_source import read_yaml
from gan_bench.errors import UserError, unknown_name
from gan_bench.files import digest_file, digest_of
from gan_bench.former_names import current
from gan_bench.project import files_folder

#: Columns of runs.csv by which a published number can be matched with variants; "none" matches an empty value.
MATCHES = ("variant", "method", "model", "loss", "penalty", "tricks", "g_optimizer", "d_optimizer")
#: Keys of a protocol. A published number is comparable only if each of these keys has the same value in the study, or
#: does not apply to the published number.
HARD = ("extractor", "n_real", "n_fake", "split")
#: Further keys of a protocol. Differences in these keys are printed, but do not prevent a comparison.
SOFT = ("runs", "images", "selection", "estimator")

TOP = ("source", "evidence", "spread_is", "protocol", "rows")
ROW = ("name", "dataset", "match", "metric", "value", "spread")


@dataclass(frozen=True)
class PublishedNumber:
    """One published number and its protocol.

    `protocol` lacks the keys that the source does not state. A value None means that the key does not apply, for
    example the extractor of a metric without feature space.
    """

    key: str
    source: str
    evidence: str
    spread_is: str | None
    protocol: Mapping[str, Any]
    name: str
    dataset: str
    match: Mapping[str, str]
    metric: str
    value: float
    spread: float | None


def published_folder() -> Path:
    """The folder config/published in the current folder if it exists, else the same folder in the package."""
    folder = Path("config/published")
    return folder if folder.is_dir() else files_folder() / folder


def read_published(folder: Path | None = None) -> list[PublishedNumber]:
    """All numbers of a folder's files, in the order of the file names; an empty list if there is no folder.

    Raises:
        UserError: for a file that is not readable as YAML, or that has unknown or missing keys or wrong values.
    """
    files = sorted((folder or published_folder()).glob("*.yaml"))
    return [number for file in files for number in _read(file)]


def published_digest() -> str:
    """Digest (16 hex digits) of all files of published numbers. If it changes, the tables are written again."""
    return digest_of({file.name: digest_file(file) for file in sorted(published_folder().glob("*.yaml"))})[:16]


def _read(file: Path) -> list[PublishedNumber]:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 text: {error.reason} at byte {error.start}.") from None
    source = read_yaml(text, str(file))
    if source.wrong_keys:
        raise UserError(*(f"{file}:{source.line(place)}: {sentence}" for place, sentence in source.wrong_keys))
    document = source.data
    _check_keys(file, "key", document, TOP, ("source", "evidence", "protocol", "rows"))
    protocol = document["protocol"]
    _check_keys(file, "key of protocol", protocol, (*HARD, *SOFT, "also"), ())
    for name in ("n_real", "n_fake", "runs", "images"):
        if protocol.get(name) is not None and not isinstance(protocol[name], int):
            raise UserError(f"{file}: protocol: {name} is {protocol[name]!r}; a whole number or null is needed.")
    rows = document["rows"]
    if not isinstance(rows, list):
        raise UserError(f"{file}: rows is {type(rows).__name__}; a list is needed.")
    return [_number(file, document, row) for row in rows]


def _number(file: Path, document: Mapping[str, Any], row: Any) -> PublishedNumber:
    _check_keys(file, "key of a row", row, ROW, ROW[:-1])
    _check_keys(file, "key of match", row["match"], MATCHES, ())
    for name in ("value", "spread"):
        value = row.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | None) or (name == "value" and value is None):
            raise UserError(f"{file}: {row['name']}: {name} is {value!r}; a number is needed.")
    return PublishedNumber(
        key=file.stem,
        source=str(document["source"]),
        evidence=str(document["evidence"]),
        spread_is=document.get("spread_is"),
        protocol=document["protocol"],
        name=str(row["name"]),
        dataset=str(row["dataset"]),
        match={name: str(value) for name, value in row["match"].items()},
        metric=current(str(row["metric"])),
        value=float(row["value"]),
        spread=None if row.get("spread") is None else float(row["spread"]),
    )


def _check_keys(file: Path, kind: str, mapping: Any, valid: tuple[str, ...], needed: tuple[str, ...]) -> None:
    if not isinstance(mapping, dict):
        raise UserError(
            f"{file}: {kind}: {type(mapping).__name__} found; a mapping is needed, with {', '.join(valid)}."
        )
    problems = [f"{file}: {unknown_name(kind, name, list(valid))}" for name in mapping if name not in valid]
    problems += [f"{file}: {kind} {name!r} is missing." for name in needed if name not in mapping]
    if problems:
        raise UserError(*problems)
