"""Layers whose weight is divided by an estimate of its largest singular value."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gan_bench.models._precision import float32


class Spectral(nn.Module):
    """A convolution or linear layer with weight W / sigma(W), Miyato et al. 2018 (arXiv:1802.05957), Algorithm 1.

    sigma is u^T W v, where W is the weight as a matrix (outputs, rest). The gradient flows through W, but u and v are
    constants (equation 9). A forward pass in training mode first updates u by `iterations` steps of the power method;
    in eval mode u does not change. u is a buffer, updated in place like running statistics.
    """

    u: Tensor

    def __init__(self, layer: nn.Conv2d | nn.Linear, iterations: int = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(layer.weight.shape))
        self.bias = None if layer.bias is None else nn.Parameter(torch.empty(layer.bias.shape))
        self.register_buffer("u", torch.empty(layer.weight.shape[0]))
        self.iterations = iterations
        self.geometry = (layer.stride, layer.padding) if isinstance(layer, nn.Conv2d) else None

    def start(self, rng: np.random.Generator) -> None:
        """Draw u uniformly from the unit sphere."""
        drawn = rng.standard_normal(self.u.shape[0])
        with torch.no_grad():
            self.u.copy_(torch.from_numpy(drawn / np.linalg.norm(drawn)))

    def forward(self, x: Tensor) -> Tensor:
        with float32(self.weight):  # the power method does not converge in bfloat16
            weight = self.normalised()
        if self.geometry is None:
            return F.linear(x, weight, self.bias)
        stride, padding = self.geometry
        return F.conv2d(x, weight, self.bias, stride, padding)  # type: ignore[arg-type]

    def normalised(self) -> Tensor:
        """W / sigma, of the weight's shape. Updates u in training mode."""
        matrix = self.weight.flatten(1)
        fixed = matrix.detach()
        u = self.u
        for _ in range(self.iterations if self.training else 0):
            u = F.normalize(fixed @ F.normalize(fixed.T @ u, dim=0, eps=1e-12), dim=0, eps=1e-12)
        if self.training:
            self.u.copy_(u)
        v = F.normalize(fixed.T @ u, dim=0, eps=1e-12)
        sigma = u @ (matrix @ v)
        return self.weight / sigma
