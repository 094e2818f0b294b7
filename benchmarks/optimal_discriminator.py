"""Figure 1 of Goodfellow et al. 2014 with measured numbers: a discriminator trained on two known densities.

    python benchmarks/optimal_discriminator.py        writes docs/optimal_discriminator.{png,svg} (about half a minute)

Data are drawn from N(0, 1). Generated points are drawn from three normal distributions, each nearer to the distribution
of the data than the one before. The dashed black curve is the optimal discriminator p_data / (p_data + p_g). The solid
blue curve is the output of a small perceptron trained with the package's minimax loss.
"""

import math
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.losses import minimax
from gan_bench.models._blocks import network
from gan_bench.models._init import initialise
from gan_bench.optimizers import adam

DOCS = Path(__file__).resolve().parent.parent / "docs"
STAGES = [("far", 2.0, 0.5), ("nearer", 1.0, 0.8), ("at the equilibrium", 0.0, 1.0)]
X = np.linspace(-4, 4, 401, dtype=np.float32)
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#555555"


def density(mean: float, sd: float) -> np.ndarray:
    return np.exp(-0.5 * ((X - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))


def discriminator(mean: float, sd: float, steps: int = 3000, batch: int = 512) -> np.ndarray:
    """D(x) on X after training on N(0, 1) against N(mean, sd^2)."""
    rng = np.random.default_rng(0)
    hidden = [nn.Linear(1, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1), nn.Flatten(0)]
    d = network(lambda: hidden, "uniform_fan_in")
    initialise(d, rng)
    optimizer = adam.build(list(d.parameters()), {**resolve("optimizers", "adam"), "lr": 3e-3, "beta1": 0.9})
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 3e-3 * (1 - step / steps)
        real, fake = rng.standard_normal((2, batch, 1), dtype=np.float32)
        logits = d(torch.from_numpy(real)), d(torch.from_numpy(mean + sd * fake))
        optimizer.zero_grad()
        sum(minimax.discriminator(*logits, {})).backward()  # type: ignore[union-attr]
        optimizer.step()
    with torch.no_grad():
        return torch.sigmoid(d(torch.from_numpy(X)[:, None])).numpy()


def panel(ax: Axes, title: str, mean: float, sd: float) -> None:
    real, fake = density(0, 1), density(mean, sd)
    ax.fill_between(X, real, color=GREY, alpha=0.2, label="data density")
    ax.plot(X, fake, color=ORANGE, label="generated density")
    ax.plot(X, real / (real + fake), color="black", linestyle="--", linewidth=1, label="optimal D")
    ax.plot(X, discriminator(mean, sd), color=BLUE, label="trained D")
    ax.set(title=f"generated {title}", xlabel="x", xlim=(-4, 4), ylim=(0, 1.02))


def main() -> None:
    mpl.rcParams.update(
        {"font.size": 8, "svg.hashsalt": "gan-bench", "axes.spines.top": False, "axes.spines.right": False}
    )
    torch.set_num_threads(1)
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.4), sharey=True, layout="constrained")
    for ax, stage in zip(axes, STAGES, strict=True):
        panel(ax, *stage)
    axes[0].set_ylabel("density, or D(x)")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False)
    DOCS.mkdir(exist_ok=True)
    figure.savefig(DOCS / "optimal_discriminator.png", dpi=150)
    figure.savefig(DOCS / "optimal_discriminator.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
