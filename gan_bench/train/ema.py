"""The running average of a generator's weights.

A run with the setting `ema` uses this average for its pictures, its stored generator and its scores.
"""

import torch

from gan_bench.game.network import Tensors


class Average:
    """Exponential moving average of parameters and buffers, including running means and variances of batch norm.

    Update t (from 1) sets average <- d * average + (1 - d) * value, with d = min(decay, t / (t + 9)). d is small at
    first, so even the average of a short run forgets the initial weights. TensorFlow's ExponentialMovingAverage has the
    same factor t / (t + 9), written as (1 + n) / (10 + n) with n = t - 1. Buffers are averaged like weights and are not
    recomputed.

    Yaz et al. 2019, The Unusual Effectiveness of Averaging in GAN Training (arXiv:1806.04498); Mescheder et al. 2018,
    section 5 (arXiv:1801.04406).
    """

    def __init__(self, decay: float, tensors: Tensors) -> None:
        self.decay, self.updates = decay, 0
        self.tensors: Tensors = {name: tensor.detach().clone() for name, tensor in tensors.items()}

    def update(self, tensors: Tensors) -> None:
        """Move the average towards `tensors`, which have the same names."""
        self.updates += 1
        weight = 1 - min(self.decay, self.updates / (self.updates + 9))
        with torch.no_grad():
            names = list(self.tensors)
            torch._foreach_lerp_([self.tensors[n] for n in names], [tensors[n].detach() for n in names], weight)
