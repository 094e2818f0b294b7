"""Copies the output of a command to a log file."""

import contextlib
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from gan_bench.errors import machine_fault

#: The log files of the commands that run now, the innermost last.
_logs: list[TextIO] = []


def log_only(text: str) -> None:
    """Write a line to the log of the command, and not to the terminal; nothing without a log."""
    if _logs:
        print(text, file=_logs[-1], flush=True)


class _Tee:
    """Writes whole lines to several streams: jobs that share a terminal do not write into each other's lines."""

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
        """Write what stands in an incomplete last line."""
        self._write(self.line)
        self.line = ""


@contextlib.contextmanager
def output_copied_to(path: Path | None) -> Iterator[None]:
    """Also write stdout and stderr of the block to `path`, and the traceback of an error that ends it."""
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
