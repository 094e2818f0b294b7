"""A training state saved to a checkpoint is restored completely, or not at all."""

import numpy as np
import pytest
import torch

from gan_bench.train import checkpoint
from gan_bench.train.loop import Hooks, TrainingData, iterate, train

IDENTITY = {"settings": "s", "data": "d", "code": "c"}
IMAGES = torch.arange(40 * 64, dtype=torch.int64).to(torch.uint8).reshape(40, 1, 8, 8)
DATA = TrainingData(IMAGES)
ADAPTIVE = {
    "ema": 0.9,
    "g_optimizer": "rmsprop",
    "d_optimizer": {"name": "sgd", "momentum": 0.9},
    "penalty": "gradient_penalty",
}


@pytest.fixture(params=[{}, ADAPTIVE], ids=["adam", "rmsprop and sgd"])
def trained(request, fresh, tmp_path):
    """(checkpoint file, state, function that starts the run again) after 5 of 12 steps, between two log points."""

    def begin():
        return fresh(**request.param)

    game, state, plan = begin()
    path = tmp_path / checkpoint.FILE
    hooks = Hooks(lambda s: checkpoint.save(path, s, IDENTITY), float("inf"), lambda _s: None, stop_after=5)
    assert train(game, state, plan, DATA, hooks) is None
    return path, state, begin


def everything(state):
    """The whole state as tensors and JSON, as the checkpoint stores it."""
    return checkpoint._pack(state)


def assert_same(one, other):
    (tensors, values), (other_tensors, other_values) = everything(one), everything(other)
    assert values == other_values and tensors.keys() == other_tensors.keys()
    for name, tensor in tensors.items():
        torch.testing.assert_close(tensor, other_tensors[name], rtol=0, atol=0, equal_nan=True, msg=name)


def test_a_resumed_state_is_the_saved_one_and_goes_on_alike(trained):
    path, state, begin = trained
    game, again, plan = begin()
    assert checkpoint.resume(path, again, IDENTITY) is None
    assert (again.step, again.monitor.filled) == (5, {"d": 4, "g": 2})
    assert again.frames and len(again.monitor.rows) == 1
    assert_same(state, again)
    for _ in range(3):
        iterate(game, state, plan, DATA)
        iterate(game, again, plan, DATA)
        state.monitor.flush()
        again.monitor.flush()
    assert_same(state, again)


def test_every_part_of_the_state_is_in_the_file(trained):
    _, state, _ = trained
    tensors, values = everything(state)
    for player in ("generator", "discriminator"):
        assert any(name.startswith(f"{player}.parameter.") for name in tensors)
        assert any(name.startswith(f"{player}.optimizer.") for name in tensors)
    assert any(name.startswith("generator.buffer.") for name in tensors)
    assert set(values["rngs"]) == set(state.rngs)
    assert np.array_equal(tensors["sampler.pending"], state.sampler.pending)


def cut(content):
    return content[: len(content) // 2]


def flipped(content):
    middle = len(content) - 5
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [cut, flipped, lambda _: b"", lambda _: b"not a checkpoint"])
def test_a_damaged_file_is_said_to_be_and_leaves_the_state_alone(trained, damage):
    path, _, begin = trained
    path.write_bytes(damage(path.read_bytes()))
    (_, state, _), (_, untouched, _) = begin(), begin()
    assert "is damaged" in checkpoint.resume(path, state, IDENTITY)
    assert_same(state, untouched)


def test_a_file_of_another_run_is_said_to_be_and_leaves_the_state_alone(trained):
    path, _, begin = trained
    (_, state, _), (_, untouched, _) = begin(), begin()
    note = checkpoint.resume(path, state, {**IDENTITY, "data": "other", "torch": "3"})
    assert "belongs to another run (different data, torch)" in note
    assert_same(state, untouched)
