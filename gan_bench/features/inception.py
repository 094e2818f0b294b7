"""Inception-v3 from torch-fidelity, the network behind FID, Inception Score and KID in the literature.

Features are the 2,048 numbers of pool3. Probabilities are the softmax of the 1,008 ImageNet logits, computed without
the bias of the last layer. Pictures are read as uint8 RGB (grey pictures as three equal channels). The network resizes
them to 299 px by the bilinear rule of TensorFlow 1. For digits and other pictures far from ImageNet, scores in this
space say little; use a classifier of the data set instead. Points in a plane are refused.

The weights are torch-fidelity's weights-inception-2015-12-05-6726825d.pth (96 MB, Apache-2.0), converted from
TensorFlow's weights. The setting `weights` is their path. Without it, they are downloaded once to the user's cache.
The SHA-256 is checked before any tensor is read, and only tensors are read.
"""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gan_bench.data._download import DownloadError, fetch_file
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.files import digest_file

FACTS = {
    "paper": "Szegedy et al. 2016, arXiv:1512.00567; as features of FID: Heusel et al. 2017, arXiv:1706.08500",
    "settings": {
        "weights": {
            "type": "path",
            "default": None,
            "nullable": True,
            "help": "path of the weights file; null = download it once into the user's cache",
        },
        "sha256": {
            "type": "str",
            "default": "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
            "help": "SHA-256 that the weights file must have",
        },
    },
    "deviations": ["PyTorch's port of the TensorFlow network: features agree to about 1e-3"],
    "needs_labels": False,
    "fitted": False,
    "probabilities": True,
    "needs_file": "the network's weights (96 MB), from a path or by download",
}

URL = "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth"
NAMES = ["2048", "logits_unbiased"]


def fit(data: Any, settings: dict[str, Any], seed: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read and check the weights. Nothing is learnt from the data. UserError says what is missing or wrong."""
    channels = data.shape[0]
    if channels not in (1, 3):
        raise UserError(f"features: inception needs pictures of 1 or 3 channels; {data.name!r} has {channels}.")
    path = _file(settings)
    weights = _read(path)
    _network(weights)
    return weights, {"weights_sha256": settings["sha256"], "resize": "299 px, bilinear as in TensorFlow 1"}


def extract(weights: dict[str, Tensor], images: np.ndarray, settings: dict[str, Any], batch_size: int = 32) -> Features:
    """Features (N, 2048) float32 and log-probabilities (N, 1008) float64 of uint8 images (N, 1 or 3, H, W).

    `batch_size` changes values only by float32 rounding.
    """
    network = _network(weights)
    features, log_probs = [], []
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            batch = torch.from_numpy(np.array(images[start : start + batch_size]))
            pool, logits = network(batch.expand(-1, 3, -1, -1).contiguous())
            features.append(pool.float())
            log_probs.append(F.log_softmax(logits.double(), dim=1))
    return Features(torch.cat(features).numpy(), torch.cat(log_probs).numpy())


def _file(settings: dict[str, Any]) -> Path:
    """The weights file, from a path, the cache or a download; its SHA-256 is checked."""
    wanted = settings["sha256"]
    if settings["weights"] is not None:
        path = Path(settings["weights"]).expanduser()
        if not path.is_file():
            raise UserError(f"features: inception: weights {str(path)!r}: no such file; get it from {URL}.")
        digest = digest_file(path)
        if digest != wanted:
            raise UserError(
                f"features: inception: weights {str(path)!r} have SHA-256 {digest}, not {wanted}; get them from {URL}, "
                "or set sha256 to their own if you mean other weights."
            )
        return path
    path = _cache() / URL.rpartition("/")[2]
    if path.is_file() and digest_file(path) == wanted:
        return path
    try:
        fetch_file(URL, path, wanted)
    except DownloadError as error:
        raise UserError(
            f"features: inception needs its weights, and they could not be downloaded ({error}); download {URL} where "
            "there is a network and set weights to the file's path."
        ) from None
    return path


def _cache() -> Path:
    """Folder of downloads, shared by all studies of a user."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "gan-bench"


def _read(path: Path) -> dict[str, Tensor]:
    try:
        tensors = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the loader raises many types of exception for an invalid file
        raise UserError(
            f"features: inception: {path}: the file cannot be read as tensors only ({type(error).__name__})."
        ) from None
    if not isinstance(tensors, dict) or not all(isinstance(value, Tensor) for value in tensors.values()):
        raise UserError(f"features: inception: {path}: not a file of named tensors.")
    return {name: value.detach().clone() for name, value in tensors.items()}


def _network(weights: dict[str, Tensor]) -> nn.Module:
    try:
        from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
    except ImportError:
        raise UserError(
            'features: inception needs torch-fidelity 0.4 or newer: pip install "gan-bench[inception]".'
        ) from None
    # The library needs a file and would download one. It gets the checked tensors as a file in memory instead.
    file = io.BytesIO()
    torch.save(weights, file)
    file.seek(0)
    try:
        network: nn.Module = FeatureExtractorInceptionV3("inception", NAMES, feature_extractor_weights_path=file)
    except RuntimeError as error:
        raise UserError(f"features: inception: the weights are not those of the network: {error}") from None
    return network.eval()
