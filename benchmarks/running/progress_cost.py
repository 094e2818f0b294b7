"""CPU cost of progress notes and of curves for other tools, in percent of the same training without them.

    .venv/bin/python benchmarks/running/progress_cost.py [--pairs 15]

"progress" is a note that a run writes beside its checkpoint, together with a line in the job log. A run writes at most
one note in 5 s. Here it writes one at every log point, which is the largest possible cost. "csv" and "tensorboard" are
formats of `log_to`. The last two lines are the cost of reading the notes of the studies demo and lucic2018 every 10 s
in Snakemake's process, as a share of one core.
"""

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.dag import Lookups
from gan_bench.data import open_data, prepare
from gan_bench.follow.states import StudyStates
from gan_bench.follow.words import summary
from gan_bench.jobs.log_live import Live
from gan_bench.train import progress_file
from gan_bench.train.progress_file import ProgressFile
from gan_bench.train.run import train_run

NOTE_EVERY = progress_file.SECONDS
STUDY = """
datasets: [digits]
variants: [{model: dcgan, loss: non_saturating, optimizer: adam}]
seeds: 1
budget: {g_steps: 200}
"""


def seconds(settings: dict[str, Any], data: Any, folder: Path, kind: str, notes: list[float]) -> float:
    """CPU seconds of training a run that writes `kind`: none, progress, csv or tensorboard.

    For "progress", the CPU seconds of each note are appended to `notes`.
    """
    note = ProgressFile.note

    def timed(self: ProgressFile, state: Any) -> str | None:
        begun = time.process_time()
        line = note(self, state)
        notes.append(time.process_time() - begun)
        return line

    ProgressFile.note = timed  # type: ignore[method-assign]
    progress_file.SECONDS = 0.0
    live = Live({kind: folder / "curves"}) if kind in ("csv", "tensorboard") else None
    if kind != "progress":
        ProgressFile.note = lambda self, state: None  # type: ignore[method-assign]
    log = (folder.parent / "job.log").open("a")
    try:
        begun = time.process_time()
        train_run(settings, data, folder, on_progress=lambda line: print(line, file=log, flush=True), watch=live)
        if live is not None:
            live.close()
        return time.process_time() - begun
    finally:
        ProgressFile.note = note  # type: ignore[method-assign]
        log.close()


def followed(study: str, folder: Path) -> tuple[int, float]:
    """Number of runs of a study, and CPU seconds of reading their states once more (mean of 5 times)."""
    from gan_bench.files import write_json

    states = StudyStates(Lookups({"study": study, "results": str(folder), "data_dir": None, "device": "cpu"}))
    for data in states.lookups.datasets:
        write_json(folder / "data" / data / "manifest.json", {"digest": data})
    states.read()
    begun = time.process_time()
    for _ in range(5):
        summary(states, runs := states.read(), 2)
    return len(runs), (time.process_time() - begun) / 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=15)
    pairs = parser.parse_args().pairs
    plan = expand(parse_study(STUDY, "cost")).to_json()
    settings = {**plan["cells"][0]["settings"], "seed": 0}
    kinds = ["progress", "csv"] + ["tensorboard"] * (importlib.util.find_spec("tensorboard") is not None)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(plan["datasets"]["digits"]["ref"], folder / "data")
        data = open_data(folder / "data")
        times: dict[str, list[float]] = {kind: [] for kind in ("none", *kinds)}
        notes: list[float] = []
        for pair in range(-1, pairs):  # the first round warms up
            for kind, earlier in times.items():
                spent = seconds(settings, data, folder / f"{kind}{pair}", kind, notes)
                if pair >= 0:
                    earlier.append(spent)
        print(f"run of {settings['budget']}: {statistics.median(times['none']):.2f} CPU seconds, {pairs} pairs")
        for kind in kinds:
            cost = [100 * (a / b - 1) for a, b in zip(times[kind], times["none"], strict=True)]
            low, middle, high = statistics.quantiles(cost, n=4)
            print(f"{kind}: median {middle:+.1f} % of training time (quartiles {low:+.1f} to {high:+.1f} %)")
        note = statistics.median(notes)
        print(
            f"a note: {1000 * note:.2f} ms of CPU (median of {len(notes)}), "
            f"{100 * note / NOTE_EVERY:.3f} % of the time at one in 5 s"
        )
        for study in ("demo", "lucic2018"):
            runs, spent = followed(study, folder / study)
            print(f"reading {runs} runs of {study}: {1000 * spent:.0f} ms, {100 * spent / 10:.2f} % of one core")


if __name__ == "__main__":
    main()
