"""Steps of an optimizer with given gradients."""

import numpy as np
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.registry import load


def gradients(steps, *shape, seed=0, dtype=np.float64):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(steps, *shape)).astype(dtype))


def walk(name, start, steps, **settings):
    """The parameters after each step, (n, *shape). `steps` has the gradients of the n steps."""
    parameter = start.clone().requires_grad_()
    optimizer = load("optimizers", name).build([parameter], resolve("optimizers", {"name": name, **settings}))
    found = []
    for gradient in steps:
        parameter.grad = gradient.clone()
        optimizer.step()
        found.append(parameter.detach().clone())
    return torch.stack(found)
