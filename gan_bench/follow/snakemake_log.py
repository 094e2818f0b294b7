"""Prints the progress of the runs in Snakemake's output, in place of the blocks of text about each job.

workflow/rules/progress.smk attaches this module to the logger of Snakemake's main process. It works on a terminal and
with redirected output. The blocks are still in Snakemake's log file (.snakemake/log), and with --verbose also on the
screen. Snakemake's output stays as it is in a dry run, with --quiet, or with another logger plugin (--logger).
"""

import atexit
import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, TextIO

from gan_bench.dag import Lookups
from gan_bench.errors import STOPPED
from gan_bench.follow.states import StudyStates
from gan_bench.follow.words import current, summary

#: Seconds between two lines of progress: on a terminal (True) and elsewhere (False). The environment variable VARIABLE
#: overrides both.
SECONDS = {True: 10.0, False: 60.0}
VARIABLE = "GAN_BENCH_PROGRESS_SECONDS"

#: Events of Snakemake that the progress replaces on the screen.
HIDDEN = {"run_info", "job_info", "group_info", "job_started", "job_finished", "progress", "resources_info", "shellcmd"}
#: Beginnings of further messages that are hidden. Snakemake gives no event for them.
CHATTER = ("Select jobs to execute", "Execute ", "host:", "Using shell:", "Provided cores", "Building DAG", "Assuming ")
#: Rules that change the states of runs.
TRAINING = {"train", "train_stack"}
#: Snakemake's message when a signal ends it.
TERMINATING = "Terminating processes on user request"
#: Beginnings of the messages with which Snakemake submits a stopped job again.
GOES_ON = ("Trying to restart job", "Submitted ")
#: Largest number of cells with running runs that a progress message lists.
SHOWN = 4


class Follower(logging.Filter):
    """Filter of Snakemake's screen output. It records steps and signals, and starts the thread that prints progress."""

    def __init__(self, lookups: Lookups, stream: TextIO, cores: int, verbose: bool) -> None:
        super().__init__()
        self.study, self.stream, self.cores, self.verbose = StudyStates(lookups), stream, cores, verbose
        self.steps = ""
        self.trains = True
        self.stopped = self.terminating = self.interrupted = False
        self.last = ""
        self.thread: threading.Thread | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        event = str(getattr(record, "event", "") or "").rpartition(".")[2].lower()
        message = record.getMessage() if isinstance(record.msg, str) else ""
        if event == "progress":
            self.steps = f", {getattr(record, 'done', '?')} of {getattr(record, 'total', '?')} steps"
        if event == "run_info":
            self.trains = bool(TRAINING & set(getattr(record, "stats", None) or TRAINING))
        if event in ("run_info", "job_info") and self.thread is None:
            self._start()
        if message.startswith(TERMINATING):
            self.stopped = self.terminating = True
        if self.interrupted and not self.terminating and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        if event in ("job_error", "group_error") and any(
            ends_stopped(file) for file in getattr(record, "log", None) or ()
        ):
            self.stopped = True
        elif self.stopped and (event == "job_info" or message.startswith(GOES_ON)):
            # Only one job was stopped, for example by a batch system; the study goes on.
            self.stopped = self.terminating or self.interrupted
        if self.stopped:
            return self.verbose
        return self.verbose or not (event in HIDDEN or message.startswith(CHATTER))

    def interrupt(self, _number: int, _frame: object) -> None:
        """Handle SIGINT.

        If the KeyboardInterrupt is raised while a line is written or in a call of asyncio, Snakemake can lose it and
        start further jobs. In that case `filter` raises a KeyboardInterrupt again.
        """
        self.stopped = self.interrupted = True
        raise KeyboardInterrupt

    def _start(self) -> None:
        atexit.register(self._end)
        self.thread = threading.Thread(target=self._follow, name="progress", daemon=True)
        self.thread.start()

    def _follow(self) -> None:
        while True:
            time.sleep(_seconds(self.stream))
            self._print()

    def _print(self) -> None:
        try:
            states = self.study.read() if self.trains else []
            runs = current([run for run in states if run.state == "running" and run.note])
            more = [f"and {len(runs) - SHOWN} more"] if len(runs) > SHOWN else []
            first = summary(self.study, states, self.cores) if self.trains else "no run needs training"
            lines = [first + self.steps, *runs[:SHOWN], *more]
        except Exception as error:  # an error in the progress must not end the study
            lines = [f"the progress is not available: {type(error).__name__}: {error}"]
        text = "\n    ".join(lines)
        if text != self.last:
            print(f"[{time.strftime('%H:%M:%S')}] {text}", file=self.stream, flush=True)
            self.last = text

    def _end(self) -> None:
        self._print()
        if self.stopped:
            print(STOPPED, file=self.stream, flush=True)


def attach(lookups: Lookups, cores: int | None) -> Follower | None:
    """Add the progress to Snakemake's screen output. None for a dry run, --quiet, or another logger plugin."""
    from snakemake.logging import logger

    for handler in logger.handlers:
        filters: list[Any] = [f for f in handler.filters if hasattr(f, "dryrun")]
        if handler.name == "DefaultStreamHandler" and filters and not filters[0].dryrun and not filters[0].quiet:
            follower = Follower(lookups, getattr(handler, "stream", sys.stderr), cores or 1, filters[0].verbose)
            handler.addFilter(follower)
            if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
                signal.signal(signal.SIGINT, follower.interrupt)
            return follower
    return None


def ends_stopped(file: str | Path) -> bool:
    """Whether the log of a job ends with the sentence that a command writes when a signal stops it."""
    try:
        return Path(file).read_text(encoding="utf-8").rstrip().endswith(STOPPED)
    except (OSError, UnicodeDecodeError):
        return False


def _seconds(stream: TextIO) -> float:
    try:
        return max(0.1, float(os.environ[VARIABLE]))
    except (KeyError, ValueError):
        return SECONDS[stream.isatty()]
