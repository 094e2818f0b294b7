"""Whole runs have equal bits if repeated, also after kills. A divergence is a regular result."""

import json
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from gan_bench import paths
from gan_bench.errors import UserError
from gan_bench.files import read_json
from gan_bench.registry import names
from gan_bench.train import checkpoint
from gan_bench.train.generate import kept_steps, load_generator, sample
from gan_bench.train.run import train_run
from gan_bench.train.schedule import schedule
from gan_bench.train.snapshot import LAST_FRAME_MS

EVERYTHING = {"loss": "wasserstein", "penalty": "gradient_penalty", "d_optimizer": {"name": "sgd", "momentum": 0.9}}
EVERYTHING |= {"checkpoints": 4}


def contents(folder):
    return {name: (folder / name).read_bytes() for name in paths.REPEATABLE_FILES}


@pytest.mark.parametrize("changes", [{}, EVERYTHING], ids=["plain", "everything"])
def test_the_same_settings_give_the_same_bytes_and_another_seed_other_ones(settings, data, tmp_path, changes):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        assert train_run(settings(seed=seed, **changes), data, tmp_path / name)["status"] == "ok"
    first, again, other = (contents(tmp_path / name) for name in "abc")
    assert first == again
    assert all(first[name] != other[name] for name in first)


def test_all_files_of_a_run_are_there_and_nothing_else(settings, data, tmp_path):
    run = settings(penalty={"name": "weight_clipping", "clip": 0.02})
    status = train_run(run, data, tmp_path / "run")
    assert {file.name for file in (tmp_path / "run").iterdir()} == set(paths.TRAIN_FILES)
    assert read_json(tmp_path / "run" / paths.SETTINGS) == run
    assert read_json(tmp_path / "run" / paths.STATUS) == status
    history = pd.read_parquet(tmp_path / "run" / paths.HISTORY)
    assert history["step"].tolist() == [3, 6, 9, 12]
    assert np.isfinite(history.to_numpy()).all()
    for name, mode in ((paths.SAMPLES, "PNG"), (paths.PROGRESS, "GIF")):
        with Image.open(tmp_path / "run" / name) as picture:
            assert picture.format == mode
            assert getattr(picture, "n_frames", 1) == (3 if mode == "GIF" else 1)
            picture.seek(picture.n_frames - 1 if mode == "GIF" else 0)
            # Pillow merges equal frames and adds their durations. The duration shows that the last frame was written
            # once.
            assert picture.info.get("duration") == (LAST_FRAME_MS if mode == "GIF" else None)


def test_the_status_counts_what_was_done(settings, data, tmp_path):
    status = train_run(settings(budget={"images": 1000}, d_steps=3, batch_size=50), data, tmp_path)
    counts = {key: status[key] for key in ("status", "reason", "step", "g_steps", "d_steps", "images", "notes")}
    assert counts == {"status": "ok", "reason": None, "step": None, "g_steps": 6, "d_steps": 18, "images": 900,
                      "notes": []}  # fmt: skip
    # G has layers of 4-12-12-64 units with batch norm (12 gains, 12 shifts), and D of 64-12-1.
    assert status["parameters"] == {"generator": 60 + 156 + 24 + 832, "discriminator": 780 + 13}
    assert status["seconds"] > 0 and status["steps_per_second"] == pytest.approx(6 / status["seconds"], rel=0.2)


@pytest.mark.parametrize("changes", [{}, EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("stops", [[1], [5], [6], [12], [2, 3, 9]], ids=str)
def test_an_interrupted_run_ends_as_a_straight_one(settings, data, tmp_path, stops, changes):
    run = settings(**changes)
    train_run(run, data, tmp_path / "straight")
    for stop in stops:
        assert train_run(run, data, tmp_path / "resumed", stop_after=stop)["status"] == (
            "ok" if stop == 12 else "stopped"
        )
    lines = []
    train_run(run, data, tmp_path / "resumed", on_progress=lines.append)
    assert stops == [12] or lines[0] == f"resumed at step {stops[-1]}"
    assert contents(tmp_path / "resumed") == contents(tmp_path / "straight")
    assert not (tmp_path / "resumed" / checkpoint.FILE).exists()


def test_samples_can_be_seen_before_a_run_ends(settings, data, tmp_path):
    run, shown = settings(snapshots=6), tmp_path / "run" / paths.SAMPLES_SO_FAR
    train_run(run, data, tmp_path / "straight")
    first, second, _ = schedule(run, 40).snapshot_steps[-3:]
    pictures = []
    for stop in (first, second - 1, second):
        train_run(run, data, tmp_path / "run", stop_after=stop)
        pictures.append(shown.read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]
    train_run(run, data, tmp_path / "run")
    assert not shown.exists() and contents(tmp_path / "run") == contents(tmp_path / "straight")


def test_a_run_killed_anywhere_ends_as_a_straight_one(settings, data, tmp_path, monkeypatch):
    """The run is killed within a step, by an exception that no code catches. A checkpoint is saved after every step."""
    from gan_bench.methods import adversarial

    run, step, calls = settings(**EVERYTHING), adversarial.generator_step, 0

    def killed(*args, **named):
        nonlocal calls
        calls += 1
        if calls % 4 == 0:
            raise KeyboardInterrupt
        return step(*args, **named)

    train_run(run, data, tmp_path / "straight")
    monkeypatch.setattr(adversarial, "generator_step", killed)
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            train_run(run, data, tmp_path / "killed", checkpoint_seconds=0)
    monkeypatch.undo()
    train_run(run, data, tmp_path / "killed", checkpoint_seconds=0)
    assert contents(tmp_path / "killed") == contents(tmp_path / "straight")


def test_a_kill_while_files_are_written_leaves_no_status(settings, data, tmp_path, monkeypatch):
    from gan_bench.train import output as module

    train_run(settings(seed=1), data, tmp_path)
    monkeypatch.setattr(module, "write_samples", lambda *_args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train_run(settings(), data, tmp_path)
    assert not (tmp_path / paths.STATUS).exists()


def test_how_often_it_is_looked_at_does_not_change_the_weights(settings, data, tmp_path):
    train_run(settings(), data, tmp_path / "a")
    train_run(settings(log_points=12, snapshots=5), data, tmp_path / "b", checkpoint_seconds=0)
    one, other = (load_file(tmp_path / name / paths.GENERATOR) for name in "ab")
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    "changes",
    [
        {"d_optimizer": {"name": "sgd", "lr": 1e3}, "loss": "least_squares"},
        {"d_optimizer": {"name": "sgd", "lr": 1e12}, "loss": "wasserstein", "penalty": "gradient_penalty"},
        {"g_optimizer": {"name": "adam", "lr": 1e30}, "d_optimizer": {"name": "adam", "lr": 1e30}},
    ],
    ids=["least_squares", "gradient_penalty", "adam"],
)
def test_an_absurd_learning_rate_is_a_result_with_its_exact_step(settings, data, tmp_path, changes):
    statuses = {}
    for points in (12, 1):
        out = tmp_path / str(points)
        statuses[points] = status = train_run(settings(**changes, log_points=points, snapshots=13), data, out)
        assert status["status"] == "diverged" and status["reason"]
        assert {file.name for file in out.iterdir()} == set(paths.TRAIN_FILES)
        history = pd.read_parquet(out / paths.HISTORY)
        assert history["step"].iloc[-1] == status["step"] == status["g_steps"]
        json.dumps(status, allow_nan=False)
        with Image.open(out / paths.PROGRESS) as gif:
            assert gif.n_frames == status["step"] + 1, "no picture of a later step than the one it broke in"
    watched, found_later = statuses[12]["step"], statuses[1]["step"]
    # If every step is a log point, weights are checked at every step. They can show the divergence one step before the
    # losses.
    assert found_later in (watched, watched + 1) and found_later < 12


def test_weights_that_the_losses_do_not_show_are_found_at_the_next_log_point(settings, data, tmp_path):
    """Weights of 1e20 saturate the tanh, so images stay finite and their gradient is zero."""
    for points, step in ((12, 2), (4, 3), (1, 12)):
        run = settings(g_optimizer={"name": "sgd", "lr": 1e20}, log_points=points)
        status = train_run(run, data, tmp_path / str(points))
        assert (status["status"], status["step"]) == ("diverged", step)
        assert status["reason"] == f"the norm of the generator's weights is inf after generator step {step}"


def test_every_loss_and_penalty_trains(settings, data, tmp_path):
    for loss in names("losses"):
        for penalty in names("penalties"):
            out = tmp_path / f"{loss}-{penalty}"
            status = train_run(settings(loss=loss, penalty=penalty, budget={"g_steps": 2}), data, out)
            assert (status["status"], status["g_steps"]) == ("ok", 2)


def test_threads_and_determinism_hold_while_it_trains_and_no_longer(settings, data, tmp_path):
    seen, before = [], (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled())

    def look(_line):
        seen.append((torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()))

    train_run(settings(threads=before[0] + 1), data, tmp_path, on_progress=look)
    assert seen[-1] == (before[0] + 1, True)
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before


def test_nothing_is_drawn_from_global_generators(settings, data, tmp_path):
    before = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    train_run(settings(**EVERYTHING), data, tmp_path)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002


def test_a_damaged_checkpoint_is_noted_and_the_run_trained_anew(settings, data, tmp_path):
    train_run(settings(), data, tmp_path / "straight")
    train_run(settings(), data, tmp_path / "damaged", stop_after=5)
    file = tmp_path / "damaged" / checkpoint.FILE
    file.write_bytes(file.read_bytes()[:-9])
    lines = []
    status = train_run(settings(), data, tmp_path / "damaged", on_progress=lines.append)
    assert "damaged" in status["notes"][0] and lines[0] == status["notes"][0]
    assert contents(tmp_path / "damaged") == contents(tmp_path / "straight")


def test_a_checkpoint_of_other_data_or_settings_is_noted_and_not_used(settings, blobs, tmp_path):
    data, other = blobs(0), blobs(1)
    run = {**settings(), "dataset": {"name": other.name, "salt": 1}}
    train_run(run, other, tmp_path / "straight")
    train_run(settings(), data, tmp_path / "changed", stop_after=5)
    status = train_run(run, other, tmp_path / "changed")
    assert "belongs to another run (different data, settings)" in status["notes"][0]
    assert contents(tmp_path / "changed") == contents(tmp_path / "straight")


def test_a_finished_run_is_not_trained_again_unless_something_changed(settings, data, tmp_path):
    first = train_run(settings(), data, tmp_path)
    assert train_run(settings(), data, tmp_path) == first, "seconds included"
    (tmp_path / paths.HISTORY).unlink()
    again = train_run(settings(), data, tmp_path)
    assert (tmp_path / paths.HISTORY).is_file() and again["sha256"] == first["sha256"]
    (tmp_path / paths.STATUS).write_text("{")
    assert train_run(settings(), data, tmp_path)["sha256"] == first["sha256"]
    assert train_run(settings(seed=1), data, tmp_path)["sha256"] != first["sha256"]


def test_data_that_the_settings_do_not_ask_for_is_the_user_s_mistake(settings, blobs, tmp_path):
    with pytest.raises(UserError, match=r'contains the data set {"name":"blobs","salt":1}, .* need .*"salt":0}'):
        train_run(settings(), blobs(1), tmp_path)
    moved = {"name": "elsewhere/blobs.py", "digest": "0" * 64, "salt": 0}
    assert train_run({**settings(), "dataset": moved}, blobs(0), tmp_path)["status"] == "ok"


def test_a_batch_larger_than_the_data_set_works(settings, data, tmp_path):
    assert train_run(settings(batch_size=100, budget={"epochs": 15}), data, tmp_path)["images"] == 600


def test_without_prior_training_there_is_a_row_and_a_frame_for_one_step(settings, data, tmp_path):
    status = train_run(settings(budget={"g_steps": 1}, snapshots=1), data, tmp_path)
    assert status["g_steps"] == 1 and len(pd.read_parquet(tmp_path / paths.HISTORY)) == 1
    with Image.open(tmp_path / paths.PROGRESS) as gif:
        assert gif.n_frames == 1


def test_a_process_that_is_killed_and_one_that_resumes_agree_with_a_third(settings, data, tmp_path):
    run = settings(budget={"g_steps": 600})
    code = (
        "import json, sys; from pathlib import Path; from gan_bench.data import open_data\n"
        "from gan_bench.train.run import train_run\n"
        "train_run(json.loads(sys.argv[1]), open_data(sys.argv[2]), Path(sys.argv[3]), checkpoint_seconds=0.02)"
    )
    out = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", code, json.dumps(run), str(data.folder), str(out)])
    try:
        while not (out / checkpoint.FILE).is_file():
            assert process.poll() is None
            time.sleep(0.01)
    finally:
        process.kill()
        process.wait()
    assert not (out / paths.STATUS).exists()
    lines = []
    train_run(run, data, out, on_progress=lines.append)
    train_run(run, data, tmp_path / "straight")
    assert "resumed at step" in lines[0]
    assert contents(out) == contents(tmp_path / "straight")


def test_generators_are_kept_at_even_steps_with_the_final_discriminator(settings, data, tmp_path):
    train_run(settings(checkpoints=3), data, tmp_path / "long")
    train_run(settings(budget={"g_steps": 8}), data, tmp_path / "short")
    kept = load_file(tmp_path / "long" / paths.CHECKPOINTS)
    assert kept_steps(tmp_path / "long") == [4, 8, 12]
    for folder, step in (("short", 8), ("long", 12)):
        final = load_file(tmp_path / folder / paths.GENERATOR)
        assert all(torch.equal(kept[f"{step}/{name}"], value) for name, value in final.items())
    shapes = [tuple(value.shape) for name, value in kept.items() if name.startswith("discriminator/")]
    assert sorted(shapes) == [(1,), (1, 12), (12,), (12, 64)]
    # A run that stores no generators during training writes an empty file of them.
    assert kept_steps(tmp_path / "short") == [] and not load_file(tmp_path / "short" / paths.CHECKPOINTS)
    with pytest.raises(UserError, match="no generator was kept at step 5"):
        load_generator(tmp_path / "long", 5)
    assert (sample(tmp_path / "long", 5, 0, step=12) == sample(tmp_path / "long", 5, 0)).all()
