"""Signals (numbers that show a collapse) are measured on plain images and new latents, and do not change the run."""

import math
from copy import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from gan_bench import paths
from gan_bench.data import DataSet
from gan_bench.game.discriminator_report import report
from gan_bench.methods import Setup
from gan_bench.train import state as state_module
from gan_bench.train.loop import Hooks, TrainingData, signals, train
from gan_bench.train.monitor import SIGNALS
from gan_bench.train.run import train_run
from gan_bench.train.schedule import schedule
from gan_bench.train.signals import N
from gan_bench.train.spread import compare, rows_of
from gan_bench.train.state import start

CPU, START = torch.device("cpu"), torch.tensor(0.0)
QUIET = Hooks(save=lambda _state: None, save_seconds=float("inf"), logged=lambda _state: None)
DIVERSITY, OPINION = SIGNALS[:5], SIGNALS[5:]


def data_of(shape=(1, 8, 8), classes=0, test=50, train=40):
    """A data set of `train` + `test` noise images. Images of 1 x 1 pixel are points in float32. Labels alternate."""
    rng, total = np.random.default_rng(0), train + test
    pixels = rng.integers(0, 256, (total, *shape), dtype=np.uint8)
    images = rng.uniform(-1, 1, (total, *shape)).astype(np.float32) if shape[1:] == (1, 1) else pixels
    names = [str(label) for label in range(classes)]
    manifest = {"name": "noise", "counts": {"train": train, "test": test}, "shape": shape, "classes": names}
    return DataSet(paths.__file__, manifest, images, np.arange(total) % classes if classes else None)


@pytest.fixture
def begun(settings):
    """begun(data, **changes): program, state, schedule and training data of a run."""

    def made(data, **changes):
        run = settings(**changes)
        plan = schedule(run, 40)
        program, state = start(Setup(run, data.shape, len(data.classes or ())), 40, plan, CPU, data)
        labels = data.labels("train")
        given = TrainingData(
            torch.from_numpy(data.images("train").copy()), None if labels is None else torch.from_numpy(labels.copy())
        )
        return program, state, plan, given

    return made


def everything(state):
    """Copies of all tensors of a run's networks."""
    return {
        (label, name): tensor.detach().clone()
        for label, player in state.players.items()
        for name, tensor in player.tensors.items()
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"checkpoints": 3, "ema": 0.9},
        {"loss": "wasserstein", "penalty": "gradient_penalty", "tricks": ["diff_augment"]},
        {"method": "unrolled", "tricks": ["spectral_norm"]},
        {"method": "vae", "loss": None, "penalty": None, "d_optimizer": None, "d_steps": None},
    ],
    ids=["adversarial", "wasserstein", "unrolled", "vae"],
)
def test_a_run_is_the_same_with_signals_and_without(settings, data, tmp_path, monkeypatch, changes):
    train_run(settings(**changes), data, tmp_path / "with")
    monkeypatch.setattr(state_module, "signals_of", lambda *_: None)
    train_run(settings(**changes), data, tmp_path / "without")
    for name in set(paths.REPEATABLE_FILES) - {paths.HISTORY}:
        assert (tmp_path / "with" / name).read_bytes() == (tmp_path / "without" / name).read_bytes(), name
    looked, plain = (pd.read_parquet(tmp_path / name / paths.HISTORY) for name in ("with", "without"))
    pd.testing.assert_frame_equal(
        looked.drop(columns=list(SIGNALS)), plain.drop(columns=list(SIGNALS)), check_exact=True
    )
    assert plain[list(SIGNALS)].isna().all(axis=None) and looked[list(DIVERSITY)].notna().all(axis=None)
    assert looked[list(OPINION)].notna().all(axis=None) == ("d_optimizer" not in changes)


def test_only_their_own_stream_moves_and_no_buffer(begun):
    sndcgan = {"name": "dcgan", "latent_dim": 4, "width": 4, "d_norm": "batch"}
    program, state, plan, _ = begun(data_of((1, 16, 16)), model=sndcgan, tricks=["spectral_norm"])
    before, streams = everything(state), {k: rng.bit_generator.state for k, rng in state.rngs.items()}
    buffers = [name for _, name in before if name.endswith((".u", "running_mean"))]
    found, again = signals(program, state, plan), signals(program, state, plan)
    assert buffers and all(torch.equal(tensor, before[name]) for name, tensor in everything(state).items())
    assert [k for k, rng in state.rngs.items() if rng.bit_generator.state != streams[k]] == ["signals"]
    assert tuple(found) == SIGNALS and all(map(math.isfinite, found.values()))
    # In each measurement, the real images are the same and the generated images are new.
    assert found["d_held_acc"] == again["d_held_acc"]
    assert all(found[name] != again[name] for name in ("div_pair", "mean_shift", "div_pair_features"))


def test_they_are_those_of_plain_images_of_the_test_split(begun):
    """The signals equal those computed by hand for an MLP.

    The latents come from the stream "signals" and are drawn after the choice of the real images.
    """
    data = data_of()
    tricks = ["diff_augment", "flips", {"name": "input_noise", "sd": 3.0}]
    program, state, plan, _ = begun(data, tricks=tricks, ema=0.5)
    rng = np.random.Generator(np.random.PCG64())
    rng.bit_generator.state = state.rngs["signals"].bit_generator.state
    found = signals(program, state, plan)
    real = state.signals.real
    test = (torch.from_numpy(data.images("test").copy()).float() - 127.5) / 127.5
    assert len(real) == N == len(torch.unique(real.flatten(1), dim=0))
    assert all((test == image).flatten(1).all(dim=1).any() for image in real)
    z = torch.from_numpy(program.draw(rng, N))
    g, d = state.players["generator"], state.players["discriminator"]
    fake = program.images(g.tensors, z)
    expected = dict(zip(DIVERSITY, compare(rows_of(fake), rows_of(real)).tolist(), strict=True))
    w1, b1, w2, b2 = (d.parameters[name] for name in ("1.weight", "1.bias", "3.weight", "3.bias"))
    hidden = [torch.nn.functional.leaky_relu(x.flatten(1) @ w1.T + b1, 0.2) for x in (real, fake)]
    logits = (hidden[0] @ w2.T + b2)[:, 0]
    pairs = [torch.pdist(rows).mean() for rows in hidden]
    expected |= {"d_held_real": logits.sigmoid().mean().item(), "d_held_acc": (logits > 0).float().mean().item()}
    expected["div_pair_features"] = (pairs[1] / pairs[0]).item()
    assert found == pytest.approx(expected, rel=1e-5)


def test_images_are_brought_to_the_range_that_the_discriminator_knows(played):
    """Before D sees images, tricks without random numbers are applied to them. Tricks with random numbers are not."""
    game, players, _ = played(tricks=["unit_range", "flips", "swapped_labels"])
    plain, _, _ = played()
    real, fake = (torch.rand((8, 1, 8, 8), generator=torch.Generator().manual_seed(k)) * 2 - 1 for k in (0, 1))
    said = report(game, players["discriminator"], real, fake, None, START)
    output = plain.discriminator(players["discriminator"].parameters, {}, (real + 1) / 2)
    torch.testing.assert_close(said.real, torch.sigmoid(-output).mean().detach())


@pytest.mark.parametrize("loss", ["wasserstein", "least_squares", "began"])
def test_thresholds_of_losses_hold_for_the_held_out_images(played, loss):
    model = {"name": "began_net", "latent_dim": 4, "hidden": 4, "width": 2} if loss == "began" else None
    game, players, _ = played(loss=loss, **({"model": model} if model else {}))
    d = players["discriminator"]
    real, fake = (torch.rand((8, 1, 8, 8), generator=torch.Generator().manual_seed(k)) * 2 - 1 for k in (0, 1))
    on_real, on_fake = (game.discriminator(d.parameters, {}, x).detach() for x in (real, fake))
    said = report(game, d, real, fake, None, START)
    at = 0.5 if loss == "least_squares" else (on_real.mean() + on_fake.mean()) / 2
    torch.testing.assert_close(said.real, on_real.mean())
    torch.testing.assert_close(said.accuracy, (on_real > at).float().mean())
    same = report(game, d, real, real, None, START).features
    assert torch.equal(*same)


@pytest.mark.parametrize(("m", "left"), [(2, 16), (3, 10), (16, 2), (17, 0)])
def test_packs_are_judged_whole_and_pictures_one_by_one(begun, m, left):
    program, state, plan, _ = begun(data_of(), tricks=[{"name": "packing", "m": m}], batch_size=2 * m)
    found = signals(program, state, plan)
    assert all(math.isfinite(found[name]) for name in DIVERSITY)
    # D's outputs have a spread only if there is more than one pack of images.
    assert all(math.isfinite(found[name]) for name in OPINION) == (left > 0)
    if left:
        said = program.opinion(state.players["discriminator"], state.signals.real, state.signals.real, None, START)
        assert [len(rows) for rows in said.features] == [left, left]
        assert (left * said.accuracy).item() == pytest.approx(round((left * said.accuracy).item()))


def test_generated_images_are_of_the_classes_of_the_real_ones(begun, monkeypatch):
    data = data_of(classes=3)
    program, state, plan, given = begun(data, tricks=["labels"])
    seen = []
    watched = copy(program)
    watched.images = lambda tensors, z: seen.append(z) or program.images(tensors, z)
    found = signals(watched, state, plan)
    assert all(map(math.isfinite, found.values()))
    test = {image.tobytes(): label for image, label in zip(data.images("test"), data.labels("test"), strict=True)}
    pixels = (state.signals.real * 127.5 + 127.5).round().to(torch.uint8).numpy()
    labels = [test[image.tobytes()] for image in pixels]
    assert seen[0][:, program.class_columns].argmax(dim=1).tolist() == labels
    assert train(program, state, plan, given, QUIET) is None


def test_points_have_signals(begun):
    model = {"name": "points_mlp", "latent_dim": 4}
    program, state, plan, given = begun(data_of((2, 1, 1)), model=model)
    assert state.signals.real.dtype == torch.float32 and state.signals.real.shape == (N, 2, 1, 1)
    assert train(program, state, plan, given, QUIET) is None
    assert all(math.isfinite(row[name]) for row in state.monitor.rows for name in SIGNALS)


def test_a_critic_in_a_mixed_minibatch_gives_each_side_its_features(begun):
    program, state, plan, _ = begun(data_of(), tricks=["mixed_batch", "minibatch_stddev"])
    assert all(map(math.isfinite, signals(program, state, plan).values()))
    said = program.opinion(state.players["discriminator"], state.signals.real, -state.signals.real, None, START)
    assert [tuple(rows.shape) for rows in said.features] == [(N, 13), (N, 13)]


@pytest.mark.parametrize("test", [0, 1, 2, 6])
def test_as_many_images_as_the_test_split_has(begun, test):
    program, state, plan, given = begun(data_of(test=test))
    assert train(program, state, plan, given, QUIET) is None
    last = state.monitor.rows[-1]
    assert math.isfinite(last["div_pair"]) == math.isfinite(last["d_held_real"]) == (test > 1)
    assert math.isfinite(last["cov_batch"]) == (test > 5) and math.isfinite(last["d_acc"])


def test_a_signal_that_is_not_finite_is_no_divergence(begun):
    """If real images have no spread, ratios to this spread are not finite. Then the history has NaN."""
    program, state, plan, given = begun(data_of())
    flat = torch.zeros_like(state.signals.real)
    state.signals = replace(state.signals, real=flat, reference=rows_of(flat))
    assert train(program, state, plan, given, QUIET) is None
    for row in state.monitor.rows:
        assert all(math.isnan(row[name]) for name in ("div_pair", "div_nn", "div_std", "mean_shift"))
        assert math.isnan(row["div_pair_features"]) and math.isfinite(row["d_held_real"])


def test_a_row_that_shows_a_divergence_has_none(begun):
    program, state, plan, given = begun(data_of(), g_optimizer={"name": "sgd", "lr": 1e30}, d_steps=1)
    assert train(program, state, plan, given, QUIET) is not None
    assert all(math.isnan(state.monitor.rows[-1][name]) for name in SIGNALS)


def test_log_points_that_are_near_each_other_repeat_what_was_seen(begun):
    program, state, plan, given = begun(data_of(), budget={"g_steps": 24}, log_points=24, d_steps=1, batch_size=8)
    assert plan.look_steps == (1, 11, 21, 24)
    assert train(program, state, plan, given, QUIET) is None
    for name in ("div_pair", "d_held_real", "div_pair_features"):
        values = [row[name] for row in state.monitor.rows]
        assert [k + 1 for k in range(24) if k == 0 or values[k] != values[k - 1]] == list(plan.look_steps)


def test_methods_without_a_discriminator_have_what_makes_sense(begun):
    none = {"loss": None, "penalty": None, "d_optimizer": None, "d_steps": None}
    program, state, plan, given = begun(data_of(), method="vae", **none)
    train(program, state, plan, given, QUIET)
    for row in state.monitor.rows:
        assert all(math.isfinite(row[name]) for name in DIVERSITY)
        assert all(math.isnan(row[name]) for name in (*OPINION, "d_acc"))
    pixels = {"name": "pixelcnn", "width": 4, "layers": 2, "levels": 2}
    program, state, plan, given = begun(data_of(), method=pixels, **{**none, "model": None})
    assert state.signals is None, "it makes an image pixel by pixel"
    train(program, state, plan, given, QUIET)
    assert all(math.isnan(row[name]) for row in state.monitor.rows for name in SIGNALS)


def test_the_discriminator_of_a_vae_gan_is_asked_too(begun):
    program, state, plan, given = begun(data_of(), method="vae_gan", penalty=None, d_steps=None)
    train(program, state, plan, given, QUIET)
    assert all(math.isfinite(row[name]) for row in state.monitor.rows for name in (*SIGNALS, "d_acc"))
