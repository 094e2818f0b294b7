"""The peak memory of collecting does not grow with the sizes of the runs' JSON files and histories."""

import shutil
import tracemalloc
from pathlib import Path

import pytest
from fabricate import fabricate_study, run_folder

from gan_bench import paths
from gan_bench.files import read_json, write_json
from gan_bench.stats.collect import histories
from gan_bench.stats.collect.collect import collect
from gan_bench.stats.write import streams

#: Largest number of bytes that one run may add to the peak, for its key and its software versions.
A_RUN = 3_000


def _study(folder: Path, seeds: int) -> Path:
    """A study of one variant whose runs differ only in their seed."""
    plan = fabricate_study(folder, variants=("DCGAN",), seeds=(0,), media=False)
    first = run_folder(folder, plan, "digits", "DCGAN", 0)
    plan["cells"][0]["seeds"] = list(range(seeds))
    write_json(folder / paths.PLAN, plan)
    for seed in range(1, seeds):
        run = run_folder(folder, plan, "digits", "DCGAN", seed)
        shutil.copytree(first, run)
        write_json(run / paths.SETTINGS, read_json(run / paths.SETTINGS) | {"seed": seed})
    return folder


def _peak(study: Path) -> int:
    collect(study, complete=True)
    tracemalloc.start()
    try:
        collect(study, complete=True)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_run_that_is_written_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # With such small blocks, the rows of both studies fill at least one block. So the peaks of the two studies differ
    # only by memory that grows with the number of runs.
    monkeypatch.setattr(streams, "ROWS", 30)
    monkeypatch.setattr(streams, "GROUP_ROWS", 200)
    monkeypatch.setattr(histories, "BLOCK", 5)
    few, many = _study(tmp_path / "few", 20), _study(tmp_path / "many", 120)
    documents = sum(
        file.stat().st_size for file in run_folder(many, read_json(many / paths.PLAN), "digits", "DCGAN", 7).iterdir()
    )
    assert documents > 10 * A_RUN
    _peak(few)  # The first call fills caches.
    assert (_peak(many) - _peak(few)) / 100 < A_RUN
