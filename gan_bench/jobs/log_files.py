"""Writes the curves, scores and pictures of a finished study for other tools (gan_bench.log_to)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gan_bench import log_to, paths
from gan_bench.stats.collect.plan import all_runs, read_plan
from gan_bench.stats.collect.run_files import RunRecord, read_run


def write_study(study_folder: Path, forms: Sequence[str]) -> list[str]:
    """Write the curves, scores and pictures of all runs that have a history; returns the names of these runs."""
    runs = []
    for run in all_runs(read_plan(study_folder), study_folder):
        if not run.history_file.is_file():
            continue  # the run failed or its files are missing; logs written during its training remain
        record = read_run(run)
        for form in forms:
            writer = log_to.open_writer(form, log_to.target(study_folder, form, run.dataset, run.cell, run.seed))
            _write(writer, record)
            writer.close()
        runs.append(run.name)
    return runs


def _write(writer: Any, record: RunRecord) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(record.run.history_file).to_pylist()
    status = record.status_document or {}
    last, seconds = int(status.get("g_steps") or 0), float(status.get("seconds") or 0.0)
    ended = (record.run.folder / paths.STATUS).stat().st_mtime

    def when(step: int) -> float:
        """Estimated time at which a step ended.

        The estimate assumes that all steps took equally long, and that status.json was written at the end of the last.
        """
        return ended - seconds * (1 - step / last) if last else ended

    for row in rows:
        writer.add(int(row["step"]), log_to.tags(row), when(int(row["step"])))
    final = [{"name": name, **score} for name, score in record.metrics.items()]
    for step, scores in [*((kept["step"], kept["metrics"]) for kept in record.checkpoints), (last, final)]:
        values = {f"score/{score['name']}": score["value"] for score in scores if score.get("value") is not None}
        writer.add(step, values, when(step))
    for step, image in _pictures(record.run.folder, last):
        writer.picture(step, image, when(step))


def _pictures(folder: Path, last: int) -> list[tuple[int, Any]]:
    """(step, picture) for each frame of progress.gif except the last, and for the final samples.

    Missing files are left out. The frames of a run that ended early are left out too.
    """
    import numpy as np
    from PIL import Image, ImageSequence

    from gan_bench.files import read_json
    from gan_bench.train.schedule import snapshot_steps

    pictures = []
    if (folder / paths.PROGRESS).is_file() and last:
        planned = snapshot_steps(last, read_json(folder / paths.SETTINGS)["snapshots"])
        with Image.open(folder / paths.PROGRESS) as movie:
            frames = [np.array(frame.convert("RGB")) for frame in ImageSequence.Iterator(movie)]
        if len(frames) == len(planned):  # a run that ended early has fewer frames
            pictures = list(zip(planned[:-1], frames[:-1], strict=True))
    if (folder / paths.SAMPLES).is_file():
        with Image.open(folder / paths.SAMPLES) as grid:
            pictures.append((last, np.array(grid)))
    return pictures
