"""The folder in which the code blocks of a page are executed.

It contains a small finished study, and the files that the commands of the pages name.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from workflow_tree import SHARED, Tree, environment

#: A pair of ordinary PyTorch classes.
NETWORKS = """\
from torch import nn


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(100, 32), nn.ReLU(), nn.Linear(32, 1024), nn.Tanh())

    def forward(self, z):
        return self.net(z).view(-1, 1, 32, 32)


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(1024, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1), nn.Sigmoid())

    def forward(self, x):
        return self.net(x)
"""


def staged(done: Tree, folder: Path) -> Tree:
    """Copy the small finished study into a checkout, and add the current environment and the files that pages name."""
    tree = Tree(folder)
    shutil.copytree(done.folder, folder)
    _environment(folder / ".venv")
    (folder / "my_pictures_test.py").write_text("def test_nothing():\n    pass\n")
    (folder / "networks.py").write_text(NETWORKS)
    (folder / "RUN").symlink_to(next((tree.results / "demo" / "runs").glob("*/*/seed0")))
    _pictures(tree)
    _small_studies(tree)
    rng = np.random.default_rng(0)
    for name in ("real", "fake", "train"):
        np.save(folder / f"{name}.npy", rng.standard_normal((200, 4)).astype(np.float32))
    steps = np.arange(1, 121)
    history = pd.DataFrame({"step": steps, "d_loss": 1.3 + 0.01 * np.sin(steps), "g_loss": 0.7 + 0.01 * np.cos(steps)})
    (folder / "LOGS").mkdir()
    for name in ("LOG", "log.csv", "LOGS/first.csv", "LOGS/second.csv"):
        history.to_csv(folder / name, index=False)
    if (SHARED / "mnist").is_dir():
        (folder / "DATA" / "mnist").symlink_to(SHARED / "mnist")
    return tree


def variables(tree: Tree) -> dict[str, str]:
    """Environment variables of a shell in the folder. They replace the batch system, and the test suite by one test."""
    path = f"{tree.folder}/.venv/bin:{_batch_system(tree.folder / 'batch')}:{os.environ['PATH']}"
    # A block may run the test suite. The suite must not start itself, so only one other test runs.
    pytest_options = "my_pictures_test.py -c /dev/null --rootdir=. -p no:cacheprovider"
    return {**environment(), "PATH": path, "PYTEST_ADDOPTS": pytest_options}


def _environment(folder: Path) -> None:
    (folder / "bin").mkdir(parents=True)
    for name in ("python", "snakemake", "gan-bench"):
        (folder / "bin" / name).symlink_to(Path(sys.executable).parent / name)
    # Python finds its packages through pyvenv.cfg in the parent of the folder that contains the called program.
    for name in ("lib", "pyvenv.cfg"):
        (folder / name).symlink_to(Path(sys.prefix) / name)
    (folder / "ready").touch()


def _pictures(tree: Tree) -> None:
    """Write folders of 8 x 8 pictures with the names that pages use, and arrays of the same pictures."""
    images = np.load(next((tree.results / "data").glob("digits-*")) / "images.npy", mmap_mode="r")
    for place, first in (("DATA/sunflowers", 0), ("PHOTOS", 0), ("REAL", 0), ("A", 200), ("B", 400), ("C", 600)):
        folder = tree.folder / place
        folder.mkdir(parents=True)
        for number in range(60):
            Image.fromarray(np.array(images[first + number, 0])).save(folder / f"{number}.png")


def _small_studies(tree: Tree) -> None:
    """Write the shipped studies that pages run, changed to few pictures and steps."""
    folder = tree.folder / "config" / "studies"
    text = (folder / "my_folder.yaml").read_text()
    text = re.sub(r"^budget: .*", "budget: {g_steps: 2}", text, flags=re.MULTILINE)
    text = re.sub(r"size: 64", "size: 8", re.sub(r"width: 16", "width: 2", text))
    # One figure is enough here: mnist_quick draws all default figures.
    text = re.sub(r"loss: \[(\w+), .*\]", r"loss: \1", text) + "\nfigures: [metric_by_variant]\n"
    (folder / "my_folder.yaml").write_text(text)
    text = (folder / "mnist_quick.yaml").read_text()
    text = text.replace("datasets: [mnist]", "datasets: [{name: mnist, n_train: 300, n_test: 200}]")
    text = re.sub(r"^budget: .*", "budget: {g_steps: 2}", text.replace("width: 32", "width: 4"), flags=re.MULTILINE)
    text = text.replace("n_samples: 2000", "n_samples: 100\n  extractor: {name: classifier, epochs: 1}")
    text = re.sub(r"loss: \[(\w+), .*\]", r"loss: \1", text)
    (folder / "mnist_quick.yaml").write_text(text.replace("seeds: 2", "seeds: 1"))


def _batch_system(folder: Path) -> Path:
    """A folder with replacements for Slurm's commands. Its `sbatch` runs a job at once on this machine."""
    if folder.is_dir():
        return folder
    folder.mkdir()
    programs = {
        "sbatch": f'echo "$@" >> {folder}/log\nfor script; do :; done\nsh "$script" >&2\necho 1\n',
        "scancel": "",
        "squeue": "echo 1 COMPLETED None\n",
    }
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}")
        (folder / name).chmod(0o755)
    return folder
