"""BEGAN's networks: D is an autoencoder and outputs minus its reconstruction error; G is built like D's decoder."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

from gan_bench.models import Pair
from gan_bench.models._blocks import network

FACTS: dict[str, Any] = {
    "paper": "Berthelot, Schumm & Metz 2017, BEGAN, section 3.5 and figure 1 (arXiv:1703.10717)",
    "settings": {
        "latent_dim": {"type": "int", "default": 64, "min": 1, "help": "length of the noise vector z (N_z)"},
        "hidden": {"type": "int", "default": 64, "min": 1, "help": "size of the autoencoder's bottleneck (N_h)"},
        "width": {"type": "int", "default": 64, "min": 1, "unit": "channels", "help": "base number of channels (n)"},
    },
    "deviations": [
        "The paper's smallest feature maps are 8 x 8; here they are 4 x 4 for images of 8 and 16 pixels, and 7 x 7 for "
        "28 pixels.",
        "G ends in tanh, so that images are in [-1, 1]; the autoencoder's output is linear.",
        "There are no skip connections, which the paper adds for larger images.",
    ],
    "sizes": [8, 16, 28, 32, 64],
    "channels": None,
    "critic_batch_coupled": {},
    "output": "reconstruction",
}


class Reconstruction(nn.Module):
    """x (B, C, H, W) -> minus the mean absolute error of its reconstruction, (B,): higher = more real."""

    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return -(x - self.layers(x)).abs().flatten(1).mean(dim=1)


def build(shape: tuple[int, int, int], settings: Mapping[str, Any]) -> Pair:
    """D is an encoder and a decoder; G is built like the decoder.

    All convolutions are 3 x 3. Each is followed by ELU, except the last one of the decoder and of G.

    The layers of the encoder, in order:

    - a convolution to n channels;
    - for each halving of the size, a convolution that keeps the size, and one of stride 2 with n more output channels;
    - two convolutions at the smallest size;
    - a linear layer to N_h numbers.

    The layers of the decoder and of G, in order:

    - a linear layer from N_h (decoder) or N_z (G) numbers to n maps of the smallest size;
    - two convolutions at each size; between two sizes, pixels are repeated to double the size;
    - a convolution to the image.
    """
    z, hidden, n = settings["latent_dim"], settings["hidden"], settings["width"]
    sizes = (n, *_plan(shape[1]), shape[0])
    return Pair(
        network(lambda: [*_decoder(z, *sizes), nn.Tanh()], "uniform_fan_in"),
        network(lambda: [Reconstruction([*_encoder(hidden, *sizes), *_decoder(hidden, *sizes)])], "uniform_fan_in"),
        z,
    )


def _plan(size: int) -> tuple[int, int]:
    """Side of the smallest feature maps, and the number of doublings from it to the image size."""
    base = {8: 4, 16: 4, 28: 7}.get(size, 8)
    return base, (size // base).bit_length() - 1


def _encoder(hidden: int, n: int, base: int, levels: int, channels: int) -> list[nn.Module]:
    row: list[nn.Module] = [nn.Conv2d(channels, n, 3, 1, 1), nn.ELU()]
    for level in range(1, levels + 1):
        row += [nn.Conv2d(level * n, level * n, 3, 1, 1), nn.ELU()]
        row += [nn.Conv2d(level * n, (level + 1) * n, 3, 2, 1), nn.ELU()]
    last = (levels + 1) * n
    row += [nn.Conv2d(last, last, 3, 1, 1), nn.ELU(), nn.Conv2d(last, last, 3, 1, 1), nn.ELU()]
    return [*row, nn.Flatten(1), nn.Linear(last * base * base, hidden)]


def _decoder(inputs: int, n: int, base: int, levels: int, channels: int) -> list[nn.Module]:
    row: list[nn.Module] = [nn.Linear(inputs, n * base * base), nn.Unflatten(1, (n, base, base))]
    for level in range(levels + 1):
        row += [nn.Upsample(scale_factor=2, mode="nearest")] if level else []
        row += [nn.Conv2d(n, n, 3, 1, 1), nn.ELU(), nn.Conv2d(n, n, 3, 1, 1), nn.ELU()]
    return [*row, nn.Conv2d(n, channels, 3, 1, 1)]
