"""Gated PixelCNN: the likelihood of an image is a product over its pixels, computed by masked convolutions."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.methods import Setup
from gan_bench.methods._autoregressive import AutoregressiveProgram, along

FACTS: dict[str, Any] = {
    "paper": "van den Oord et al. 2016, Conditional Image Generation with PixelCNN Decoders, sections 2.1 to 2.3 "
    "(arXiv:1606.05328); masks: van den Oord et al. 2016, Pixel Recurrent Neural Networks (arXiv:1601.06759)",
    "settings": {
        "width": {
            "type": "int",
            "default": 32,
            "min": 1,
            "max": 4096,
            "unit": "channels",
            "help": "channels of each layer",
        },
        "layers": {"type": "int", "default": 5, "min": 1, "max": 100, "help": "number of gated layers"},
        "levels": {
            "type": "int",
            "default": 8,
            "min": 2,
            "max": 256,
            "help": "number of evenly spaced values of a pixel, from black to white; images are rounded to them",
        },
    },
    "deviations": [
        "The first layer has kernels of 3 x 7 (rows above) and 1 x 3 (to the left), the other layers 2 x 5 and 1 x 2. "
        "The receptive field grows with the number of layers.",
        "The row and column of each pixel are additional inputs, because the receptive field is small.",
        "Channels of a pixel depend on each other only in the last layer, not by masks in every layer.",
        "8 levels by default; the paper has 256.",
    ],
    "uses": ["g_optimizer", "batch_size", "ema", "budget", "log_points", "snapshots"],
    "adversarial": False,
}

#: Size of vertical kernels in the first layer and in the other layers: (rows, columns on each side of the pixel). A
#: horizontal kernel has as many columns as the vertical kernel has rows.
FIRST, REST = (3, 3), (2, 2)


class GatedTrunk(nn.Module):
    """(B, C, H, W) -> (B, width, H, W). Features of a pixel depend only on earlier pixels in its receptive field.

    The vertical stack reads the rows above. The horizontal stack reads the pixels to the left in the same row, and the
    output of the vertical stack through a 1 x 1 convolution. Together the two stacks have no blind spot (van den Oord
    et al. 2016, section 2.3). Both stacks read the row and the column of each pixel as input channels, because the
    receptive field of most pixels does not reach the edges of the image.
    """

    def __init__(self, channels: int, width: int, layers: int) -> None:
        super().__init__()
        self.width, self.layers = width, layers
        inputs = [channels + 2, *[width] * (layers - 1)]
        # Kernels of the first layer exclude the pixel itself (mask A); kernels of the other layers include it (mask B).
        self.rows_of, self.reach = [FIRST[0], *[REST[0]] * (layers - 1)], [FIRST[1], *[REST[1]] * (layers - 1)]
        self.vertical = nn.ModuleList(
            nn.Conv2d(n, 2 * width, (rows, 2 * side + 1))
            for n, rows, side in zip(inputs, self.rows_of, self.reach, strict=True)
        )
        self.horizontal = nn.ModuleList(
            nn.Conv2d(n, 2 * width, (1, rows)) for n, rows in zip(inputs, self.rows_of, strict=True)
        )
        self.link = nn.ModuleList(nn.Conv2d(2 * width, 2 * width, 1) for _ in inputs)
        self.mix = nn.ModuleList(nn.Conv2d(width, width, 1) for _ in inputs)

    def forward(self, x: Tensor) -> Tensor:
        v = h = with_coordinates(x)
        for i in range(self.layers):
            rows, side = self.rows_of[i], self.reach[i]
            before = rows if i == 0 else rows - 1
            v = self.vertical[i](F.pad(v, (side, side, before, 0))[:, :, : x.shape[2] + rows - 1])
            inner = self.horizontal[i](F.pad(h, (before, 0, 0, 0))[:, :, :, : x.shape[3] + rows - 1]) + self.link[i](v)
            v = gate(v)
            mixed = self.mix[i](gate(inner))
            h = mixed if i == 0 else h + mixed
        return h

    def begin(self, batch: int, like: Tensor) -> None:
        """Start without stored rows. For the first row, `begin_row` uses zeros in place of the rows above it."""
        self.above: list[Tensor | None] = [None] * self.layers

    def begin_row(self, x: Tensor, row: int) -> None:
        """Compute the vertical stack of the row from the stored rows above it, and clear the horizontal stack."""
        rows, side = self.rows_of[0], self.reach[0]
        self.image = with_coordinates(x)
        v = F.pad(self.image, (side, side, rows, 0))[:, :, row : row + rows]
        self.links: list[Tensor] = []
        for i in range(self.layers):
            out = self.vertical[i](v)
            self.links.append(self.link[i](out)[:, :, 0])
            if i + 1 < self.layers:
                side, kept = self.reach[i + 1], self.rows_of[i + 1] - 1
                now = F.pad(gate(out), (side, side, 0, 0))
                before = self.above[i]
                zeros = now.expand(*now.shape[:2], kept, now.shape[3]) * 0
                v = torch.cat((zeros if before is None else before, now), dim=2)
                self.above[i] = v[:, :, 1:]
        self.left = [[x.new_zeros(x.shape[0], self.width) for _ in range(rows - 1)] for rows in self.rows_of]

    def pixel(self, x: Tensor, row: int, column: int) -> Tensor:
        """Features (B, width) of one pixel. Inputs of the horizontal stack are stored for the pixels to the right."""
        first = self.rows_of[0]
        # Pixel values come from x, which the sampling has filled up to this pixel. Coordinates come from `begin_row`.
        now = torch.cat((x[:, :, row], self.image[:, x.shape[1] :, row]), dim=1)
        h = x.new_zeros(0)
        for i in range(self.layers):
            if i == 0:
                window = F.pad(now, (first, 0))[:, :, column : column + first]
            else:
                window = torch.stack((*self.left[i], h), dim=2)
                self.left[i] = [*self.left[i][1:], h]
            inner = along(self.horizontal[i], window.flatten(1))
            mixed = along(self.mix[i], gate(inner + self.links[i][:, :, column]))
            h = mixed if i == 0 else h + mixed
        return h


def with_coordinates(x: Tensor) -> Tensor:
    """Append two channels to images (B, C, H, W): the row and the column of each pixel, from -1 to 1."""
    height, width = x.shape[2:]
    rows = torch.linspace(-1, 1, height, device=x.device, dtype=x.dtype)[:, None].expand(height, width)
    columns = torch.linspace(-1, 1, width, device=x.device, dtype=x.dtype)[None, :].expand(height, width)
    places = torch.stack((rows, columns)).expand(x.shape[0], 2, height, width)
    return torch.cat((x, places), dim=1)


def gate(x: Tensor) -> Tensor:
    """tanh of the first half of the channels times the sigmoid of the second half (equation 2)."""
    a, b = x.chunk(2, dim=1)
    return torch.tanh(a) * torch.sigmoid(b)


def build(setup: Setup) -> AutoregressiveProgram:
    """A trunk of gated convolutions with the likelihood and the training step of _autoregressive.py."""
    method = setup.settings["method"]
    trunk = partial(GatedTrunk, setup.shape[0], method["width"], method["layers"])
    return AutoregressiveProgram(setup, trunk, method["width"])
