"""A prepared data set, a classifier fitted to it, and a run whose generator is untrained."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan_bench import models, paths
from gan_bench.config.grammar.reference import resolve
from gan_bench.data import prepare
from gan_bench.features.reference import Reference, open_reference, prepare_reference
from gan_bench.files import canonical_json, write_json
from gan_bench.models._init import initialise
from gan_bench.seeds import generator
from gan_bench.train.tensors import write_tensors


@pytest.fixture(scope="session")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the prepared digits: 1258 training and 539 test images of 1 x 8 x 8."""
    folder = tmp_path_factory.mktemp("digits")
    prepare(resolve("data", "digits"), folder)
    return folder


@pytest.fixture(scope="session")
def reference(digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder = tmp_path_factory.mktemp("reference")
    prepare_reference(digits, resolve("features", {"name": "classifier", "epochs": 4}), folder)
    return open_reference(folder)


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    """make_run(status="ok", scale=1.0, **settings): folder of a run.

    `scale` multiplies the generator's parameters. `settings` are more keys of status.json.
    """

    def make(status: str = "ok", scale: float = 1.0, **settings: Any) -> Path:
        model = resolve("models", {"name": "mlp", "latent_dim": 4, "g_widths": [16], "d_widths": [4]})
        network = models.build(model, (1, 8, 8)).generator
        initialise(network, generator(0, "init"))
        run = {"method": resolve("methods", "adversarial"), "model": model, "loss": resolve("losses", "minimax")}
        run |= {"penalty": resolve("penalties", "none"), "tricks": [], "threads": 1}
        run |= {"g_optimizer": resolve("optimizers", "adam"), "d_optimizer": resolve("optimizers", "adam")}
        about = {"shape": [1, 8, 8], "classes": 10, "dtype": "uint8"}
        metadata = {"settings": canonical_json(run), "data": canonical_json(about)}
        write_json(tmp_path / paths.SETTINGS, run)
        tensors = {name: tensor * scale for name, tensor in network.state_dict().items()}
        write_tensors(tmp_path / paths.GENERATOR, tensors, metadata)
        write_json(tmp_path / paths.STATUS, {"status": status, "reason": None, "step": None, **settings})
        return tmp_path

    return make


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str, np.ndarray], Path]:
    """save(name, array): writes a .npy file and returns its path."""

    def saved(name: str, array: np.ndarray) -> Path:
        np.save(tmp_path / f"{name}.npy", array)
        return tmp_path / f"{name}.npy"

    return saved


@pytest.fixture
def pictures(tmp_path: Path) -> Callable[[str, np.ndarray], Path]:
    """pictures(name, array (n, c, h, w) uint8): writes a folder of PNG files and returns its path."""

    def saved(name: str, array: np.ndarray) -> Path:
        (tmp_path / name).mkdir()
        for i, pixels in enumerate(array):
            Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0)).save(
                tmp_path / name / f"{i:04d}.png"
            )
        return tmp_path / name

    return saved
