"""Train runs over the store: the seeds of one chunk of a cell, or chunks of several cells in one stack."""

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gan_bench.errors import UserError, machine_fault
from gan_bench.files import read_json, write_json
from gan_bench.jobs.intact import open_intact
from gan_bench.jobs.together import stacking_digest, train_together
from gan_bench.paths import COLLAPSE, METRICS, REPEATABLE_FILES, STATUS, seed_folder
from gan_bench.provenance import train_digest
from gan_bench.store import obtain, publish, run_key

Say = Callable[[str], None]

#: Environment variable: seconds between two checkpoints of a run (default 60). Results do not depend on it.
CHECKPOINT_SECONDS = "GAN_BENCH_CHECKPOINT_SECONDS"


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
    stacked_seconds = train_together({keys[seed]: run for seed, run in runs.items()}, dataset, store, every, say)
    stacking = stacking_digest()
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
            stored, fresh = obtain(store, key, train, stacking)
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


def train_stack(
    members: Sequence[tuple[Mapping[str, Any], Sequence[int]]], data: Path, store: Path, say: Say
) -> dict[str, Any]:
    """Train (settings of a cell, seeds) of one family in one stack, into the store, where that is faster.

    Nothing here fails a study: each cell's own job takes its runs from the store, or trains them. Returns a record with
    the keys of all runs, whoever trains them.
    """
    every, dataset = checkpoint_seconds(), open_intact(data)
    settings = [{**cell, "seed": seed} for cell, seeds in members for seed in seeds]
    code = train_digest(settings[0])
    runs = {run_key(run, code, dataset.digest): run for run in settings}
    begun = time.monotonic()
    trained = train_together(runs, dataset, store, every, say)
    if trained:
        say(f"{len(trained)} of {len(runs)} runs trained together in {time.monotonic() - begun:.1f} s")
    else:
        say(f"{len(runs)} runs: none trained here")
    return {"code": code, "data": dataset.digest, "keys": sorted(runs)}


def checkpoint_seconds() -> float:
    """The value of CHECKPOINT_SECONDS. UserError for anything but a number of seconds."""
    text = os.environ.get(CHECKPOINT_SECONDS, "60")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise UserError(f"{CHECKPOINT_SECONDS} is {text!r}; valid: seconds, 0 or more.")
    return seconds
