"""Networks that hold a layer under two names, as in the best-known PyTorch code of SNGAN."""

from torch import nn
from torch.nn.utils import spectral_norm
from torch.nn.utils.parametrizations import spectral_norm as parametrized


class Generator(nn.Module):
    def __init__(self, z_dim=16):
        super().__init__()
        self.bn = nn.BatchNorm1d(32)
        self.main = nn.Sequential(nn.Linear(z_dim, 32), self.bn, nn.ReLU(), nn.Linear(32, 64), nn.Tanh())

    def forward(self, z):
        return self.main(z).view(-1, 1, 8, 8)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, 2, 1)
        self.fc = nn.Linear(128, 1)
        self.model = nn.Sequential(spectral_norm(self.conv), nn.ReLU(), nn.Flatten(), parametrized(self.fc))

    def forward(self, x):
        return self.model(x)
