"""Arrays of features as tensors."""

import numpy as np
import torch
from torch import Tensor


def rows_of(features: np.ndarray, device: str = "cpu") -> Tensor:
    """Features (n, D) as a tensor of the same type; shares memory if possible."""
    return torch.from_numpy(np.require(features, requirements=["C", "W"])).to(device)
