"""Published numbers and their protocols, as config/published/*.yaml states them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gan_bench.config.grammar.yaml_source import read_yaml
from gan_bench.errors import UserError, unknown_name
from gan_bench.files import digest_file, digest_of
from gan_bench.registry import PACKAGE

#: Columns of the table of runs that a row may name its variants by; "none" stands for an empty one.
MATCHES = ("variant", "method", "model", "loss", "penalty", "tricks", "g_optimizer", "d_optimizer")
#: What must agree before two numbers may be compared.
HARD = ("extractor", "n_real", "n_fake", "split")
#: What else is compared, or printed beside ours.
SOFT = ("runs", "images", "selection", "estimator")

TOP = ("source", "evidence", "spread_is", "protocol", "rows")
ROW = ("name", "dataset", "match", "metric", "value", "spread")


@dataclass(frozen=True)
class Published:
    """One published number. `protocol`: a key that the source does not state is absent; None says there is none."""

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
    """Where the files are: the current folder's config/published, else the checkout's."""
    own = Path("config/published")
    return own if own.is_dir() else PACKAGE.parent / "config" / "published"


def read_published(folder: Path | None = None) -> list[Published]:
    """All numbers of all files of a folder, in the order of their names; none where there is no folder.

    UserError that names the file and key of anything that is not as `TOP`, `ROW`, `HARD` and `SOFT` have it.
    """
    files = sorted((folder or published_folder()).glob("*.yaml"))
    return [number for file in files for number in _read(file)]


def published_digest() -> str:
    """Digest of all files, so that an edited number is seen. First 16 hex digits."""
    return digest_of({file.name: digest_file(file) for file in sorted(published_folder().glob("*.yaml"))})[:16]


def _read(file: Path) -> list[Published]:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 text: {error.reason} at byte {error.start}.") from None
    source = read_yaml(text, str(file))
    if source.wrong_keys:
        raise UserError(*(f"{file}:{source.line(place)}: {sentence}" for place, sentence in source.wrong_keys))
    document = source.data
    _keys(file, "key", document, TOP, ("source", "evidence", "protocol", "rows"))
    protocol = document["protocol"]
    _keys(file, "key of protocol", protocol, (*HARD, *SOFT, "also"), ())
    for name in ("n_real", "n_fake", "runs", "images"):
        if protocol.get(name) is not None and not isinstance(protocol[name], int):
            raise UserError(f"{file}: protocol: {name} is {protocol[name]!r}; a whole number or null is needed.")
    rows = document["rows"]
    if not isinstance(rows, list):
        raise UserError(f"{file}: rows is {type(rows).__name__}; a list is needed.")
    return [_number(file, document, row) for row in rows]


def _number(file: Path, document: Mapping[str, Any], row: Any) -> Published:
    _keys(file, "key of a row", row, ROW, ROW[:-1])
    _keys(file, "key of match", row["match"], MATCHES, ())
    for name in ("value", "spread"):
        value = row.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float | None) or (name == "value" and value is None):
            raise UserError(f"{file}: {row['name']}: {name} is {value!r}; a number is needed.")
    return Published(
        key=file.stem,
        source=str(document["source"]),
        evidence=str(document["evidence"]),
        spread_is=document.get("spread_is"),
        protocol=document["protocol"],
        name=str(row["name"]),
        dataset=str(row["dataset"]),
        match={name: str(value) for name, value in row["match"].items()},
        metric=str(row["metric"]),
        value=float(row["value"]),
        spread=None if row.get("spread") is None else float(row["spread"]),
    )


def _keys(file: Path, kind: str, found: Any, valid: tuple[str, ...], needed: tuple[str, ...]) -> None:
    if not isinstance(found, dict):
        raise UserError(f"{file}: {kind}: {type(found).__name__} where keys are needed ({', '.join(valid)}).")
    wrong = [f"{file}: {unknown_name(kind, name, list(valid))}" for name in found if name not in valid]
    wrong += [f"{file}: {kind} {name!r} is missing." for name in needed if name not in found]
    if wrong:
        raise UserError(*wrong)
