"""Train the seeds of one chunk of a cell, one after the other, over the store."""

import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gan_bench.data import open_data
from gan_bench.files import read_json, write_json
from gan_bench.jobs.watch import watcher
from gan_bench.paths import COLLAPSE, METRICS, REPEATABLE_FILES, STATUS, seed_folder
from gan_bench.provenance import train_digest
from gan_bench.store import obtain, publish, run_key
from gan_bench.train.run import train_run

Say = Callable[[str], None]


def train_cell(
    settings: dict[str, Any], seeds: Sequence[int], data: Path, store: Path, cell_folder: Path, say: Say
) -> tuple[dict[str, Any], list[int]]:
    """Train (or fetch from the store) every seed; returns the chunk's record and the seeds that failed.

    `settings` are a cell's, without seed. A seed that raises is written down as `failed` with its reason and the
    others go on. The record holds SHA-256 of what must repeat bit for bit.
    """
    dataset = open_data(data)
    code = train_digest(settings)
    record: dict[str, Any] = {}
    failed: list[int] = []
    for seed in seeds:
        run = {**settings, "seed": seed}
        out = seed_folder(cell_folder, seed)
        key = run_key(run, code, dataset.digest)
        started = time.monotonic()

        def train(folder: Path, run: dict[str, Any] = run) -> None:
            train_run(run, dataset, folder, watch=watcher(run))

        try:
            stored, fresh = obtain(store, key, train)
        except Exception as error:  # a bug or a full machine: the other seeds still count
            traceback.print_exc(file=sys.stderr)
            failed.append(seed)
            reason = f"{type(error).__name__}: {error}"
            out.mkdir(parents=True, exist_ok=True)
            write_json(out / STATUS, {"status": "failed", "reason": reason, "step": None})
            say(f"seed {seed}: failed: {reason}")
            continue
        digests = publish(stored, out, extras=(METRICS, COLLAPSE))
        record[str(seed)] = {"key": key, "sha256": {name: digests[name] for name in REPEATABLE_FILES}}
        say(f"seed {seed}: {_outcome(out, fresh, time.monotonic() - started)}")
    return {"code": code, "data": dataset.digest, "seeds": record}, failed


def _outcome(out: Path, fresh: bool, seconds: float) -> str:
    status = read_json(out / STATUS)
    text = status["status"] if status["step"] is None else f"{status['status']} at step {status['step']}"
    return f"{text}, {status['g_steps']} steps in {seconds:.1f} s" if fresh else f"{text}, from the store"
