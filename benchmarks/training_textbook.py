"""A GAN as in tutorials, with the same networks as the package: the baseline of benchmarks/training.py.

The script has a data set of PIL pictures with torchvision's transforms and a DataLoader, networks as nn.Sequential,
Sigmoid and BCELoss, plain Adam, and two calls of `.item()` in each G step. The G step uses the generated images of the
D step again. The critics of WGAN-GP and SN-GAN have no sigmoid, and their losses are those of the usual scripts for
these papers. Nothing is slowed down on purpose. There are no worker processes: every loop has one thread.
"""

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.utils import spectral_norm
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


class Pictures(Dataset):  # type: ignore[type-arg]
    """Pictures uint8 (n,28,28); each access goes through PIL and the transforms, as in torchvision's MNIST."""

    def __init__(self, images: np.ndarray, transform: Callable[[Any], Tensor]) -> None:
        self.images, self.transform = images, transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        return self.transform(Image.fromarray(self.images[index]))


class Maxout(nn.Module):
    """Maxout: the largest of five values for each unit."""

    def forward(self, x: Tensor) -> Tensor:
        return x.view(len(x), -1, 5).max(dim=2).values


class Crop(nn.Module):
    """Crops feature maps to their upper left part."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, : self.size, : self.size]


def gan(size: int, _width: int) -> tuple[nn.Module, nn.Module, int]:
    """Networks of the original GAN: rectifiers in G, maxout units in D."""
    bn, relu, pixels = nn.BatchNorm1d, nn.ReLU, size * size
    hidden = [nn.Linear(100, 1200), bn(1200), relu(), nn.Linear(1200, 1200), bn(1200), relu()]
    g = nn.Sequential(*hidden, nn.Linear(1200, pixels), nn.Tanh(), nn.Unflatten(1, (1, size, size)))
    units = [nn.Linear(pixels, 1200), Maxout(), nn.Linear(240, 1200), Maxout()]
    return g, nn.Sequential(nn.Flatten(), *units, nn.Linear(240, 1), nn.Sigmoid(), nn.Flatten(0)), 100


def mlp(size: int, _width: int) -> tuple[nn.Module, nn.Module, int]:
    """Multilayer perceptrons."""
    row: list[nn.Module] = [nn.Linear(100, 128), nn.ReLU()]
    for inputs, outputs in ((128, 256), (256, 512), (512, 1024)):
        row += [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.ReLU()]
    g = nn.Sequential(*row, nn.Linear(1024, size * size), nn.Tanh(), nn.Unflatten(1, (1, size, size)))
    hidden = [nn.Linear(size * size, 1024), nn.LeakyReLU(0.2), nn.Linear(1024, 256), nn.LeakyReLU(0.2)]
    return g, nn.Sequential(nn.Flatten(), *hidden, nn.Linear(256, 1), nn.Sigmoid(), nn.Flatten(0)), 100


def dcgan(size: int, width: int) -> tuple[nn.Module, nn.Module, int]:
    """Convolutions with batch norm."""
    base = 7 if size == 28 else 4
    doublings = {28: 2, 32: 3, 64: 4}[size]
    up = [width * 2**k for k in reversed(range(doublings))]
    row: list[nn.Module] = [nn.Linear(100, up[0] * base * base, bias=False), nn.Unflatten(1, (up[0], base, base))]
    row += [nn.BatchNorm2d(up[0]), nn.ReLU()]
    for inputs, outputs in pairwise(up):
        row += [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()]
    g = nn.Sequential(*row, nn.ConvTranspose2d(up[-1], 1, 4, 2, 1, bias=False), nn.Tanh())
    down = up[::-1]
    row = [nn.Conv2d(1, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
    for inputs, outputs in pairwise(down):
        row += [nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]
    head = [nn.Flatten(), nn.Linear(down[-1] * base * base, 1, bias=False), nn.Sigmoid(), nn.Flatten(0)]
    return g, nn.Sequential(*row, *head), 100


def wgan_gp(_size: int, w: int) -> tuple[nn.Module, nn.Module, int]:
    """Convolutions for 28 pixels; the critic has no normalisation."""
    t: Callable[..., nn.Module] = lambda a, b: nn.ConvTranspose2d(a, b, 5, 2, 2, output_padding=1)  # noqa: E731
    row = [nn.Linear(128, 4 * w * 16), nn.ReLU(), nn.Unflatten(1, (4 * w, 4, 4)), t(4 * w, 2 * w), Crop(7), nn.ReLU()]
    g = nn.Sequential(*row, t(2 * w, w), nn.ReLU(), t(w, 1), nn.Tanh())
    row = []
    for inputs, outputs in ((1, w), (w, 2 * w), (2 * w, 4 * w)):
        row += [nn.Conv2d(inputs, outputs, 5, 2, 2), nn.LeakyReLU(0.2)]
    return g, nn.Sequential(*row, nn.Flatten(), nn.Linear(4 * w * 16, 1), nn.Flatten(0)), 128


def sngan(_size: int, w: int) -> tuple[nn.Module, nn.Module, int]:
    """Convolutions for 28 pixels; every layer of D has torch's spectral norm."""
    row: list[nn.Module] = [nn.Linear(128, 8 * w * 16), nn.Unflatten(1, (8 * w, 4, 4))]
    for inputs, outputs, cut in ((8 * w, 4 * w, [Crop(7)]), (4 * w, 2 * w, []), (2 * w, w, [])):
        row += [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1), *cut, nn.BatchNorm2d(outputs), nn.ReLU()]
    g = nn.Sequential(*row, nn.Conv2d(w, 1, 3, 1, 1), nn.Tanh())
    row = []
    for inputs, outputs in ((1, w), (w, 2 * w), (2 * w, 4 * w)):
        row += [spectral_norm(nn.Conv2d(inputs, outputs, 3, 1, 1)), nn.LeakyReLU(0.1)]
        row += [spectral_norm(nn.Conv2d(outputs, outputs, 4, 2, 1)), nn.LeakyReLU(0.1)]
    row += [spectral_norm(nn.Conv2d(4 * w, 8 * w, 3, 1, 1)), nn.LeakyReLU(0.1), nn.Flatten()]
    return g, nn.Sequential(*row, spectral_norm(nn.Linear(8 * w * 9, 1)), nn.Flatten(0)), 128


NETWORKS = {"gan": gan, "mlp": mlp, "dcgan": dcgan, "wgan_gp": wgan_gp, "sngan": sngan}


def gradient_penalty(d: nn.Module, real: Tensor, fake: Tensor) -> Tensor:
    """The gradient penalty, as in most WGAN-GP scripts."""
    alpha = torch.rand(len(real), 1, 1, 1)
    between = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
    score = d(between)
    ones = torch.ones_like(score)
    (gradient,) = torch.autograd.grad(score, between, grad_outputs=ones, create_graph=True, retain_graph=True)
    return 10 * ((gradient.view(len(gradient), -1).norm(2, dim=1) - 1) ** 2).mean()


def run(kind: str, images: np.ndarray, size: int, width: int, run: dict[str, Any], warm: int) -> tuple[float, int]:
    """CPU seconds of the training after the first `warm` G steps, and the number of parameters of both networks."""
    torch.manual_seed(0)
    batch, d_steps = run["batch_size"], run["d_steps"]
    resize = [transforms.Resize(size)] if size != images.shape[1] else []
    transform = transforms.Compose([*resize, transforms.ToTensor(), transforms.Normalize([0.5], [0.5])])
    loader = DataLoader(Pictures(images, transform), batch_size=batch, shuffle=True, drop_last=True)
    g, d, latent_dim = NETWORKS[kind](size, width)
    adam = {"lr": run["g_optimizer"]["lr"], "betas": (run["g_optimizer"]["beta1"], run["g_optimizer"]["beta2"])}
    opt_g, opt_d = torch.optim.Adam(g.parameters(), **adam), torch.optim.Adam(d.parameters(), **adam)
    bce = nn.BCELoss()
    numbers = sum(p.numel() for module in (g, d) for p in module.parameters())

    def batches() -> Iterator[Tensor]:
        while True:
            yield from loader

    begun = time.process_time()
    for number, real in enumerate(batches()):
        if number == warm * d_steps:
            begun = time.process_time()
        if number == (warm + run["budget"]["g_steps"]) * d_steps:
            break
        valid, wrong = torch.ones(batch), torch.zeros(batch)
        fake = g(torch.randn(batch, latent_dim))
        opt_d.zero_grad()
        on_real, on_fake = d(real), d(fake.detach())
        if kind == "wgan_gp":
            d_loss = on_fake.mean() - on_real.mean() + gradient_penalty(d, real, fake.detach())
        elif kind == "sngan":
            d_loss = torch.relu(1 - on_real).mean() + torch.relu(1 + on_fake).mean()
        else:
            d_loss = bce(on_real, valid) + bce(on_fake, wrong)
        d_loss.backward()
        opt_d.step()
        if (number + 1) % d_steps == 0:
            opt_g.zero_grad()
            on_fake = d(fake)
            g_loss = -on_fake.mean() if kind in ("wgan_gp", "sngan") else bce(on_fake, valid)
            g_loss.backward()
            opt_g.step()
            _shown = d_loss.item(), g_loss.item()
    return time.process_time() - begun, numbers
