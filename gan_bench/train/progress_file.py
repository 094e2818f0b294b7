"""Two files that show the progress of a run: a note, and the run's latest samples. They lie next to the checkpoint.

`gan-bench status` and the progress of a workflow read the note. The note is written at the last log point. At another
log point, it is written if at least SECONDS have passed since the previous note (for the first note: since the start).
The samples are written at each snapshot except the one at step 0, for a person to look at. Both files are removed when
the run is finished. No result depends on them.
"""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

from gan_bench.paths import PROGRESS_NOTE, SAMPLES_SO_FAR
from gan_bench.train.schedule import Schedule
from gan_bench.train.snapshot import write_samples
from gan_bench.train.state import State

#: Smallest number of seconds between two notes of a run, except for the note at the last log point.
SECONDS = 5.0


class ProgressFile:
    """Writes the progress of one run into its folder, and returns it as a line of text."""

    def __init__(self, out: Path, plan: Schedule, images: int) -> None:
        self.file, self.samples, self.plan = out / PROGRESS_NOTE, out / SAMPLES_SO_FAR, plan
        self.started = self.last = time.monotonic()
        self.images = images

    def show(self, state: State) -> None:
        """Write the samples of the latest snapshot as a grid. A full disk does not stop the run."""
        with contextlib.suppress(OSError):
            self.samples.parent.mkdir(parents=True, exist_ok=True)
            write_samples(self.samples, state.frames[-1][1])

    def note(self, state: State) -> str | None:
        """If a note is due, write it and return it as a line of text, else return None.

        A full disk does not stop the run.
        """
        now = time.monotonic()
        if now - self.last < SECONDS and state.step != self.plan.g_steps:
            return None
        row, plan = state.monitor.rows[-1], self.plan
        shown = plan.images(state.step)
        rate = (shown - self.images) / max(now - self.last, 1e-9)
        self.last, self.images = now, shown
        losses: dict[str, float] = {name: row[name] for name in ("d_loss", "g_loss") if name in row}
        note: dict[str, Any] = {"step": state.step, "of": plan.g_steps, "images_per_second": rate, **losses}
        note |= {"seconds": state.seconds, "time": time.time()}
        if self.samples.is_file():
            note["samples"] = str(self.samples)
        with contextlib.suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            temporary = self.file.with_suffix(".new")
            temporary.write_text(json.dumps(note), encoding="utf-8")
            temporary.replace(self.file)
        values = "".join(f", {name} {value:.4g}" for name, value in losses.items())
        share = 100 * state.step // plan.g_steps
        return (
            f"step {state.step} of {plan.g_steps} ({share} %){values}, {rate:,.0f} images/s, {now - self.started:.0f} s"
        )
