"""Vision transformers of the library timm. Their weights come from a file of the user. Nothing is downloaded."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.features._pictures import resized_rgb
from gan_bench.features._weights import checked_file, need_picture_channels, read_weights
from gan_bench.files import digest_file

#: Side of the networks' input, in pixels.
SIDE = 224

Tensors = dict[str, Tensor]


def fit_timm(
    extractor: str,
    data: Any,
    settings: dict[str, Any],
    model: str,
    published: str | None = None,
    prepare: Callable[[Tensors], Tensors] = dict,
    **options: Any,
) -> tuple[Tensors, dict[str, Any]]:
    """(weights of timm's `model`, report). The settings name the file of the weights; the report has its SHA-256.

    If the settings state a SHA-256, the file must have it. Otherwise a .pth file must have the SHA-256 `published`
    (if given). Files with other suffixes, such as .safetensors, are conversions and need no particular SHA-256.

    Args:
        published: SHA-256 of the authors' file.
        prepare: changes the tensors before timm converts them.

    Raises:
        UserError: timm or the file is missing, the SHA-256 differs, the weights are those of another network, or the
            images of the data set have neither 1 nor 3 channels.
    """
    need_picture_channels(extractor, data)
    path = Path(settings["weights"]).expanduser()
    if not path.is_file():
        raise UserError(f"features: {extractor}: weights {str(path)!r}: no such file.")
    expected = settings["sha256"] or (published if path.suffix == ".pth" else None)
    digest = digest_file(path) if expected is None else digest_file(checked_file(extractor, path, expected))
    network = _network(extractor, model, **options)
    from timm.models.vision_transformer import checkpoint_filter_fn

    tensors: Any = checkpoint_filter_fn(prepare(read_weights(extractor, path)), network)
    # Tensors that the network does not use, such as the mask token of the training, are left out.
    known = {name: tensors[name].contiguous().clone() for name in network.state_dict() if name in tensors}
    _load(extractor, network, known)
    return known, {
        "weights_sha256": digest,
        "weights_published": digest == published,
        "resize": f"{SIDE} px, bicubic, antialiased, not cropped",
    }


def extract_timm(
    extractor: str,
    weights: Tensors,
    images: np.ndarray,
    batch_size: int,
    model: str,
    **options: Any,
) -> Features:
    """The output of the network as features (N, D) float32, for uint8 images (N, 1 or 3, H, W)."""
    network = _network(extractor, model, **options)
    _load(extractor, network, weights)
    mean, sd = (torch.tensor(network.pretrained_cfg[key])[:, None, None] * 255 for key in ("mean", "std"))
    parts = []
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            pixels = resized_rgb(images[start : start + batch_size], SIDE)
            parts.append(network((pixels - mean) / sd).float())
    return Features(torch.cat(parts).numpy())


def _network(extractor: str, model: str, **options: Any) -> Any:
    try:
        import timm
    except ImportError:
        raise UserError(f'features: {extractor} needs timm: pip install "gan-bench[vit]".') from None
    state = torch.get_rng_state()
    network = timm.create_model(model, pretrained=False, img_size=SIDE, **options).eval()
    torch.set_rng_state(state)  # timm draws random weights, which are replaced later
    return network


def _load(extractor: str, network: nn.Module, weights: Tensors) -> None:
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        text = " ".join(str(error).split())
        raise UserError(f"features: {extractor}: the weights are not those of the network: {text[:300]}") from None
