"""Ctrl-C or SIGTERM during training saves a checkpoint. The same call again ends with equal bytes."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from gan_bench import paths
from gan_bench.stacking.training import RunRequest, train_runs
from gan_bench.train import checkpoint, loop
from gan_bench.train.interruption import Interrupted
from gan_bench.train.run import train_run


@pytest.fixture
def signalled(monkeypatch: pytest.MonkeyPatch) -> Any:
    """signalled(number, module): the process gets the signal at its first log point."""

    def arm(number: int, module: Any) -> None:
        real, sent = module.look, []

        def look(*arguments: Any) -> Any:
            if not sent:
                sent.append(number)
                os.kill(os.getpid(), number)
            return real(*arguments)

        monkeypatch.setattr(module, "look", look)

    return arm


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_saves_and_goes_on_with_the_same_bytes(
    settings: Any, data: Any, tmp_path: Path, signalled: Any, number: int
) -> None:
    train_run(settings(), data, tmp_path / "whole")
    handler = signal.getsignal(number)
    signalled(number, loop)
    with pytest.raises(Interrupted) as error:
        train_run(settings(), data, tmp_path / "cut")
    assert error.value.number == number and signal.getsignal(number) is handler
    assert (tmp_path / "cut" / checkpoint.FILE).is_file()
    status = train_run(settings(), data, tmp_path / "cut")
    assert status["resumed_at_step"] == 3
    for name in paths.REPEATABLE_FILES:
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes(), name


def test_every_run_of_a_stack_saves(settings: Any, data: Any, tmp_path: Path, signalled: Any) -> None:
    from gan_bench.stacking import stack

    requests = [RunRequest(settings(seed=seed), tmp_path / str(seed)) for seed in range(3)]
    signalled(signal.SIGINT, stack)
    with pytest.raises(Interrupted):
        train_runs(requests, data)
    assert all((request.out / checkpoint.FILE).is_file() for request in requests)
    assert [status["resumed_at_step"] for status in train_runs(requests, data)] == [3, 3, 3]


def test_a_second_ctrl_c_does_not_wait(settings: Any, data: Any, tmp_path: Path, monkeypatch: Any) -> None:
    def look(*_arguments: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(loop, "look", look)
    with pytest.raises(KeyboardInterrupt) as error:
        train_run(settings(), data, tmp_path)
    assert not isinstance(error.value, Interrupted) and not (tmp_path / checkpoint.FILE).exists()
