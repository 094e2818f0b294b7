"""Networks as in WGAN-GP scripts: one class for both players, with the numbers of inputs and outputs as arguments."""

import argparse
import os

import package_that_is_not_installed as plt
import torch.nn as nn

parser = argparse.ArgumentParser()
parser.add_argument("--n_epochs", type=int, default=200)
parser.add_argument("--hidden", type=int, default=64)
opt = parser.parse_args()
print(opt)
os.mkdir("/proc/images")  # noqa: PTH102 (raises an error)


class Net(nn.Module):
    def __init__(self, n_in, n_out, hidden=opt.hidden):
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


net = Net(2, 2)
net.download_of_a_data_set()
for epoch in range(opt.n_epochs):
    net.zero_grad()
    plt.show()
    raise SystemExit(f"the training loop runs: {epoch}")
