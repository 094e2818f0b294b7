"""Writes the files of a finished run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from gan_bench import paths
from gan_bench.changes import in_words
from gan_bench.data import DataSet
from gan_bench.files import canonical_json, digest_file, digest_of, write_json
from gan_bench.methods import Program
from gan_bench.train.loop import End, Halt, Timeout, picture
from gan_bench.train.monitor import Divergence, write_history
from gan_bench.train.schedule import Schedule
from gan_bench.train.snapshot import write_progress, write_samples
from gan_bench.train.state import State
from gan_bench.train.tensors import write_tensors


def write_run(
    out: Path,
    settings: Mapping[str, Any],
    data: DataSet,
    program: Program,
    state: State,
    plan: Schedule,
    end: End,
    about_run: Mapping[str, Any],
) -> dict[str, Any]:
    """Write all files of a run and return its status, which includes `about_run`.

    The status file is written after all other files, because a folder with a status file means a finished run. Then the
    checkpoint and the files that show the progress are removed.
    """
    (out / paths.STATUS).unlink(missing_ok=True)
    divergence = end if isinstance(end, Divergence) else None
    step = state.step if divergence is None else divergence.step
    final = picture(program, state)
    write_json(out / paths.SETTINGS, dict(settings))
    write_history(out / paths.HISTORY, state.monitor.table())
    about = {"shape": list(data.shape), "classes": len(data.classes or ()), "dtype": str(data.images("train").dtype)}
    metadata = {"settings": canonical_json(dict(settings)), "data": canonical_json(about)}
    write_tensors(out / paths.GENERATOR, state.generator, metadata)
    write_tensors(out / paths.CHECKPOINTS, _checkpoints(state, plan, step), metadata)
    write_samples(out / paths.SAMPLES, final)
    write_progress(out / paths.PROGRESS, [*(frame for frame in state.frames if frame[0] < step), (step, final)])
    status = {
        "status": {Divergence: "diverged", Timeout: "timeout"}.get(type(end), "ok"),
        "reason": None if end is None else end.reason,
        "step": None if divergence is None else divergence.step,
        "stopped_early": {"step": step, "of": plan.g_steps, "reason": end.reason} if isinstance(end, Halt) else None,
        "g_steps": step,
        "d_steps": plan.d_steps_until(step),
        "images": plan.images(step),
        "seconds": round(state.seconds, 3),
        "steps_per_second": round(state.step / max(state.seconds, 1e-9), 3),
        "parameters": {name: sum(t.numel() for t in p.parameters.values()) for name, p in state.players.items()},
        "sha256": {name: digest_file(out / name) for name in paths.REPEATABLE_FILES},
        **about_run,
    }
    # The status contains times, so its digest differs between runs with the same results. The digest is stored only in
    # the status itself.
    status["checksum"] = digest_of(status)
    write_json(out / paths.STATUS, status)
    for name in paths.UNFINISHED_FILES:
        (out / name).unlink(missing_ok=True)
    return status


def write_failure(out: Path, settings: Mapping[str, Any], error: Exception, made_with: Mapping[str, Any]) -> None:
    """Write the two files of a run in which a component raised an exception: settings, and status with the reason."""
    for name in (*paths.TRAIN_FILES, *paths.UNFINISHED_FILES):
        (out / name).unlink(missing_ok=True)
    write_json(out / paths.SETTINGS, dict(settings))
    status: dict[str, Any] = {"status": "failed", "reason": in_words(error), "step": None}
    status |= {"sha256": {paths.SETTINGS: digest_file(out / paths.SETTINGS)}, "g_steps": None, "notes": [], **made_with}
    status["checksum"] = digest_of(status)
    write_json(out / paths.STATUS, status)


def _checkpoints(state: State, plan: Schedule, last: int) -> dict[str, Tensor]:
    """{"<step>/<name>": tensor} of the generators kept up to step `last`.

    If the settings have checkpoints and the run has a discriminator, the final discriminator is added.
    """
    kept = {f"{step}/{name}": value for step, tensors in state.kept if step <= last for name, value in tensors.items()}
    if plan.checkpoint_steps and "discriminator" in state.players:
        kept |= {f"discriminator/{name}": value for name, value in state.players["discriminator"].tensors.items()}
    return kept
