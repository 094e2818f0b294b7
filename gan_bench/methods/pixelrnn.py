"""PixelRNN (row LSTM): the likelihood of an image is a product over its pixels, computed row by row by an LSTM."""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.methods import Setup
from gan_bench.methods._autoregressive import AutoregressiveProgram, along

FACTS: dict[str, Any] = {
    "paper": "van den Oord, Kalchbrenner & Kavukcuoglu 2016, Pixel Recurrent Neural Networks, section 3.1 "
    "(arXiv:1601.06759)",
    "settings": {
        "width": {"type": "int", "default": 32, "min": 1, "max": 4096, "unit": "channels", "help": "states per pixel"},
        "layers": {"type": "int", "default": 2, "min": 1, "max": 100, "help": "number of row LSTM layers"},
        "levels": {
            "type": "int",
            "default": 8,
            "min": 2,
            "max": 256,
            "help": "number of evenly spaced values of a pixel, from black to white; images are rounded to them",
        },
    },
    "deviations": [
        "Channels of a pixel depend on each other only in the last layer, not by masks in every layer.",
        "By default two layers of width 32 and 8 levels; the paper has 7 layers of width 16 on MNIST, and 2 or 256 "
        "levels.",
        "Practical for small images only: rows are computed one after another, in training too.",
    ],
    "uses": ["g_optimizer", "batch_size", "ema", "budget", "log_points", "snapshots"],
    "adversarial": False,
}


class RowLstmTrunk(nn.Module):
    """(B, C, H, W) -> (B, width, H, W): a 7 x 7 masked convolution, then layers of row LSTMs with residual paths.

    A layer computes the gates of a pixel by two convolutions: one over the layer's input in the same row up to this
    pixel (1 x 3, mask B), and one over the states of the row above (1 x 3, no mask). See van den Oord et al. 2016,
    section 3.1 and equation 3.
    """

    def __init__(self, channels: int, width: int, layers: int) -> None:
        super().__init__()
        self.width, self.layers = width, layers
        # The 7 x 7 convolution with mask A is the sum of two: over three rows above, and over three pixels to the left.
        self.above = nn.Conv2d(channels, width, (3, 7))
        self.left = nn.Conv2d(channels, width, (1, 3), bias=False)
        self.inputs = nn.ModuleList(nn.Conv1d(width, 4 * width, 2) for _ in range(layers))
        self.states = nn.ModuleList(nn.Conv1d(width, 4 * width, 3, padding=1, bias=False) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        height, columns = x.shape[2:]
        rows = self.above(F.pad(x, (3, 3, 3, 0))[:, :, : height + 2])
        rows = rows + self.left(F.pad(x, (3, 0, 0, 0))[:, :, :, : columns + 2])
        for inputs, states in zip(self.inputs, self.states, strict=True):
            batch = rows.permute(0, 2, 1, 3).flatten(0, 1)
            gates = inputs(F.pad(batch, (1, 0))).reshape(x.shape[0], height, -1, columns)
            h = c = x.new_zeros(x.shape[0], self.width, columns)
            states_of_rows = []
            for row in range(height):
                h, c = lstm(gates[:, row] + states(h), c)
                states_of_rows.append(h)
            rows = rows + torch.stack(states_of_rows, dim=2)
        return rows

    def begin(self, batch: int, like: Tensor) -> None:
        """Start with zero states above the first row."""
        shape = (batch, self.width, like.shape[3])
        self.h = [like.new_zeros(shape) for _ in range(self.layers)]
        self.c = [like.new_zeros(shape) for _ in range(self.layers)]
        self.now: list[tuple[list[Tensor], list[Tensor]]] = [([], []) for _ in range(self.layers)]

    def begin_row(self, x: Tensor, row: int) -> None:
        """For the first convolution and each layer's gates, compute the terms that depend only on the rows above."""
        if row > 0:
            self.h = [torch.stack(h, dim=2) for h, _ in self.now]
            self.c = [torch.stack(c, dim=2) for _, c in self.now]
        self.upper = self.above(F.pad(x, (3, 3, 3, 0))[:, :, row : row + 3])[:, :, 0]
        self.from_states = [states(h) for states, h in zip(self.states, self.h, strict=True)]
        self.now = [([], []) for _ in range(self.layers)]
        self.before = [x.new_zeros(x.shape[0], self.width) for _ in range(self.layers)]

    def pixel(self, x: Tensor, row: int, column: int) -> Tensor:
        """Features (B, width) of one pixel. Each layer stores its input for the pixel to the right."""
        window = F.pad(x[:, :, row], (3, 0))[:, :, column : column + 3].flatten(1)
        features = self.upper[:, :, column] + F.linear(window, self.left.weight.flatten(1))
        for i, inputs in enumerate(self.inputs):
            pair = torch.stack((self.before[i], features), dim=2).flatten(1)
            self.before[i] = features
            gates = along(inputs, pair) + self.from_states[i][:, :, column]
            h, c = lstm(gates, self.c[i][:, :, column])
            self.now[i][0].append(h)
            self.now[i][1].append(c)
            features = features + h
        return features


def lstm(gates: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """New state and cell (B, width, ...) from gates (B, 4 width, ...) and the old cell c (equation 3).

    The gates are in the order output, forget, input, content.
    """
    o, f, i, g = gates.chunk(4, dim=1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def build(setup: Setup) -> AutoregressiveProgram:
    """A trunk of row LSTMs with the likelihood and the training step of _autoregressive.py."""
    method = setup.settings["method"]
    trunk = partial(RowLstmTrunk, setup.shape[0], method["width"], method["layers"])
    return AutoregressiveProgram(setup, trunk, method["width"])
