"""Runs that train together leave the bytes that each of them leaves alone."""

import math

import pytest
import torch

from gan_bench import paths
from gan_bench.files import read_json
from gan_bench.game.game import build_game
from gan_bench.train import checkpoint, stacked
from gan_bench.train.loop import Halt, Hooks, TrainingData, train
from gan_bench.train.run import train_run
from gan_bench.train.stacked import train_together
from gan_bench.train.stacked_run import Asked, train_runs

MLP = {"name": "mlp", "latent_dim": 4, "g_widths": [12, 64], "d_widths": [64]}
DCGAN = {"name": "dcgan", "latent_dim": 4, "width": 4}
GP = {"loss": "wasserstein", "penalty": "gradient_penalty"}
#: What differs from conftest's run: losses, penalties, optimizers, layers and tricks of every kind.
GAMES = {
    "plain": {},
    "whole vectors": {"model": MLP, "batch_size": 64, "snapshots": 2},
    "gradient penalty, sgd": {**GP, "d_optimizer": {"name": "sgd", "momentum": 0.9}, "checkpoints": 4},
    "clipping, rmsprop": {"loss": "wasserstein", "penalty": "weight_clipping", "d_optimizer": "rmsprop", "ema": 0.9},
    "dragan, average": {"penalty": "dragan", "model": {**MLP}, "ema": 0.99},
    "relativistic": {"loss": "relativistic", "penalty": "r1_r2"},
    "dcgan": {"model": DCGAN, "batch_size": 4},
    "spectral dcgan": {
        "model": {**DCGAN, "d_norm": "none"},
        "loss": "hinge",
        "tricks": ["spectral_norm"],
        "d_steps": 1,
    },
    "targets": {"tricks": ["label_flipping", "label_smoothing", "input_noise"]},
    "views": {"tricks": ["diff_augment", "minibatch_discrimination", "generator_dropout"], "ema": 0.9},
    "packs and codes": {"tricks": ["packing"], "loss": "least_squares", "g_optimizer": "rmsprop"},
    "codes": {"tricks": ["mutual_information", "minibatch_stddev"]},
}


def contents(folder):
    return {name: (folder / name).read_bytes() for name in paths.REPEATABLE_FILES}


def together(settings, data, folder, seeds, *, watch=None, stop_after=None, **changes):
    """Statuses of runs of those seeds, trained together into folder/<seed>."""
    asked = [Asked(settings(seed=seed, **changes), folder / str(seed), watch) for seed in seeds]
    return train_runs(asked, data, stop_after=stop_after)


@pytest.mark.parametrize("game", GAMES)
def test_files_are_those_of_single_runs(settings, data, tmp_path, game):
    changes = GAMES[game]
    found = together(settings, data, tmp_path / "together", [3, 4], **changes)
    assert [one["stacked"] for one in found] == [2, 2]
    for seed in (3, 4):
        alone = train_run(settings(seed=seed, **changes), data, tmp_path / "alone" / str(seed))
        assert contents(tmp_path / "alone" / str(seed)) == contents(tmp_path / "together" / str(seed))
        same = set(alone) - {"seconds", "steps_per_second", "checksum", "stacked", "provenance"}
        same -= {"peak_memory_mb", "peak_memory_of"}
        status = read_json(tmp_path / "together" / str(seed) / paths.STATUS)
        assert {key: alone[key] for key in same} == {key: status[key] for key in same}


@pytest.mark.parametrize("runs", [1, 2, 5, 18])
def test_who_shares_the_stack_changes_nothing(settings, data, tmp_path, runs):
    together(settings, data, tmp_path / "many", range(runs))
    assert runs <= stacked.MOST + 2  # 18 are two stacks
    train_run(settings(seed=runs - 1), data, tmp_path / "alone")
    assert contents(tmp_path / "many" / str(runs - 1)) == contents(tmp_path / "alone")


def test_an_interrupted_run_goes_on_alone_or_with_others(settings, data, tmp_path):
    for seed in range(4):
        train_run(settings(seed=seed), data, tmp_path / "straight" / str(seed))
    together(settings, data, tmp_path / "cut", [0, 1, 2], stop_after=5)
    together(settings, data, tmp_path / "cut", [1, 2], stop_after=7)
    assert train_run(settings(seed=1), data, tmp_path / "cut/1")["resumed_at_step"] == 7
    train_run(settings(seed=3), data, tmp_path / "cut/3", stop_after=2)
    # Steps 5, finished, 7 and 2: they are brought together again.
    found = together(settings, data, tmp_path / "cut", range(4))
    assert [one["resumed_at_step"] for one in found] == [5, 7, 7, 2]
    for seed in range(4):
        assert contents(tmp_path / "cut" / str(seed)) == contents(tmp_path / "straight" / str(seed))


def test_a_run_that_is_halted_leaves_and_the_others_stay(settings, data, tmp_path):
    changes = {"log_points": 12}

    def watch(rows, planned):
        # Not the same step for all: by a bit of their own losses.
        return Halt("enough") if rows[-1]["step"] >= 4 and int(rows[-1]["g_loss"] * 1e6) % 2 else None

    found = together(settings, data, tmp_path / "together", range(5), watch=watch, **changes)
    assert len({one["g_steps"] for one in found}) > 1
    for seed in range(5):
        train_run(settings(seed=seed, **changes), data, tmp_path / "alone" / str(seed), watch=watch)
        assert contents(tmp_path / "alone" / str(seed)) == contents(tmp_path / "together" / str(seed))


@pytest.mark.parametrize("broken", [[1], [0, 2], [0, 1, 2]])
def test_a_run_with_nan_does_not_touch_its_neighbours(fresh, settings, data, broken):
    """Weights of some runs are NaN from the start, alone and together: bits, ends and steps agree."""
    shown = TrainingData(torch.from_numpy(data.images("train").copy()))
    quiet = Hooks(save=lambda _: None, save_seconds=math.inf, logged=lambda _: None)

    def begun(seed):
        program, state, plan = fresh(seed=seed)
        if seed in broken:
            with torch.no_grad():
                next(iter(state.players["discriminator"].parameters.values()))[0, 0] = math.nan
        return program, state, plan

    alone, ends, own = [begun(seed) for seed in range(4)], {}, [begun(seed) for seed in range(4)]
    expected = [train(program, state, plan, shown, quiet) for program, state, plan in alone]
    game = build_game(settings(), (1, 8, 8))
    members = [(program, state, quiet) for program, state, _ in own]
    train_together(game, settings(), members, own[0][2], shown, ends.__setitem__)
    assert [ends[seed] for seed in range(4)] == expected
    assert [end is not None for end in expected] == [seed in broken for seed in range(4)]
    for (_, one, _), (_, other, _) in zip(alone, own, strict=True):
        tensors, values = checkpoint._pack(one)
        others, other_values = checkpoint._pack(other)
        assert {**values, "seconds": 0} == {**other_values, "seconds": 0}
        for name, tensor in tensors.items():
            torch.testing.assert_close(others[name], tensor, rtol=0, atol=0, equal_nan=True)


def test_runs_that_differ_in_more_than_their_seeds_are_refused(settings, data, tmp_path):
    asked = [Asked(settings(seed=0), tmp_path / "a"), Asked(settings(seed=1, d_steps=1), tmp_path / "b")]
    with pytest.raises(ValueError, match="seeds alone"):
        train_runs(asked, data)
