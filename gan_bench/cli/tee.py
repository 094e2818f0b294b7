"""Copies the output of a command to a log file."""

import contextlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from gan_bench.errors import machine_fault

#: Log files of the commands that are running; the innermost is last.
_logs: list[TextIO] = []


def log_only(text: str) -> None:
    """Write a line to the log of the command, not to the terminal. Without a log, do nothing."""
    if _logs:
        print(text, file=_logs[-1], flush=True)


class _Tee:
    """Writes whole lines to several streams, so jobs that share a terminal do not mix their lines."""

    def __init__(self, *streams: TextIO) -> None:
        self.streams = streams
        self.line = ""

    def write(self, text: str) -> int:
        lines, newline, self.line = (self.line + text).rpartition("\n")
        if newline:
            self._write(lines + newline)
        return len(text)

    def _write(self, text: str) -> None:
        for stream in self.streams:
            stream.write(text)
            stream.flush()

    def flush(self) -> None:
        """Nothing to do: lines are flushed when they are complete."""

    def end(self) -> None:
        """Write an incomplete last line."""
        self._write(self.line)
        self.line = ""


@contextlib.contextmanager
def output_copied_to(path: Path | None) -> Iterator[None]:
    """Also write stdout and stderr of the `with` block to `path`, and the traceback of an error in the block."""
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:
        _logs.append(file)
        out, err = _Tee(sys.stdout, file), _Tee(sys.stderr, file)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):  # type: ignore[type-var]
            try:
                yield
            except Exception as error:
                if machine_fault(error) is None:
                    traceback.print_exc(file=file)
                raise
            finally:
                out.end()
                err.end()
                _logs.remove(file)
