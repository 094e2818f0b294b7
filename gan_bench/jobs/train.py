"""Trains the seeds of one chunk of a cell that the store lacks: together if that is faster, else one by one."""

import contextlib
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gan_bench.errors import UserError, machine_fault
from gan_bench.files import read_json, write_json
from gan_bench.jobs.intact import open_intact
from gan_bench.jobs.together import checkpoint_seconds, train_stacked
from gan_bench.paths import COLLAPSE, METRICS, REPEATABLE_FILES, STATUS, seed_folder
from gan_bench.provenance import train_digest
from gan_bench.store import obtain, publish, run_key

Say = Callable[[str], None]


def train_cell(
    settings: dict[str, Any], seeds: Sequence[int], data: Path, store: Path, cell_folder: Path, say: Say
) -> tuple[dict[str, Any], list[int]]:
    """Train every seed or fetch it from the store; return the chunk's record and the seeds that failed.

    `settings` are those of a cell, without seed. If a seed raises, its status is `failed` with the reason, and the
    others go on. The record holds the SHA-256 of files that must repeat bit for bit. UserError if data is damaged, or
    if all failures are due to the machine (a full disk, missing permissions).
    """
    every, dataset = checkpoint_seconds(), open_intact(data)
    code = train_digest(settings)
    runs = {seed: {**settings, "seed": seed} for seed in seeds}
    keys = {seed: run_key(run, code, dataset.digest) for seed, run in runs.items()}
    stacked_seconds = train_stacked({keys[seed]: run for seed, run in runs.items()}, dataset, store, every, say)
    record: dict[str, Any] = {}
    failed: list[int] = []
    faults: list[str] = []
    for seed, run in runs.items():
        out, key = seed_folder(cell_folder, seed), keys[seed]
        started = time.monotonic()

        def train(folder: Path, run: dict[str, Any] = run) -> None:
            # Imported here: a job whose runs are all stored needs no torch.
            from gan_bench.jobs.watch import watcher
            from gan_bench.train.run import train_run

            train_run(run, dataset, folder, checkpoint_seconds=every, watch=watcher(run))

        try:
            stored, fresh = obtain(store, key, train)
        except Exception as error:  # a bug or a full machine: the other seeds still count
            fault = machine_fault(error)
            if fault is None:
                traceback.print_exc(file=sys.stderr)
            else:
                faults.append(fault)
            failed.append(seed)
            reason = f"{type(error).__name__}: {error}"
            with contextlib.suppress(OSError):  # if the disk is full, the failure is still printed
                out.mkdir(parents=True, exist_ok=True)
                write_json(out / STATUS, {"status": "failed", "reason": reason, "step": None})
            say(f"seed {seed}: failed: {reason}")
            continue
        fresh = fresh or key in stacked_seconds
        digests = publish(stored, out, extras=(METRICS, COLLAPSE))
        record[str(seed)] = {"key": key, "sha256": {name: digests[name] for name in REPEATABLE_FILES}}
        for line in _outcome(out, fresh, stacked_seconds.get(key, time.monotonic() - started)):
            say(f"seed {seed}: {line}")
    if faults and len(faults) == len(failed):
        raise UserError(*dict.fromkeys(faults), f"seeds {failed} did not finish; the same command again goes on.")
    return {"code": code, "data": dataset.digest, "seeds": record}, failed


def _outcome(out: Path, fresh: bool, seconds: float) -> list[str]:
    """Lines on the outcome of a seed: its notes, then its status."""
    status = read_json(out / STATUS)
    text = status["status"] if status["step"] is None else f"{status['status']} at step {status['step']}"
    if not fresh:
        return [f"{text}, from the store"]
    resumed = "" if status["resumed_at_step"] is None else f", resumed at step {status['resumed_at_step']}"
    shared = "" if status.get("stacked", 1) == 1 else f" (its share of {status['stacked']} runs together)"
    return [*status["notes"], f"{text}, {status['g_steps']} steps in {seconds:.1f} s{shared}{resumed}"]
