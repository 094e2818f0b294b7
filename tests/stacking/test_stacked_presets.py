"""Every preset with the method `adversarial` has the same bits at full size if trained in a stack and alone."""

import math

import numpy as np
import pytest
import torch

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.errors import UserError
from gan_bench.game.game import build_game
from gan_bench.methods import Setup
from gan_bench.registry import names
from gan_bench.stacking import signals
from gan_bench.stacking.rules import why_alone
from gan_bench.stacking.stack import train_together
from gan_bench.train import checkpoint
from gan_bench.train.loop import Hooks, TrainingData, train
from gan_bench.train.schedule import schedule
from gan_bench.train.signals import Signals
from gan_bench.train.spread import rows_of
from gan_bench.train.state import start

IMAGES = torch.randint(0, 256, (300, 1, 8, 8), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
LABELS = torch.arange(300) % 10
STUDY = (
    "datasets: [digits]\nvariants: [{preset: PRESET}]\nseeds: 1\nbudget: {g_steps: 6}\nbatch_size: 16\nlog_points: 3\n"
)
QUIET = Hooks(save=lambda _state: None, save_seconds=math.inf, logged=lambda _state: None)


def begun(settings, seed):
    plan = schedule(settings, 300)
    program, state = start(Setup({**settings, "seed": seed}, (1, 8, 8), 10), 300, plan, torch.device("cpu"))
    real = torch.rand((32, 1, 8, 8), generator=torch.Generator().manual_seed(seed)) * 2 - 1
    classes = None if program.class_columns is None else np.eye(10, dtype=np.float32)[np.arange(32) % 10]
    state.signals = Signals(real, classes, rows_of(real))
    return program, state, plan


@pytest.mark.slow
@pytest.mark.parametrize("preset", names("variants"))
def test_the_whole_state_agrees_bit_for_bit(preset, monkeypatch):
    monkeypatch.setattr(signals, "PAYS_FROM", 0)
    try:
        settings = expand(parse_study(STUDY.replace("PRESET", preset), "one")).cells[0].settings
    except UserError as error:
        pytest.skip(f"not for digits of 8 x 8 pixels: {error}")
    if reason := why_alone({**settings, "device": "cpu"}):
        pytest.skip(reason)
    data = TrainingData(IMAGES, LABELS)
    alone, own = ([begun(settings, seed) for seed in range(2)] for _ in range(2))
    for program, state, plan in alone:
        assert train(program, state, plan, data, QUIET) is None
    game = build_game(settings, (1, 8, 8), 10)
    train_together(game, [(p, s, QUIET) for p, s, _ in own], own[0][2], data, lambda _run, _end: None)
    for (_, one, _), (_, other, _) in zip(alone, own, strict=True):
        (tensors, values), (others, other_values) = checkpoint._pack(one), checkpoint._pack(other)
        assert {**values, "seconds": 0} == {**other_values, "seconds": 0}
        assert tensors.keys() == others.keys()
        for name, tensor in tensors.items():
            torch.testing.assert_close(others[name], tensor, rtol=0, atol=0, equal_nan=True, msg=name)
