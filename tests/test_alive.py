"""Locks that killed Snakemake processes left behind are removed. Locks of running processes stay."""

import platform
import subprocess
import sys

import pytest

from gan_bench import alive

HOLD = (
    "import sys, pathlib; from gan_bench.alive import enter; enter(pathlib.Path(sys.argv[1])); print('in', flush=True)"
)
HOLD += "; sys.stdin.read()"


@pytest.fixture
def state(tmp_path):
    """A folder .snakemake with locks."""
    (tmp_path / "locks").mkdir()
    for name in ("0.input.lock", "0.output.lock"):
        (tmp_path / "locks" / name).write_text("results/x\n")
    return tmp_path


@pytest.fixture
def enter(state):
    """A function that calls `alive.enter` and returns the names of removed locks.

    The lock that `alive.enter` takes is released at the end of the test.
    """
    before = len(alive._held)
    yield lambda: [lock.name for lock in alive.enter(state)]
    while len(alive._held) > before:
        alive._held.pop().close()


def test_locks_without_a_process_are_removed(state, enter):
    assert enter() == ["0.input.lock", "0.output.lock"] and list((state / "locks").iterdir()) == []


def test_locks_stay_while_another_process_works_and_are_removed_after_its_kill(state, enter, capsys):
    content = {lock.name: lock.read_text() for lock in (state / "locks").iterdir()}
    command = [sys.executable, "-c", HOLD, str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "in\n"
        for name, text in content.items():
            (state / "locks" / name).write_text(text)
        assert enter() == [] and len(list((state / "locks").iterdir())) == 2
        message = capsys.readouterr().err
        assert f"another snakemake is running in {state.parent}." in message and message.count("\n") == 1
        alive._held.pop().close()
        other.kill()
        other.wait()
    assert len(enter()) == 2 and capsys.readouterr().err == ""


def test_locks_of_another_machine_stay(state, enter):
    (state / alive.FILE).write_text("another machine")
    for _ in range(2):
        assert enter() == []
        alive._held.pop().close()
    for lock in (state / "locks").iterdir():
        lock.unlink()  # Snakemake on the other machine ends and removes its locks
    assert enter() == [] and (state / alive.FILE).read_text() == platform.node()


def test_a_missing_folder_is_created_and_an_impossible_one_is_no_error(tmp_path, enter):
    assert alive.enter(tmp_path / "new") == [] and (tmp_path / "new").is_dir()
    (tmp_path / "file").write_text("")
    assert alive.enter(tmp_path / "file") == []
