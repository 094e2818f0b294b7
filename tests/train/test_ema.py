"""The running average of a generator's weights has the stated decay, and does not change the players."""

import pytest
import torch

from gan_bench.train.ema import Average
from gan_bench.train.loop import TrainingData, iterate

DATA = TrainingData(torch.zeros((40, 1, 8, 8), dtype=torch.uint8))


def test_early_updates_weigh_as_t_over_t_plus_9_and_late_ones_by_the_decay():
    average = Average(0.5, {"w": torch.tensor([0.0])})
    expected = 0.0
    for t in range(1, 15):
        weight = min(0.5, t / (t + 9))
        expected = weight * expected + (1 - weight) * t
        average.update({"w": torch.tensor([float(t)])})
    assert average.tensors["w"].item() == pytest.approx(expected, rel=1e-6)


def test_the_initial_weights_are_forgotten_in_a_short_run():
    average = Average(0.9999, {"w": torch.tensor([1000.0])})
    for _ in range(200):
        average.update({"w": torch.tensor([1.0])})
    assert average.tensors["w"].item() == pytest.approx(1.0, abs=1e-3)


def test_buffers_are_averaged_and_the_players_are_left_alone(fresh):
    _, plain, _ = fresh()
    program, state, plan = fresh(ema=0.9)
    other, _, _ = fresh()
    for _ in range(3):
        iterate(program, state, plan, DATA)
        iterate(other, plain, plan, DATA)
    own = state.players["generator"].tensors
    assert all(torch.equal(own[name], tensor) for name, tensor in plain.players["generator"].tensors.items())
    names = [name for name in own if name.endswith(("running_mean", "weight"))]
    assert names and all(not torch.equal(state.generator[name], own[name]) for name in names)
    assert plain.generator["0.weight"] is plain.players["generator"].tensors["0.weight"]
