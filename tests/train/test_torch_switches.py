"""Process-wide switches of torch are set only during a `with` block."""

import pytest
import torch

from gan_bench.errors import UserError
from gan_bench.train._torch import deterministic, device_of

CPU = torch.device("cpu")


def switches():
    return (
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
        torch.utils.deterministic.fill_uninitialized_memory,
    )


def test_switches_hold_in_the_block_and_come_back_after_an_error():
    before = switches()
    with pytest.raises(ZeroDivisionError), deterministic(before[0] + 1, CPU):
        assert switches() == (before[0] + 1, True, False)
        raise ZeroDivisionError
    assert switches() == before


def test_a_device_that_is_not_there_is_the_user_s_mistake(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device_of("cpu") == CPU
    for name in ("cuda", "tpu"):
        with pytest.raises(UserError, match=f"device is '{name}'"):
            device_of(name)
