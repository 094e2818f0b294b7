"""ro-crate-metadata.json: the contents of an archive, as JSON-LD by RO-Crate 1.1 (https://w3id.org/ro/crate/1.1)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from gan_bench import __version__
from gan_bench.archive.names import CHECKSUMS, METADATA, MODEL_CARD, README, REFERENCES
from gan_bench.paths import GENERATOR, REPORT

VERSION = "https://w3id.org/ro/crate/1.1"
#: `sha256` is not among the terms of RO-Crate 1.1.
CONTEXT = [f"{VERSION}/context", {"sha256": "http://schema.org/sha256"}]

NO_LICENCE = "not stated"

TYPES = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".bib": "application/x-bibtex",
    ".tex": "application/x-tex",
    ".html": "text/html",
    ".js": "text/javascript",
    ".py": "text/x-python",
    ".yaml": "application/yaml",
    ".txt": "text/plain",
    ".png": "image/png",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
    ".parquet": "application/vnd.apache.parquet",
    ".safetensors": "application/octet-stream",
}
ABOUT = {
    README: "Contents of the archive, methods of the study, and how to check it",
    REFERENCES: "Papers of the components",
    CHECKSUMS: "SHA-256 of every other file, as sha256sum writes it",
    REPORT: "Report of the study; needs no network connection",
    GENERATOR: "Weights of a trained generator",
    MODEL_CARD: "Model card of the generator in the same folder",
    "settings.json": "Settings of one run",
    "manifest.json": "Digests of all reproducible files of a study, or facts of a data set",
}


class Author(NamedTuple):
    """Publisher of an archive, licence, and date (ISO 8601); "" if a value is not stated."""

    name: str
    licence: str
    date: str


def metadata(
    title: str,
    description: str,
    files: Mapping[str, tuple[int, str]],
    data: Sequence[Mapping[str, str]],
    author: Author,
) -> dict[str, Any]:
    """The metadata document. `files`: name -> (size in bytes, SHA-256) of all files but this document and CHECKSUMS."""
    entries = [_file(name, size, sha) for name, (size, sha) in sorted(files.items())]
    entries.append({**_entity(CHECKSUMS, "File"), "name": ABOUT[CHECKSUMS], "encodingFormat": TYPES[".txt"]})
    datasets = [_dataset(entry) for entry in data]
    root: dict[str, Any] = {
        **_entity("./", "Dataset"),
        "name": title,
        "description": description or f"The gan-bench study {title}.",
        "datePublished": author.date,
        "license": {"@id": "#licence"},
        "hasPart": [_reference(entry) for entry in entries],
        "mentions": [_reference(_entity("#study", "CreateAction")), *(_reference(entry) for entry in datasets)],
    }
    people = [{**_entity("#author", "Person"), "name": author.name}] if author.name else []
    if people:
        root["author"] = _reference(people[0])
    graph = [
        {
            **_entity(METADATA, "CreativeWork"),
            "conformsTo": {"@id": VERSION},
            "about": {"@id": "./"},
        },
        root,
        *entries,
        *datasets,
        *people,
        {
            **_entity("#licence", "CreativeWork"),
            "name": author.licence or NO_LICENCE,
            "description": f"Licence of the results. The licences of the training data are in {README}.",
        },
        {**_entity("#gan-bench", "SoftwareApplication"), "name": "gan-bench", "version": __version__},
        {
            **_entity("#study", "CreateAction"),
            "name": f"Training and scoring of all runs of {title}",
            "instrument": {"@id": "#gan-bench"},
            "object": [_reference(entry) for entry in datasets],
            "result": [_reference(entry) for entry in entries if entry["@id"].endswith((GENERATOR, REPORT, ".csv"))],
        },
    ]
    return {"@context": CONTEXT, "@graph": graph}


def author_of(document: Any) -> Author:
    """The author, licence and date in a metadata document; "" for a value that is not stated."""
    graph = document.get("@graph") if isinstance(document, dict) else None
    entities = [entity for entity in graph if isinstance(entity, dict)] if isinstance(graph, list) else []
    by_id = {entity.get("@id"): entity for entity in entities}
    places = (("#author", "name"), ("#licence", "name"), ("./", "datePublished"))
    return Author(*(str(by_id.get(entity, {}).get(key) or "") for entity, key in places))


def _file(name: str, size: int, sha: str) -> dict[str, Any]:
    base, _, suffix = name.rpartition("/")[2].rpartition(".")
    about = ABOUT.get(f"{base}.{suffix}")
    entry = {
        **_entity(quote(name), "File"),
        "name": f"{name}: {about}" if about else name,
        "encodingFormat": TYPES.get(f".{suffix}", "application/octet-stream"),
        "contentSize": str(size),
        "sha256": sha,
    }
    if name.endswith(f"/{GENERATOR}"):
        entry["subjectOf"] = {"@id": quote(f"{name.removesuffix(GENERATOR)}{MODEL_CARD}")}
    return entry


def _dataset(entry: Mapping[str, str]) -> dict[str, Any]:
    return {
        **_entity(f"#data-{quote(entry['id'])}", "CreativeWork"),
        "name": entry["name"],
        "license": entry["licence"],
        "isBasedOn": entry["source"],
        "identifier": entry["digest"],
    }


def _entity(name: str, kind: str) -> dict[str, Any]:
    return {"@id": name, "@type": kind}


def _reference(entity: Mapping[str, Any]) -> dict[str, Any]:
    return {"@id": entity["@id"]}
