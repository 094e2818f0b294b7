"""A reference: an extractor fitted to a data set, and the features of the real images.

It is computed once, and every evaluation with this extractor on this data set reads it. Its folder contains

    extractor.safetensors   weights
    features.safetensors    features, log-probabilities and modes of both splits
    extractor.json          description and digests
    status.json             seconds and threads; the only file that may differ if the reference is computed again
"""

import functools
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from gan_bench import registry
from gan_bench.data import DataSet, open_data
from gan_bench.errors import UserError
from gan_bench.features import Features, extractor_label
from gan_bench.files import digest_file, read_json, write_json
from gan_bench.paths import STATUS
from gan_bench.train._torch import deterministic
from gan_bench.train.tensors import write_tensors

WEIGHTS = "extractor.safetensors"
FEATURES = "features.safetensors"
RECORD = "extractor.json"

SPLITS = ("train", "test")


@dataclass(frozen=True)
class Reference:
    """A fitted extractor. `record`: its extractor.json. If `data` is given, features include the images."""

    folder: Path
    record: dict[str, Any]
    weights: dict[str, Tensor]
    data: DataSet | None = None

    @property
    def name(self) -> str:
        """The extractor's name."""
        return str(self.record["name"])

    @property
    def label(self) -> str:
        """Text that describes the extractor in tables, such as "classifier (digits, 98.1 % test accuracy)"."""
        return str(self.record["label"])

    @property
    def fitted(self) -> bool:
        """Whether the extractor was fitted to images of the train split."""
        return bool(registry.component("features", self.record["settings"]["name"]).facts.get("fitted", True))

    def extract(self, images: np.ndarray) -> Features:
        """Features of images (N, C, H, W). UserError if N is 0 or the type or shape differs from the data set's."""
        dtype = self.record.get("dtype", "uint8")
        if images.dtype != dtype or list(images.shape[1:]) != self.record["shape"] or not len(images):
            wanted = "x".join(map(str, self.record["shape"]))
            raise UserError(
                f"extractor {self.label}: images are {images.dtype} of shape {images.shape}; {dtype} (n, C, H, W) "
                f"with n above 0 and C x H x W = {wanted} is needed."
            )
        settings = self.record["settings"]
        points: Features = _module(settings).extract(self.weights, images, _settings(settings))
        return points if self.data is None else replace(points, images=images)

    def real(self, split: str) -> Features:
        """Features of the real images of a split ("train" or "test"), in the order of the data set."""
        if split not in SPLITS:
            raise UserError(f"split {split!r} is not valid; one of {', '.join(SPLITS)} is needed.")
        stored = self._stored
        log_probs, modes, nearest = (stored.get(f"{split}.{name}") for name in ("log_probs", "modes", "nearest"))
        return Features(
            stored[f"{split}.features"].numpy(),
            None if log_probs is None else log_probs.numpy(),
            None if modes is None else modes.numpy(),
            self.record.get("n_modes", 0),
            None if nearest is None else nearest.numpy(),
            None if self.data is None else self.data.images(split),
        )

    @functools.cached_property
    def _stored(self) -> dict[str, Tensor]:
        return _load(self.folder / FEATURES, self.record["features_sha256"])


def prepare_reference(
    data_folder: Path | str, extractor_ref: dict[str, Any], folder: Path | str, *, threads: int = 1
) -> dict[str, Any]:
    """Fit an extractor to a prepared data set, store it with the features of both splits, and return its record.

    On one machine, the same data, settings and `threads` give the same bytes, except in status.json. UserError if the
    extractor cannot be fitted to the data.
    """
    data, folder = open_data(data_folder), Path(folder)
    module, settings = _module(extractor_ref), _settings(extractor_ref)
    start = time.monotonic()
    with deterministic(threads, torch.device("cpu")):
        weights, report = module.fit(data, settings, settings.get("seed", 0))
        real = {split: module.extract(weights, data.images(split), settings) for split in SPLITS}
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(folder / WEIGHTS, weights, {})
    write_tensors(folder / FEATURES, _tensors(real), {})
    name = registry.component("features", extractor_ref["name"]).name
    record = {
        "name": name,
        "label": extractor_label(name, real["train"].dim, report, data.name),
        "dim": real["train"].dim,
        "settings": extractor_ref,
        "report": report,
        "shape": list(data.shape),
        "dtype": str(data.images("train").dtype),
        "n_modes": real["train"].n_modes,
        "counts": {split: len(real[split]) for split in SPLITS},
        "data": {"name": data.name, "digest": data.digest},
        "sha256": digest_file(folder / WEIGHTS),
        "features_sha256": digest_file(folder / FEATURES),
    }
    write_json(folder / STATUS, {"status": "ok", "seconds": round(time.monotonic() - start, 3), "threads": threads})
    write_json(folder / RECORD, record)
    return record


def open_reference(folder: Path | str) -> Reference:
    """The extractor that `prepare_reference` stored in `folder`. UserError names a missing or damaged file."""
    folder = Path(folder)
    if not (folder / RECORD).is_file():
        raise UserError(f"{folder}: no fitted extractor, it holds no {RECORD}; prepare it first.")
    record = read_json(folder / RECORD)
    reference = Reference(folder, record, _load(folder / WEIGHTS, record["sha256"]))
    reference.real("test")  # Read now, so that a damaged file is found before hours of sampling.
    return reference


def _module(ref: dict[str, Any]) -> ModuleType:
    return registry.load("features", ref["name"])


def _settings(ref: dict[str, Any]) -> dict[str, Any]:
    """The settings in `ref`, a component's name with its settings and digest: all entries except name and digest."""
    return {key: value for key, value in ref.items() if key not in ("name", "digest")}


def _tensors(real: dict[str, Features]) -> dict[str, Tensor]:
    tensors = {}
    for split, points in real.items():
        tensors[f"{split}.features"] = torch.from_numpy(points.features)
        if points.log_probs is not None:
            tensors[f"{split}.log_probs"] = torch.from_numpy(points.log_probs)
        if points.modes is not None:
            tensors[f"{split}.modes"] = torch.from_numpy(points.modes)
        if points.nearest is not None:
            tensors[f"{split}.nearest"] = torch.from_numpy(points.nearest)
    return tensors


def _load(path: Path, sha256: str) -> dict[str, Tensor]:
    if not path.is_file():
        raise UserError(f"{path}: no such file; prepare the extractor again.")
    if digest_file(path) != sha256:
        raise UserError(f"{path}: damaged, its SHA-256 is not that of {RECORD}; prepare the extractor again.")
    try:
        return load_file(path)
    except SafetensorError as error:
        raise UserError(f"{path}: damaged: {error}; prepare the extractor again.") from None
