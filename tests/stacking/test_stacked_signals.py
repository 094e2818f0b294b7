"""Signals that are measured for all runs at once equal those measured for each run alone."""

import math

import numpy as np
import pytest
import torch

from gan_bench.game.game import build_game
from gan_bench.stacking import signals as stacked_signals
from gan_bench.stacking.stack import Stack, train_together
from gan_bench.train.loop import Hooks, TrainingData, signals, train
from gan_bench.train.signals import Signals
from gan_bench.train.spread import rows_of

DATA = TrainingData(torch.randint(0, 256, (40, 1, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)))
QUIET = Hooks(save=lambda _state: None, save_seconds=math.inf, logged=lambda _state: None)


@pytest.fixture
def begun(fresh):
    """begun(runs, **changes): this many runs before their first step. Each has its own held-out images."""

    def made(runs, **changes):
        found = []
        for seed in range(runs):
            program, state, plan = fresh(seed=seed, **changes)
            real = torch.rand((32, 1, 8, 8), generator=torch.Generator().manual_seed(seed)) * 2 - 1
            state.signals = Signals(real, None, rows_of(real))
            found.append((program, state, plan))
        return found

    return made


@pytest.mark.parametrize("changes", [{}, {"tricks": ["packing"], "loss": "wasserstein"}, {"tricks": ["diff_augment"]}])
def test_they_are_those_of_single_runs(begun, settings, monkeypatch, changes):
    monkeypatch.setattr(stacked_signals, "PAYS_FROM", 0)
    alone, own = begun(3, **changes), begun(3, **changes)
    for program, state, plan in alone:
        train(program, state, plan, DATA, QUIET)
    game = build_game(settings(**changes), (1, 8, 8))
    train_together(game, [(program, state, QUIET) for program, state, _ in own], own[0][2], DATA, lambda *_: None)
    for (_, one, _), (_, other, _) in zip(alone, own, strict=True):
        np.testing.assert_equal(other.monitor.rows, one.monitor.rows)
        assert other.rngs["signals"].bit_generator.state == one.rngs["signals"].bit_generator.state
    assert not math.isnan(alone[0][1].monitor.rows[-1]["div_pair"])


def test_only_who_asks_moves_its_generator(begun, settings, monkeypatch):
    monkeypatch.setattr(stacked_signals, "PAYS_FROM", 0)
    runs = begun(3)
    plan = runs[0][2]
    stack = Stack(build_game(settings(), (1, 8, 8)), [run[:2] for run in runs], plan, DATA)
    before = [state.rngs["signals"].bit_generator.state for _, state, _ in runs]
    stack.iterate()
    stack.show(1)
    expected = signals(*begun(3)[1][:2], plan).keys()
    found = stack.looks.measure(1)(*runs[1][:2], plan)
    assert found.keys() == expected and stack.looks._stacked is not None
    moved = [state.rngs["signals"].bit_generator.state != own for (_, state, _), own in zip(runs, before, strict=True)]
    assert moved == [False, True, False]


def test_few_looks_are_made_one_by_one(begun, settings):
    runs = begun(2)
    stack = Stack(build_game(settings(), (1, 8, 8)), [run[:2] for run in runs], runs[0][2], DATA)
    stack.iterate()
    stack.show(0)
    twin = begun(2)[0]
    twin[1].players["generator"], twin[1].players["discriminator"] = runs[0][1].players.values()
    twin[1].step = 1
    assert stack.looks.measure(0)(*runs[0][:2], runs[0][2]) == signals(*twin[:2], twin[2])
    assert stack.looks._stacked is None


def test_an_opinion_that_looks_at_numbers_is_asked_run_by_run(begun, settings, monkeypatch):
    monkeypatch.setattr(stacked_signals, "PAYS_FROM", 0)
    monkeypatch.setattr(stacked_signals, "seen", lambda *given: torch.zeros(5) if given[3].sum().item() else given[3])
    runs = begun(2)
    stack = Stack(build_game(settings(), (1, 8, 8)), [run[:2] for run in runs], runs[0][2], DATA)
    stack.iterate()
    stack.show(0)
    assert math.isfinite(stack.looks.measure(0)(*runs[0][:2], runs[0][2])["div_pair"])
    assert stack.looks._stacked is None
