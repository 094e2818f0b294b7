"""Small programs of any method, initialised and trained for some steps."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.methods import Program, Setup
from gan_bench.train.loop import TrainingData, iterate
from gan_bench.train.schedule import Schedule, schedule
from gan_bench.train.state import State, start

IMAGES = torch.randint(0, 256, (40, 1, 8, 8), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
AXES = {"model": "models", "loss": "losses", "penalty": "penalties", "g_optimizer": "optimizers"}
MLP = {"name": "mlp", "latent_dim": 4, "g_widths": [12, 12], "d_widths": [12]}

Begun = tuple[Program, State, Schedule]


@pytest.fixture
def run() -> Callable[..., dict[str, Any]]:
    """run(method, **changes): complete settings of a small run.

    A component is given as a name, a mapping of settings, or None.
    """

    def settings(method: Any, **changes: Any) -> dict[str, Any]:
        chosen = {"model": MLP, "loss": "non_saturating", "penalty": "none", "g_optimizer": "adam", **changes}
        chosen = {"d_optimizer": chosen["g_optimizer"], **chosen}
        axes = {**AXES, "d_optimizer": "optimizers"}
        found = {key: None if chosen[key] is None else resolve(axis, chosen[key]) for key, axis in axes.items()}
        rest = {"d_steps": 1, "batch_size": 8, "ema": None, "budget": {"g_steps": 12}, "log_points": 4, "snapshots": 3}
        rest |= {"threads": 1, "device": "cpu", "seed": 0, **{k: v for k, v in chosen.items() if k not in axes}}
        rest["tricks"] = [resolve("tricks", trick) for trick in chosen.get("tricks", [])]
        return {"method": resolve("methods", method), **found, **rest}

    return settings


@pytest.fixture
def begun(run: Callable[..., dict[str, Any]]) -> Callable[..., Begun]:
    """begun(method, shape=(1, 8, 8), classes=0, **changes): program, state and schedule before the first step."""

    def made(method: Any, shape: tuple[int, int, int] = (1, 8, 8), classes: int = 0, **changes: Any) -> Begun:
        settings = run(method, **changes)
        plan = schedule(settings, 40)
        return *start(Setup(settings, shape, classes), 40, plan, torch.device("cpu")), plan

    return made


@pytest.fixture
def stepped() -> Callable[..., None]:
    """stepped(program, state, plan, n, images=...): makes n generator steps, and discards their history."""

    def move(program: Program, state: State, plan: Schedule, n: int, images: torch.Tensor = IMAGES) -> None:
        for _ in range(n):
            iterate(program, state, plan, TrainingData(images))
            state.monitor.filled = {"d": 0, "g": 0}

    return move
