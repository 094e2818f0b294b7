"""Runs that train together in a stack write the same bytes as runs that train alone."""

import math

import pytest
import torch

from gan_bench import paths
from gan_bench.files import read_json
from gan_bench.game.game import build_game
from gan_bench.stacking import rules, signals, stack
from gan_bench.stacking.stack import train_together
from gan_bench.stacking.training import RunRequest, train_runs
from gan_bench.train import checkpoint
from gan_bench.train.loop import Halt, Hooks, TrainingData, train
from gan_bench.train.run import train_run

MLP = {"name": "mlp", "latent_dim": 4, "g_widths": [12, 64], "d_widths": [64]}
DCGAN = {"name": "dcgan", "latent_dim": 4, "width": 4}
GP = {"loss": "wasserstein", "penalty": "gradient_penalty"}
#: Settings that differ from conftest's run: losses, penalties, optimizers, layers and tricks of every kind.
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
    "one batch of latents": {"tricks": ["shared_latents"], "d_steps": 2},
}


def contents(folder):
    return {name: (folder / name).read_bytes() for name in paths.REPEATABLE_FILES}


def together(settings, data, folder, seeds, *, watch=None, stop_after=None, **changes):
    """Train runs with these seeds together into folder/<seed>; returns their statuses."""
    asked = [RunRequest(settings(seed=seed, **changes), folder / str(seed), watch) for seed in seeds]
    return train_runs(asked, data, stop_after=stop_after)


@pytest.mark.parametrize("game", GAMES)
def test_files_are_those_of_single_runs(settings, data, tmp_path, game, monkeypatch):
    monkeypatch.setattr(signals, "PAYS_FROM", 0)
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
    assert runs <= stack.MOST + 2  # 18 runs make two stacks
    train_run(settings(seed=runs - 1), data, tmp_path / "alone")
    assert contents(tmp_path / "many" / str(runs - 1)) == contents(tmp_path / "alone")


@pytest.mark.parametrize("least", [1, 100])
def test_the_last_run_goes_on_in_a_stack_of_one_where_that_is_faster(settings, data, tmp_path, monkeypatch, least):
    groups, real = [], stack.advance
    monkeypatch.setattr(rules, "LEAST_STEPS", least)
    monkeypatch.setattr(stack, "advance", lambda game, group, *more: groups.append(group) or real(game, group, *more))
    together(settings, data, tmp_path / "one", [3])
    assert [len(group) for group in groups] == ([1] if least == 1 else [])
    train_run(settings(seed=3), data, tmp_path / "alone")
    assert contents(tmp_path / "one/3") == contents(tmp_path / "alone")


def test_an_interrupted_run_goes_on_alone_or_with_others(settings, data, tmp_path):
    for seed in range(4):
        train_run(settings(seed=seed), data, tmp_path / "straight" / str(seed))
    together(settings, data, tmp_path / "cut", [0, 1, 2], stop_after=5)
    together(settings, data, tmp_path / "cut", [1, 2], stop_after=7)
    assert train_run(settings(seed=1), data, tmp_path / "cut/1")["resumed_at_step"] == 7
    train_run(settings(seed=3), data, tmp_path / "cut/3", stop_after=2)
    # Runs 0, 2 and 3 are at steps 5, 7 and 2, and run 1 is finished. The stack first trains the
    # unfinished runs up to the same step.
    found = together(settings, data, tmp_path / "cut", range(4))
    assert [one["resumed_at_step"] for one in found] == [5, 7, 7, 2]
    for seed in range(4):
        assert contents(tmp_path / "cut" / str(seed)) == contents(tmp_path / "straight" / str(seed))


def test_a_run_that_is_halted_leaves_and_the_others_stay(settings, data, tmp_path):
    changes = {"log_points": 12}

    def watch(rows, planned):
        # Runs stop at different steps, because the stop depends on a digit of each run's loss.
        return Halt("enough") if rows[-1]["step"] >= 4 and int(rows[-1]["g_loss"] * 1e6) % 2 else None

    found = together(settings, data, tmp_path / "together", range(5), watch=watch, **changes)
    assert len({one["g_steps"] for one in found}) > 1
    for seed in range(5):
        train_run(settings(seed=seed, **changes), data, tmp_path / "alone" / str(seed), watch=watch)
        assert contents(tmp_path / "alone" / str(seed)) == contents(tmp_path / "together" / str(seed))


@pytest.mark.parametrize("broken", [[1], [0, 2], [0, 1, 2]])
def test_a_run_with_nan_does_not_touch_its_neighbours(fresh, settings, data, broken):
    """The weights of some runs are NaN from the start.

    All runs end at the same steps and with the same bits as if they trained alone.
    """
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
    train_together(game, members, own[0][2], shown, ends.__setitem__)
    assert [ends[seed] for seed in range(4)] == expected
    assert [end is not None for end in expected] == [seed in broken for seed in range(4)]
    for (_, one, _), (_, other, _) in zip(alone, own, strict=True):
        tensors, values = checkpoint._pack(one)
        others, other_values = checkpoint._pack(other)
        assert {**values, "seconds": 0} == {**other_values, "seconds": 0}
        for name, tensor in tensors.items():
            torch.testing.assert_close(others[name], tensor, rtol=0, atol=0, equal_nan=True)


def adam(lr, **more):
    return {"name": "adam", "lr": lr, **more}


def rmsprop(**more):
    return {"name": "rmsprop", **more}


#: Name of a case -> (optimizer of G, optimizer of D) for each run of a stack, and further changes of conftest's run.
#: Runs with the same pair of optimizers are not next to each other in a stack.
MIXED = {
    "adam": (
        [(adam(1e-3), adam(1e-3)), (adam(2e-4, beta1=0.9), adam(1e-3)), (adam(1e-3), adam(1e-4, eps=1e-3))] * 2,
        {},
    ),
    "whole vectors, average": (
        [(adam(1e-3), adam(1e-3)), (adam(1e-3), adam(1e-3, beta2=0.9)), (adam(5e-4), adam(1e-3))],
        {"model": MLP, "batch_size": 64, "ema": 0.9},
    ),
    "rmsprop": (
        [(rmsprop(lr=lr), rmsprop(alpha=alpha)) for lr in (1e-3, 1e-4) for alpha in (0.9, 0.5)],
        {"loss": "wasserstein", "penalty": "weight_clipping"},
    ),
    "sgd with and without momentum": (
        [(adam(1e-3), {"name": "sgd", "lr": lr, "momentum": m}) for lr, m in ((0.1, 0.0), (0.1, 0.9), (0.01, 0.9))],
        {"checkpoints": 4},
    ),
    "gradient penalty": (
        [(adam(1e-4, beta1=0.0), adam(lr, beta1=0.0, beta2=0.9)) for lr in (1e-4, 2e-4, 1e-4)],
        {**GP, "d_steps": 5, "model": {**MLP, "g_widths": [64, 64]}, "batch_size": 64, "budget": {"g_steps": 8}},
    ),
    "two time scales": ([(adam(lr), adam(lr)) for lr in (1e-3, 2e-4)], {"tricks": ["two_time_scale"]}),
    "dcgan": ([(adam(lr), adam(2e-4)) for lr in (1e-3, 2e-4)], {"model": DCGAN, "batch_size": 4}),
}  # fmt: skip


def of_optimizers(settings, pairs, **changes):
    """Settings of one run for each pair of optimizers. The runs have the seeds 0, 1, 2 and so on."""
    return [settings(seed=seed, g_optimizer=g, d_optimizer=d, **changes) for seed, (g, d) in enumerate(pairs)]


@pytest.mark.parametrize("case", MIXED)
def test_runs_of_different_optimizer_settings_leave_the_files_of_single_ones(settings, data, tmp_path, case):
    pairs, changes = MIXED[case]
    runs = of_optimizers(settings, pairs, **changes)
    found = train_runs([RunRequest(run, tmp_path / "together" / str(run["seed"])) for run in runs], data)
    assert [one["stacked"] for one in found] == [len(runs)] * len(runs)
    for run in runs:
        own, alone = tmp_path / "together" / str(run["seed"]), tmp_path / "alone" / str(run["seed"])
        status = train_run(run, data, alone)
        assert contents(own) == contents(alone)
        assert read_json(own / paths.SETTINGS) == run
        assert read_json(own / paths.STATUS)["identity"] == status["identity"]
    assert len({(tmp_path / "together" / str(run["seed"]) / paths.HISTORY).read_bytes() for run in runs}) == len(runs)


def test_a_run_that_diverges_by_its_learning_rate_does_not_touch_its_neighbours(settings, data, tmp_path):
    changes = {"loss": "wasserstein", "budget": {"g_steps": 30}, "log_points": 30}
    sgd = {"name": "sgd", "momentum": 0.9}
    pairs = [({**sgd, "lr": lr}, {**sgd, "lr": lr}) for lr in (1e-3, 1e30, 1e-3, 1e-2)]
    runs = of_optimizers(settings, pairs, **changes)
    found = train_runs([RunRequest(run, tmp_path / "together" / str(run["seed"])) for run in runs], data)
    assert [one["status"] for one in found] == ["ok", "diverged", "ok", "ok"]
    for run, one in zip(runs, found, strict=True):
        alone = train_run(run, data, tmp_path / "alone" / str(run["seed"]))
        assert {key: alone[key] for key in ("status", "reason", "step")} == {
            k: one[k] for k in ("status", "reason", "step")
        }
        assert contents(tmp_path / "together" / str(run["seed"])) == contents(tmp_path / "alone" / str(run["seed"]))


def test_checkpoints_of_mixed_runs_go_on_alone_and_of_single_ones_together(settings, data, tmp_path):
    pairs = [(adam(lr), adam(1e-3, beta1=beta)) for lr in (1e-3, 2e-4) for beta in (0.5, 0.9)]
    runs = of_optimizers(settings, pairs, ema=0.9)
    for run in runs:
        train_run(run, data, tmp_path / "straight" / str(run["seed"]))
    asked = [RunRequest(run, tmp_path / "cut" / str(run["seed"])) for run in runs]
    train_runs(asked[:3], data, stop_after=5)
    train_run(runs[3], data, tmp_path / "cut/3", stop_after=2)
    train_runs(asked[1:], data, stop_after=7)
    assert train_run(runs[2], data, tmp_path / "cut/2")["resumed_at_step"] == 7
    assert [one["resumed_at_step"] for one in train_runs(asked, data)] == [5, 7, 7, 7]
    for run in runs:
        assert contents(tmp_path / "cut" / str(run["seed"])) == contents(tmp_path / "straight" / str(run["seed"]))


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"d_steps": 1}, "d_steps"),
        ({"model": MLP}, "model.d_widths"),
        ({"g_optimizer": "rmsprop"}, "g_optimizer.name"),
        ({"tricks": ["two_time_scale"]}, "tricks"),
        ({"ema": 0.9, "d_optimizer": {"name": "adam", "lr": 1.0}}, "ema"),
    ],
)
def test_runs_that_differ_in_what_a_stack_shares_are_refused(settings, data, tmp_path, changes, key):
    asked = [RunRequest(settings(seed=0), tmp_path / "a"), RunRequest(settings(seed=1, **changes), tmp_path / "b")]
    with pytest.raises(ValueError, match=f"differ in '{key}'"):
        train_runs(asked, data)
    assert not list(tmp_path.iterdir())
