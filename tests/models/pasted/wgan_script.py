"""Networks as in WGAN-GP scripts with one class for both players, which gets the numbers of inputs and outputs."""

import torch.nn as nn


class Net(nn.Module):
    def __init__(self, n_in, n_out, hidden=64):
        super().__init__()
        self.main = nn.Sequential(
            nn.Linear(n_in, hidden),
            nn.ReLU(True),
            nn.Linear(hidden, hidden),
            nn.ReLU(True),
            nn.Linear(hidden, n_out),
        )

    def forward(self, x):
        return self.main(x)


class WGAN(nn.Module):
    def __init__(self, img_shape=(1, 28, 28), z_dim=64):
        super().__init__()
        pixels = img_shape[0] * img_shape[1] * img_shape[2]
        self.G = nn.Sequential(Net(z_dim, pixels), nn.Tanh())
        self.D = Net(pixels, 1)
