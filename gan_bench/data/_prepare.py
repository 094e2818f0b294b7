"""Stores a data set as memory-mappable arrays, with a manifest that describes them."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gan_bench.data._raw import SPLITS, TEST, TRAIN, Raw, check
from gan_bench.errors import UserError
from gan_bench.files import atomic_path, canonical_json, digest_file, write_json
from gan_bench.paths import IMAGES, LABELS, MANIFEST, SPLIT
from gan_bench.registry import component, load

#: Number of images that are written to images.npy at a time.
CHUNK = 1024


def describe(ref: Mapping[str, Any]) -> dict[str, Any]:
    """{"shape": (C, H, W), "labelled": bool} of a data set. `ref`: its name and all its settings. Reads no data."""
    facts = load("data", ref["name"]).describe(settings_of(ref))
    channels, height, width = facts["shape"]
    return {"shape": (int(channels), int(height), int(width)), "labelled": bool(facts["labelled"])}


def stamp(ref: Mapping[str, Any], data_dir: Path | None = None) -> str:
    """Cheap digest of the names, sizes and times of a user's source files; "" if the component has no `stamp`.

    The workflow compares the digest, so that it prepares a changed folder again.
    """
    module = load("data", ref["name"])
    return str(module.stamp(settings_of(ref), data_dir)) if hasattr(module, "stamp") else ""


def check_sources(refs: Iterable[Mapping[str, Any]], data_dir: Path | None) -> None:
    """UserError if `data_dir` is no folder, or if a component's `stamp` finds no folder or no pictures."""
    if data_dir is not None and not data_dir.is_dir():
        raise UserError(f"data_dir {str(data_dir)!r} is no folder; name the folder that holds your source data.")
    for ref in refs:
        stamp(ref, data_dir)


def prepare(ref: Mapping[str, Any], folder: Path | str, data_dir: Path | str | None = None) -> dict[str, Any]:
    """Build the data set that `ref` names into `folder` and return its manifest.

    Writes images.npy (N, C, H, W) uint8 or float32, labels.npy (N,) int64 (or (0,) without labels), split.npy (N,)
    uint8, and finally manifest.json. Training rows come first. The same settings and sources give the same bytes.
    Raises UserError if sources are missing or broken, or if the output of the component is not valid.
    """
    folder = Path(folder)
    name, settings, promised = ref["name"], settings_of(ref), describe(ref)
    folder.mkdir(parents=True, exist_ok=True)
    # Remove the manifest first: an interrupted preparation must not leave one that describes other arrays.
    (folder / MANIFEST).unlink(missing_ok=True)
    raw = load("data", name).build(settings, folder, None if data_dir is None else Path(data_dir))
    check(raw, name, promised["shape"], promised["labelled"])
    order = np.arange(len(raw.split)) if raw.order is None else raw.order
    order = order[np.argsort(raw.split[order], kind="stable")]
    split = raw.split[order]
    labels = raw.labels[order] if raw.labels is not None else None
    stored_labels = labels if labels is not None and promised["labelled"] else np.zeros(0, np.int64)
    _write_images(folder / IMAGES, raw.images, order)
    _write_array(folder / LABELS, stored_labels)
    _write_array(folder / SPLIT, split)
    manifest = {
        **_texts(name, raw),
        "name": name,
        "settings": settings,
        "shape": list(promised["shape"]),
        "dtype": str(raw.images.dtype),
        "labelled": promised["labelled"],
        "classes": raw.classes,
        "counts": {key: int((split == value).sum()) for value, key in enumerate(SPLITS)},
        "class_counts": _class_counts(labels, split, raw.classes),
        "sha256": {file: digest_file(folder / file) for file in (IMAGES, LABELS, SPLIT)},
        **_content(folder / IMAGES, stored_labels, split),
    }
    write_json(folder / MANIFEST, manifest)
    return manifest


def settings_of(ref: Mapping[str, Any]) -> dict[str, Any]:
    """The settings in `ref`, without its name; UserError if one is missing or unknown."""
    settings = {key: value for key, value in ref.items() if key not in ("name", "digest")}
    declared = component("data", ref["name"]).settings
    missing, unknown = sorted(set(declared) - set(settings)), sorted(set(settings) - set(declared))
    problems = [f"data set {ref['name']!r}: setting {key!r} is missing." for key in missing]
    problems += [
        f"data set {ref['name']!r}: unknown setting {key!r}; valid: {', '.join(declared) or 'none'}." for key in unknown
    ]
    if problems:
        raise UserError(*problems)
    return settings


def _write_images(path: Path, images: NDArray[Any], order: NDArray[np.int64]) -> None:
    header = {"descr": np.lib.format.dtype_to_descr(images.dtype), "fortran_order": False, "shape": images.shape}
    # Written as a stream, so that a full disk raises an error. With a memory map, a full disk would kill the process.
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        for start in range(0, len(order), CHUNK):
            stream.write(images[order[start : start + CHUNK]].tobytes())


def _write_array(path: Path, values: NDArray[Any]) -> None:
    with atomic_path(path) as temporary:
        np.save(temporary, values, allow_pickle=False)


def _texts(name: str, raw: Raw) -> dict[str, Any]:
    """Entries of the manifest: `raw.facts`, and the licence and source in the component's FACTS if `raw` has none."""
    facts = dict(raw.facts)
    declared = component("data", name).facts
    return {
        "licence": facts.pop("licence", declared["licence"]),
        "source": facts.pop("source", declared["source"]),
        "rule": facts.pop("rule", ""),
        "skipped": facts.pop("skipped", []),
        "facts": facts,
    }


def _class_counts(
    labels: NDArray[np.int64] | None, split: NDArray[np.uint8], classes: list[str] | None
) -> dict[str, list[int]] | None:
    if labels is None or classes is None:
        return None
    return {
        key: np.bincount(labels[split == value], minlength=len(classes)).tolist() for value, key in enumerate(SPLITS)
    }


def _content(images: Path, labels: NDArray[np.int64], split: NDArray[np.uint8]) -> dict[str, Any]:
    """Digest of pixels, labels and split (without file headers); number of test images that equal a training image."""
    stored = np.load(images, mmap_mode="r")
    digest = hashlib.sha256(canonical_json([list(stored.shape), len(labels)]).encode())
    for chunk in _chunks(stored):
        digest.update(chunk.tobytes())
    digest.update(labels.astype("<i8").tobytes())
    digest.update(split.tobytes())
    train = set(_row_digests(stored[split == TRAIN]))
    repeated = sum(row in train for row in _row_digests(stored[split == TEST]))
    return {"digest": digest.hexdigest(), "test_in_train": repeated}


def _chunks(rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _row_digests(rows: NDArray[Any]) -> Iterator[bytes]:
    for chunk in _chunks(rows):
        for row in chunk:
            yield hashlib.blake2b(row.tobytes(), digest_size=16).digest()
