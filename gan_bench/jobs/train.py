"""Trains and stores runs: the seeds of one chunk of a cell, or chunks of several cells together as a stack."""

import os
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from gan_bench.changes import in_words
from gan_bench.data import DataSet
from gan_bench.errors import UserError, is_result, machine_fault
from gan_bench.files import read_json
from gan_bench.jobs.intact import open_intact
from gan_bench.jobs.log_live import Live, live
from gan_bench.jobs.together import stacking_digest, train_together
from gan_bench.paths import COLLAPSE, METRICS, REPEATABLE_FILES, STATUS, seed_folder
from gan_bench.provenance import train_digest
from gan_bench.sources import keep_sources
from gan_bench.store import obtain, publish, run_key
from gan_bench.words import plural

Say = Callable[[str], None]

#: Environment variable: seconds between two checkpoints of a run (default 60). Results do not depend on it.
CHECKPOINT_SECONDS = "GAN_BENCH_CHECKPOINT_SECONDS"


def _silent(_text: str) -> None:
    """Default of `note`: ignore the progress."""


def train_cell(
    settings: dict[str, Any],
    seeds: Sequence[int],
    data: Path,
    store: Path,
    cell_folder: Path,
    say: Say,
    note: Say = _silent,
    log_to: Sequence[str] = (),
) -> dict[str, Any]:
    """Train the run of each seed of a chunk, or get it from the store. Return the chunk's record.

    `settings` are the settings of a cell, without seed. If a component of a run raises an exception, the run gets the
    status `failed` with the reason. This is stored like other results, and the run is not tried again. `say` is called
    with the outcomes, and `note` with the progress and tracebacks. The record contains the SHA-256 of files that must
    be reproducible.

    `log_to`: formats of gan_bench.log_to in which the curves of a run are written during training. The curves of runs
    in a stack are written when the study is finished.

    Raises:
        UserError: the data is damaged, or all errors come from the user's set-up or from the machine.
        Exception: the first error of another kind that does not count as a result (gan_bench.errors.is_result). Errors
            of runs are raised after all seeds were tried.
    """
    every, dataset = checkpoint_seconds(), open_intact(data)
    keep_sources(settings, store)
    code = train_digest(settings)
    runs = {seed: {**settings, "seed": seed} for seed in seeds}
    keys = {seed: run_key(run, code, dataset.digest) for seed, run in runs.items()}
    stacked_seconds = train_together({keys[seed]: run for seed, run in runs.items()}, dataset, store, every, say, note)
    stacking = stacking_digest()
    record: dict[str, Any] = {}
    faults: dict[int, Exception] = {}
    for seed, run in runs.items():
        out, key = seed_folder(cell_folder, seed), keys[seed]
        started = time.monotonic()

        def train(folder: Path, run: dict[str, Any] = run) -> None:
            _train(run, dataset, folder, every, note, live(run, cell_folder, log_to), store)

        try:
            stored, fresh = obtain(store, key, train, stacking)
        except Exception as error:  # an error of the machine or the set-up; the other seeds are still trained
            faults[seed] = error
            say(f"seed {seed}: not trained: {in_words(error)}")
            continue
        fresh = fresh or key in stacked_seconds
        digests = publish(stored, out, extras=(METRICS, COLLAPSE))
        shas = {name: digests[name] for name in REPEATABLE_FILES if name in digests}
        record[str(seed)] = {"key": key, "sha256": shas}
        for line in _outcome(out, fresh, stacked_seconds.get(key, time.monotonic() - started)):
            say(f"seed {seed}: {line}")
    if faults:
        _raise(faults)
    return {"code": code, "data": dataset.digest, "seeds": record}


def _train(
    run: dict[str, Any], dataset: DataSet, folder: Path, every: float, note: Say, curves: Live | None, store: Path
) -> None:
    """Train one run into `folder`. An error that counts as a result becomes the run's status."""
    # Imported here, because a job whose runs are all stored does not need torch.
    from gan_bench.jobs.parents import stored_parents
    from gan_bench.jobs.tools import tools
    from gan_bench.jobs.watch import watcher
    from gan_bench.train._versions import provenance
    from gan_bench.train.output import write_failure
    from gan_bench.train.run import train_run

    def progress(text: str) -> None:
        note(f"seed {run['seed']}: {text}")

    def watched(settings: Mapping[str, Any]) -> Any:
        if curves is None:
            return watcher(settings)
        curves.watch = watcher(settings)
        return curves

    parents = stored_parents(store, dataset, tools(dataset), every, progress)
    own = tools(dataset, parents, watched)
    try:
        train_run(run, dataset, folder, checkpoint_seconds=every, tools=own, on_progress=progress)
    except Exception as error:
        if not is_result(error):
            raise
        note(traceback.format_exc())
        made_with = {"provenance": provenance(run["threads"], run["device"])}
        write_failure(folder, run, error, made_with)
    finally:
        if curves is not None:
            curves.close()


def _raise(faults: Mapping[int, Exception]) -> NoReturn:
    """Raise one error for all seeds that have no result."""
    sentences: dict[str, None] = {}
    for error in faults.values():
        fault = machine_fault(error)
        if fault is None and not isinstance(error, UserError):
            raise error
        sentences |= dict.fromkeys([fault] if fault else str(error).splitlines())
    raise UserError(*sentences, f"seeds {list(faults)} did not finish; run the same command again to continue.")


def _outcome(out: Path, fresh: bool, seconds: float) -> list[str]:
    """Lines on the outcome of the run of a seed: the notes in its status document, then its status."""
    status = read_json(out / STATUS)
    text = status["status"] if status["step"] is None else f"{status['status']} at step {status['step']}"
    if status["status"] in ("failed", "timeout"):
        text += f": {status['reason']}"
    if not fresh:
        return [f"{text}, from the store"]
    if status["status"] == "failed":
        return [text]
    resumed = "" if status["resumed_at_step"] is None else f", resumed at step {status['resumed_at_step']}"
    shared = "" if status.get("stacked", 1) == 1 else f" (its share of {status['stacked']} runs together)"
    return [*status["notes"], f"{text}, {status['g_steps']} steps in {seconds:.1f} s{shared}{resumed}"]


def train_stack(
    members: Sequence[tuple[Mapping[str, Any], Sequence[int]]], data: Path, store: Path, say: Say, note: Say = _silent
) -> dict[str, Any]:
    """Train and store the runs of `members` (settings of a cell, seeds) as one stack, if that is faster.

    All members have the same training code. The study goes on after an error. Later, the job of each chunk gets its
    runs from the store or trains them. Returns a record with the keys of all runs, including runs not trained here.
    """
    every, dataset = checkpoint_seconds(), open_intact(data)
    settings = [{**cell, "seed": seed} for cell, seeds in members for seed in seeds]
    code = train_digest(settings[0])
    runs = {run_key(run, code, dataset.digest): run for run in settings}
    begun = time.monotonic()
    trained = train_together(runs, dataset, store, every, say, note)
    if trained:
        say(f"{len(trained)} of {len(runs)} runs trained together in {time.monotonic() - begun:.1f} s")
    else:
        say(f"{plural(len(runs), 'run')}: none trained here")
    return {"code": code, "data": dataset.digest, "keys": sorted(runs)}


def checkpoint_seconds() -> float:
    """The value of the environment variable CHECKPOINT_SECONDS. UserError if it is not a number of seconds."""
    text = os.environ.get(CHECKPOINT_SECONDS, "60")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds >= 0:
        raise UserError(f"{CHECKPOINT_SECONDS} is {text!r}; valid: seconds, 0 or more.")
    return seconds
