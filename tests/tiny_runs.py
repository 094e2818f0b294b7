"""Fixtures of the tests of training and stacking: a tiny data set, and the settings of a tiny run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.data import DataSet, open_data, prepare
from gan_bench.game.game import Game, build_game
from gan_bench.game.player import Player
from gan_bench.methods import Program, Setup
from gan_bench.train.schedule import Schedule, schedule
from gan_bench.train.state import State, start

#: A user's data set component: images of one smooth blob. `salt` seeds the positions of the blobs.
BLOBS = '''
"""Blobs."""
import numpy as np
from gan_bench.data import Raw
FACTS = {"paper": "", "deviations": [], "licence": "", "source": "",
         "settings": {"salt": {"type": "int", "default": 0}}}

def describe(settings):
    return {"shape": (1, 8, 8), "labelled": False}

def build(settings, folder, data_dir):
    rng = np.random.default_rng(settings["salt"])
    centres = rng.uniform(1, 6, (50, 2, 1, 1))
    y, x = np.mgrid[:8, :8]
    images = 255 * np.exp(-((y - centres[:, 0]) ** 2 + (x - centres[:, 1]) ** 2) / 4)
    split = np.r_[np.zeros(40), np.ones(10)].astype(np.uint8)
    return Raw(images[:, None].astype(np.uint8), None, split, None)
'''


@pytest.fixture(scope="session")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], DataSet]:
    """blobs(salt): 40 training and 10 test images of 1 x 8 x 8."""
    folder = tmp_path_factory.mktemp("blobs")
    (folder / "blobs.py").write_text(BLOBS)

    def prepared(salt: int = 0) -> DataSet:
        prepare({"name": str(folder / "blobs.py"), "salt": salt}, folder / str(salt))
        return open_data(folder / str(salt))

    return prepared


@pytest.fixture(scope="session")
def data(blobs: Callable[[int], DataSet]) -> DataSet:
    return blobs(0)


@pytest.fixture
def settings(data: DataSet) -> Callable[..., dict[str, Any]]:
    """settings(**changes): settings of a run of 12 G steps, which takes a fraction of a second.

    Components are given by name or as a mapping.
    """

    def changed(**changes: Any) -> dict[str, Any]:
        model = {"name": "mlp", "latent_dim": 4, "g_widths": [12, 12], "d_widths": [12]}
        run: dict[str, Any] = {"model": model, "loss": "non_saturating", "penalty": "none", "g_optimizer": "adam"}
        run |= {"d_optimizer": "adam", "d_steps": 2, "batch_size": 8, "budget": {"g_steps": 12}, "log_points": 4}
        run |= {"method": "adversarial", "tricks": [], "ema": None}
        run |= {"snapshots": 3, "checkpoints": None, "threads": 1, "device": "cpu", "seed": 0, **changes}
        axes = {"method": "methods", "model": "models", "loss": "losses", "penalty": "penalties"}
        axes |= {"g_optimizer": "optimizers", "d_optimizer": "optimizers"}
        resolved: dict[str, Any] = {key: resolve(axis, run[key]) for key, axis in axes.items() if run[key] is not None}
        resolved["tricks"] = [resolve("tricks", trick) for trick in run["tricks"]]
        return {"dataset": {"name": data.name, **data.manifest["settings"]}, **run, **resolved}

    return changed


@pytest.fixture
def fresh(settings: Callable[..., dict[str, Any]]) -> Callable[..., tuple[Program, State, Schedule]]:
    """fresh(size=8, classes=0, **changes): program, state and schedule of a run before its first step.

    The images are 1 x size x size.
    """

    def begun(size: int = 8, classes: int = 0, **changes: Any) -> tuple[Program, State, Schedule]:
        run = settings(**changes)
        plan = schedule(run, 40)
        return *start(Setup(run, (1, size, size), classes), 40, plan, torch.device("cpu")), plan

    return begun


@pytest.fixture
def played(settings: Callable[..., dict[str, Any]]) -> Callable[..., tuple[Game, dict[str, Player], State]]:
    """played(size=8, classes=0, **changes): game, players (D and G with optimizers) and state before the first step."""

    def begun(size: int = 8, classes: int = 0, **changes: Any) -> tuple[Game, dict[str, Player], State]:
        run = settings(**changes)
        setup = Setup(run, (1, size, size), classes)
        _, state = start(setup, 40, schedule(run, 40), torch.device("cpu"))
        return build_game(run, (1, size, size), classes), dict(state.players), state

    return begun


@pytest.fixture
def needy_loss(tmp_path: Path) -> str:
    """File of a loss in which G's loss also depends on D's outputs for real images (relativistic, arXiv:1807.00734)."""
    file = tmp_path / "needy.py"
    file.write_text('''
"""Relativistic."""
from torch.nn.functional import softplus
FACTS = {"paper": "", "settings": {}, "deviations": [], "family": "x", "output": "sigmoid", "equilibrium": None,
         "generator_needs_real": True}

def discriminator(real, fake, settings):
    half = softplus(fake - real).mean() / 2
    return half, half

def generator(real, fake, settings):
    return softplus(real - fake).mean()
''')
    return str(file)
