"""Ctrl-C and SIGTERM during training: the loop finishes its step, saves a checkpoint and ends."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: Signals that stop a run. Batch systems send SIGTERM before they kill a job.
SIGNALS = (signal.SIGINT, signal.SIGTERM)

_received: list[int] = []


class Interrupted(KeyboardInterrupt):
    """A signal stopped training; the checkpoint is saved. `number`: number of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def check() -> bool:
    """Whether a signal has arrived since the block of `deferred` began."""
    return bool(_received)


def interruption() -> Interrupted:
    """The exception for the signal that arrived."""
    return Interrupted(_received[0])


@contextmanager
def deferred() -> Iterator[None]:
    """Within this block, the first signal is only recorded; the training loop asks for it with `check`.

    A later Ctrl-C raises KeyboardInterrupt at once.

    Python can set signal handlers only in the main thread. In another thread, the block changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, _note) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _received.clear()


def _note(number: int, _frame: FrameType | None) -> None:
    if _received and number == signal.SIGINT:
        raise KeyboardInterrupt
    _received.append(number)
