"""A chunk of seeds over the store: what fails does not cost what is done."""

import json

import pytest

from gan_bench.config.grid import expand
from gan_bench.config.load import parse_study
from gan_bench.data import prepare
from gan_bench.jobs import train as job
from gan_bench.paths import METRICS, REPEATABLE_FILES, TRAIN_FILES

STUDY = """
datasets: [digits]
variants: [{model: {name: mlp, g_widths: [8], d_widths: [8]}, loss: non_saturating, optimizer: adam}]
seeds: 3
budget: {g_steps: 4}
snapshots: 2
"""


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    """Settings of a small cell, and the folder of its data."""
    plan = expand(parse_study(STUDY, "small")).to_json()
    folder = tmp_path_factory.mktemp("digits")
    prepare(plan["datasets"]["digits"]["ref"], folder)
    return plan["cells"][0]["settings"], folder


@pytest.fixture
def run(cell, tmp_path):
    """Trains seeds of the cell; returns (record, failed, what was said)."""

    def train(*seeds):
        said = []
        settings, data = cell
        record, failed = job.train_cell(settings, seeds, data, tmp_path / "store", tmp_path / "cell", said.append)
        return record, failed, said

    return train


def test_a_seed_that_raises_is_written_down_and_the_others_go_on(run, tmp_path, monkeypatch, capsys):
    real = job.train_run

    def broken(settings, data, folder, **more):
        if settings["seed"] == 1:
            raise MemoryError("no room")
        return real(settings, data, folder, **more)

    monkeypatch.setattr(job, "train_run", broken)
    record, failed, said = run(0, 1, 2)
    assert failed == [1] and sorted(record["seeds"]) == ["0", "2"]
    assert json.loads((tmp_path / "cell/seed1/status.json").read_text())["reason"] == "MemoryError: no room"
    assert "no room" in capsys.readouterr().err and said[1] == "seed 1: failed: MemoryError: no room"

    monkeypatch.undo()
    record, failed, said = run(0, 1, 2)
    assert failed == [] and sorted(record["seeds"]) == ["0", "1", "2"]
    assert [text.endswith("from the store") for text in said] == [True, False, True]


def test_the_record_repeats_and_names_what_must(run, tmp_path):
    first, _, _ = run(0, 1)
    assert set(first["seeds"]["0"]["sha256"]) == set(REPEATABLE_FILES)
    (tmp_path / "store").rename(tmp_path / "old")
    again, _, said = run(0, 1)
    assert again == first and not any("from the store" in text for text in said)


def test_an_added_seed_leaves_the_others_files_and_scores(run, tmp_path):
    run(0)
    (tmp_path / "cell/seed0" / METRICS).write_text("{}")
    _, _, said = run(0, 1)
    assert said[0].endswith("from the store") and "4 steps in" in said[1]
    assert (tmp_path / "cell/seed0" / METRICS).exists()
    assert sorted(p.name for p in (tmp_path / "cell/seed1").iterdir()) == sorted(TRAIN_FILES)
