"""A job trains a chunk of seeds, and reuses finished runs of the store. If a seed fails, finished seeds are kept."""

import errno
import json
import subprocess
import sys

import pytest

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.data import prepare
from gan_bench.errors import UserError, is_result
from gan_bench.jobs import train as job
from gan_bench.paths import METRICS, REPEATABLE_FILES, SETTINGS, STATUS, TRAIN_FILES
from gan_bench.provenance import stage_digest
from gan_bench.stacking import training
from gan_bench.store import finished
from gan_bench.train import run as single
from gan_bench.train.run import train_run

STUDY = """
datasets: [digits]
variants: [{model: {name: mlp, g_widths: [8], d_widths: [8]}, loss: non_saturating, optimizer: adam}]
seeds: 3
budget: {g_steps: 4}
snapshots: 2
"""


@pytest.fixture(scope="module")
def cell(tmp_path_factory):
    """Settings of a small cell (one variant on one data set), and the folder of the data set."""
    plan = expand(parse_study(STUDY, "small")).to_json()
    folder = tmp_path_factory.mktemp("digits")
    prepare(plan["datasets"]["digits"]["ref"], folder)
    return plan["cells"][0]["settings"], folder


@pytest.fixture
def run(cell, tmp_path):
    """A function that trains seeds of the cell and returns (record, printed lines)."""

    def train(*seeds):
        said = []
        settings, data = cell
        record = job.train_cell(
            settings, seeds, data, tmp_path / "store", tmp_path / "cell", said.append, train.notes.append
        )
        return record, said

    train.notes = []
    return train


def breaking(monkeypatch, error, seed=1):
    """Make the training of one seed raise `error`."""
    real = single.train_run

    def broken(settings, data, folder, **more):
        if settings["seed"] == seed:
            raise error
        return real(settings, data, folder, **more)

    monkeypatch.setattr(single, "train_run", broken)


def test_a_component_that_raises_is_a_result_and_is_not_tried_again(run, tmp_path, monkeypatch, capsys):
    breaking(monkeypatch, IndexError("a broken model"))
    record, said = run(0, 1, 2)
    assert sorted(record["seeds"]) == ["0", "1", "2"], "the chunk completes"
    assert sorted(record["seeds"]["1"]["sha256"]) == [SETTINGS]
    status = json.loads((tmp_path / "cell/seed1" / STATUS).read_text())
    assert (status["status"], status["reason"]) == ("failed", "IndexError: a broken model")
    assert "Traceback" in "".join(run.notes) and capsys.readouterr().err == "", "tracebacks are in the log alone"
    assert said[1] == "seed 1: failed: IndexError: a broken model"
    assert sorted(p.name for p in (tmp_path / "cell/seed1").iterdir()) == [SETTINGS, STATUS]

    monkeypatch.undo()
    again, said = run(0, 1, 2)
    assert again == record and all(text.endswith("from the store") for text in said)


NO_RESULTS = [
    MemoryError("no room"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EIO, "Input/output error"),
    RuntimeError("CUDA error: the launch was lost"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
    UserError("device is 'cuda', but torch finds no such device on this machine; valid here: cpu."),
]


@pytest.mark.parametrize("error", NO_RESULTS, ids=lambda error: type(error).__name__)
def test_a_fault_of_the_machine_is_no_result_and_is_tried_again(run, tmp_path, monkeypatch, error):
    breaking(monkeypatch, error)
    with pytest.raises((UserError, type(error))):
        run(0, 1, 2)
    assert not (tmp_path / "cell/seed1" / STATUS).exists()
    monkeypatch.undo()
    record, said = run(0, 1, 2)
    assert sorted(record["seeds"]) == ["0", "1", "2"]
    assert [text.endswith("from the store") for text in said] == [True, False, True]


def test_a_component_that_cannot_be_imported_is_a_result():
    try:
        raise UserError("importing 'mine' failed") from ImportError("no module named cv2")
    except UserError as error:
        assert is_result(error)


def test_a_run_beyond_its_time_is_a_result_with_all_its_files(cell, tmp_path):
    settings, data = cell
    settings = {**settings, "timeout": 1e-9}
    said = []
    record = job.train_cell(settings, [0], data, tmp_path / "store", tmp_path / "cell", said.append)
    status = json.loads((tmp_path / "cell/seed0" / STATUS).read_text())
    assert (status["status"], status["g_steps"]) == ("timeout", 1)
    assert status["reason"] == "step 1 of 4 after 1e-09 s of training, the limit of the run"
    assert set(record["seeds"]["0"]["sha256"]) == set(REPEATABLE_FILES)


def test_the_record_repeats_and_lists_the_repeatable_files(run, tmp_path):
    first, _ = run(0, 1)
    assert set(first["seeds"]["0"]["sha256"]) == set(REPEATABLE_FILES)
    (tmp_path / "store").rename(tmp_path / "old")
    again, said = run(0, 1)
    assert again == first and not any("from the store" in text for text in said)


def test_an_added_seed_keeps_files_and_scores_of_the_others(run, tmp_path):
    run(0)
    (tmp_path / "cell/seed0" / METRICS).write_text("{}")
    _, said = run(0, 1)
    assert said[0].endswith("from the store") and "4 steps in" in said[1]
    assert (tmp_path / "cell/seed0" / METRICS).exists()
    assert sorted(p.name for p in (tmp_path / "cell/seed1").iterdir()) == sorted(TRAIN_FILES)


@pytest.fixture
def stack(run, tmp_path, monkeypatch):
    """Like `run`, but the function sets the environment variable GAN_BENCH_STACKING to `choice`."""

    def train(*seeds, choice="always"):
        monkeypatch.setenv("GAN_BENCH_STACKING", choice)
        return run(*seeds)

    train.notes = run.notes
    return train


def test_seeds_that_train_together_leave_the_record_of_single_ones(stack, tmp_path):
    alone, said = stack(0, 1, 2, choice="never")
    assert not any("together" in text for text in said)
    (tmp_path / "store").rename(tmp_path / "old")
    record, said = stack(0, 1, 2)
    assert record == alone
    assert all("4 steps in" in text and "its share of 3 runs together" in text for text in said)
    _, said = stack(0, 1, 2)
    assert all(text.endswith("from the store") for text in said)


def test_only_runs_that_the_store_lacks_train_together(stack):
    stack(1)
    _, said = stack(0, 1, 2, 3)
    assert [("3 runs together" in text, text.endswith("from the store")) for text in said] == [
        (True, False),
        (False, True),
        (True, False),
        (True, False),
    ]


def test_short_runs_are_not_stacked_by_themselves(stack):
    _, said = stack(0, 1, 2, choice="auto")
    assert not any("together" in text for text in said)


def test_what_breaks_together_is_trained_one_by_one(stack, monkeypatch):
    def broken(*_args, **_more):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(training, "train_runs", broken)
    record, said = stack(0, 1)
    assert sorted(record["seeds"]) == ["0", "1"]
    assert said[0] == "2 runs did not train together (ZeroDivisionError: a bug); they train one by one"
    assert "4 steps in" in said[1] and "together" not in said[1]
    assert "ZeroDivisionError" in "".join(stack.notes)


def test_a_run_that_was_finished_before_the_stack_broke_is_kept(stack, monkeypatch):
    real, calls, kept = training.train_runs, [], []

    def breaks_at_the_end(asked, *args, **more):
        calls.append(sorted(one.settings["seed"] for one in asked))
        kept.extend(real(asked[:1], *args, **more))
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(training, "train_runs", breaks_at_the_end)
    trained = []
    monkeypatch.setattr(single, "train_run", lambda run, *args, **more: trained.append(train_run(run, *args, **more)))
    record, _ = stack(0, 1, 2)
    assert sorted(record["seeds"]) == ["0", "1", "2"] and calls == [[0, 1, 2]]
    # The status of seed 0, which contains the time of its training, is still the same. So seed 0 was not trained again.
    assert len(trained) == 3 and kept[0] in trained


RATES = (0.0002, 0.001)


@pytest.fixture
def members(cell):
    """(settings, seeds) of two cells: the small cell with two learning rates, each with two seeds."""
    settings, _ = cell
    return [({**settings, "g_optimizer": {**settings["g_optimizer"], "lr": lr}}, [0, 1]) for lr in RATES]


def test_cells_of_different_learning_rates_train_in_one_stack_and_their_jobs_find_them(
    cell, members, tmp_path, monkeypatch
):
    monkeypatch.setenv("GAN_BENCH_STACKING", "always")
    said = []
    record = job.train_stack(members, cell[1], tmp_path / "store", said.append)
    assert len(record["keys"]) == 4 and "4 of 4 runs trained together in" in said[0]
    assert all(finished(tmp_path / "store", key, stage_digest("stacking")) for key in record["keys"])
    monkeypatch.setattr(single, "train_run", lambda *_args, **_more: pytest.fail("trained again"))
    found = [
        job.train_cell(settings, seeds, cell[1], tmp_path / "store", tmp_path / f"cell{k}", said.append)
        for k, (settings, seeds) in enumerate(members)
    ]
    assert sorted(one["key"] for record in found for one in record["seeds"].values()) == record["keys"]
    assert all(text.endswith("from the store") for text in said[1:])
    monkeypatch.undo()
    monkeypatch.setenv("GAN_BENCH_STACKING", "never")
    alone = job.train_cell(*members[1], cell[1], tmp_path / "other", tmp_path / "alone", said.append)
    assert alone == found[1]


def test_a_stack_that_does_not_pay_or_breaks_leaves_all_to_the_cells(cell, members, tmp_path, monkeypatch):
    said = []
    record = job.train_stack(members, cell[1], tmp_path / "store", said.append)
    assert said == ["4 runs: none trained here"], "4 steps each"
    monkeypatch.setenv("GAN_BENCH_STACKING", "always")
    monkeypatch.setattr(training, "train_runs", lambda *_args, **_more: 1 / 0)
    assert job.train_stack(members, cell[1], tmp_path / "store", said.append) == record
    assert said[1].startswith("4 runs did not train together (ZeroDivisionError")
    assert [key for key in record["keys"] if finished(tmp_path / "store", key)] == []


def test_a_job_whose_runs_are_stored_imports_no_torch(cell, tmp_path):
    settings, data = cell
    job.train_cell(settings, [0, 1], data, tmp_path / "store", tmp_path / "cell", lambda _text: None)
    code = (
        "import json, pathlib, sys; from gan_bench.jobs.train import train_cell;"
        "settings, *folders = json.loads(sys.argv[1]);"
        "train_cell(settings, [0, 1], *map(pathlib.Path, folders), print);"
        "print(sorted({'torch', 'pandas', 'scipy'} & set(sys.modules)))"
    )
    folders = [str(data), str(tmp_path / "store"), str(tmp_path / "again")]
    arguments = [sys.executable, "-c", code, json.dumps([settings, *folders])]
    run = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["seed 0: ok, from the store", "seed 1: ok, from the store", "[]"]


def test_the_variable_is_checked(stack):
    with pytest.raises(UserError, match="GAN_BENCH_STACKING is 'perhaps'; valid: auto, always, never"):
        stack(0, 1, choice="perhaps")
