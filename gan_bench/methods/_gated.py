"""Gated convolutions over the pixels above (vertical stack) and to the left (horizontal stack)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.methods._autoregressive import along


class GatedTrunk(nn.Module):
    """(B, C, H, W) -> (B, width, H, W); features of a pixel see every pixel before it in reach, and no other.

    The vertical stack of a row sees the rows above it; the horizontal one sees the pixels to the left in its row, and
    the vertical stack through a 1 x 1 convolution: no blind spot (van den Oord et al. 2016, section 2.3).
    """

    def __init__(self, channels: int, width: int, layers: int) -> None:
        super().__init__()
        self.width, self.layers = width, layers
        inputs = [channels, *[width] * (layers - 1)]
        # Two rows by three columns, and two columns: the first layer's lie above and to the left of the pixel (mask A),
        # the others' end with its own row and column (mask B).
        self.vertical = nn.ModuleList(nn.Conv2d(n, 2 * width, (2, 3)) for n in inputs)
        self.horizontal = nn.ModuleList(nn.Conv2d(n, 2 * width, (1, 2)) for n in inputs)
        self.link = nn.ModuleList(nn.Conv2d(2 * width, 2 * width, 1) for _ in inputs)
        self.mix = nn.ModuleList(nn.Conv2d(width, width, 1) for _ in inputs)

    def forward(self, x: Tensor) -> Tensor:
        v = h = x
        for i in range(self.layers):
            above, left = (2, 2) if i == 0 else (1, 1)
            v = self.vertical[i](F.pad(v, (1, 1, above, 0))[:, :, : x.shape[2] + 1])
            inner = self.horizontal[i](F.pad(h, (left, 0, 0, 0))[:, :, :, : x.shape[3] + 1]) + self.link[i](v)
            v = gate(v)
            mixed = self.mix[i](gate(inner))
            h = mixed if i == 0 else h + mixed
        return h

    def begin(self, batch: int, like: Tensor) -> None:
        """Zeros above the first row."""
        self.rows: list[Tensor | None] = [None] * self.layers

    def begin_row(self, x: Tensor, row: int) -> None:
        """The vertical stack of the row, from the one kept of the row above; the horizontal stack is empty."""
        image = F.pad(x, (1, 1, 2, 0))[:, :, row : row + 2]
        self.links: list[Tensor] = []
        v = image
        for i in range(self.layers):
            out = self.vertical[i](v)
            self.links.append(self.link[i](out)[:, :, 0])
            if i + 1 < self.layers:
                now = F.pad(gate(out), (1, 1, 0, 0))
                before = self.rows[i]
                v = torch.cat((torch.zeros_like(now) if before is None else before, now), dim=2)
                self.rows[i] = now
        self.left = [x.new_zeros(x.shape[0], self.width) for _ in range(self.layers)]

    def pixel(self, x: Tensor, row: int, column: int) -> Tensor:
        """Features (B, width) of one pixel; what the horizontal stack had to the left is kept."""
        padded = F.pad(x[:, :, row], (2, 0))[:, :, column : column + 2]
        h = x.new_zeros(0)
        for i in range(self.layers):
            pair = padded if i == 0 else torch.stack((self.left[i], h), dim=2)
            if i > 0:
                self.left[i] = h
            inner = along(self.horizontal[i], pair.flatten(1))
            mixed = along(self.mix[i], gate(inner + self.links[i][:, :, column]))
            h = mixed if i == 0 else h + mixed
        return h


def gate(x: Tensor) -> Tensor:
    """tanh of the first half of the channels times the sigmoid of the second (equation 2)."""
    a, b = x.chunk(2, dim=1)
    return torch.tanh(a) * torch.sigmoid(b)
