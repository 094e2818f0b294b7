"""Networks like those of SNGAN on CIFAR-10: residual blocks, and spectral norm in the discriminator."""

import torch.nn.functional as F
from torch import nn
from torch.nn.utils import spectral_norm


class GBlock(nn.Module):
    def __init__(self, ch):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(ch), nn.BatchNorm2d(ch)
        self.c1, self.c2 = nn.Conv2d(ch, ch, 3, padding=1), nn.Conv2d(ch, ch, 3, padding=1)

    def forward(self, x):
        up = F.interpolate(x, scale_factor=2)
        h = self.c1(F.interpolate(F.relu(self.bn1(x)), scale_factor=2))
        return up + self.c2(F.relu(self.bn2(h)))


class Generator(nn.Module):
    def __init__(self, z_dim=64, ch=8, img_size=32, img_channels=3):
        super().__init__()
        self.ch, self.base = ch, img_size // 4
        self.l1 = nn.Linear(z_dim, ch * self.base**2)
        self.blocks = nn.Sequential(GBlock(ch), GBlock(ch))
        self.out = nn.Conv2d(ch, img_channels, 3, padding=1)

    def forward(self, z):
        h = self.l1(z).view(-1, self.ch, self.base, self.base)
        return self.out(F.relu(self.blocks(h))).tanh()


class DBlock(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.c1 = spectral_norm(nn.Conv2d(cin, cout, 3, padding=1))
        self.c2 = spectral_norm(nn.Conv2d(cout, cout, 3, padding=1))
        self.sc = spectral_norm(nn.Conv2d(cin, cout, 1))

    def forward(self, x):
        h = self.c2(F.relu(self.c1(F.relu(x))))
        return F.avg_pool2d(h + self.sc(x), 2)


class Discriminator(nn.Module):
    def __init__(self, ch=8, img_channels=3):
        super().__init__()
        self.blocks = nn.Sequential(DBlock(img_channels, ch), DBlock(ch, ch))
        self.l = spectral_norm(nn.Linear(ch, 1))

    def forward(self, x):
        return self.l(F.relu(self.blocks(x)).sum(dim=(2, 3)))
