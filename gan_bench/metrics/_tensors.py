"""Arrays of features as tensors."""

import numpy as np
import torch
from torch import Tensor


def rows_of(features: np.ndarray, device: str = "cpu") -> Tensor:
    """(n, D) in its own type; shares memory where it can."""
    return torch.from_numpy(np.require(features, requirements=["C", "W"])).to(device)
