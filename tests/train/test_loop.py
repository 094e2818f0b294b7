"""The training loop makes the right number of D steps, each on a new minibatch. Log points change no result."""

from unittest import mock

import pytest
import torch

from gan_bench.game import latent, rounds
from gan_bench.game.step import DISCRIMINATOR_STATS
from gan_bench.methods import adversarial
from gan_bench.train.loop import Hooks, TrainingData, iterate, train
from gan_bench.train.monitor import SIGNALS

IMAGES = torch.randint(0, 256, (40, 1, 8, 8), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
DATA = TrainingData(IMAGES)
QUIET = Hooks(save=lambda _state: None, save_seconds=float("inf"), logged=lambda _state: None)


@pytest.mark.parametrize("d_steps", [1, 3])
def test_each_generator_step_comes_after_so_many_discriminator_steps_on_fresh_batches(fresh, d_steps):
    program, state, plan = fresh(d_steps=d_steps)
    calls = []

    def d_step(_game, _d, real, fake, _draws, _progress):
        calls.append(("d", real["images"], fake["z"]))
        return torch.zeros(len(DISCRIMINATOR_STATS))

    def g_step(_game, _g, _d, z, real, fake_draws, progress):
        calls.append(("g", real["images"], z))
        return torch.zeros(2)

    with (
        mock.patch.multiple(
            rounds, discriminator_step=d_step, generated_minibatch=lambda _game, _g, z, _draws: {"z": z}
        ),
        mock.patch.object(adversarial, "generator_step", g_step),
    ):
        for _ in range(2):
            iterate(program, state, plan, DATA)
    assert "".join(kind for kind, _, _ in calls) == ("d" * d_steps + "g") * 2
    noises = torch.stack([z for _, _, z in calls])
    assert len(torch.unique(noises.flatten(1), dim=0)) == len(calls), "no noise is used twice"
    shown = torch.cat([real for kind, real, _ in calls if kind == "d"])
    first = min(len(shown), 40)
    assert len(torch.unique(shown[:first].flatten(1), dim=0)) == first, "an epoch shows each image once"
    assert shown.dtype == torch.float32 and shown.min() == -1 and shown.max() == 1
    last = [real for kind, real, _ in calls[:-1] if kind == "d"][-1]
    assert torch.equal(calls[-1][1], last)


def test_shared_latents_are_those_of_the_last_discriminator_step(fresh, monkeypatch):
    program, state, plan = fresh(d_steps=2, tricks=["shared_latents"])
    noises = []
    generated, step = rounds.generated_minibatch, adversarial.generator_step

    def seen_by_d(game, g, z, draws):
        noises.append(z)
        return generated(game, g, z, draws)

    def seen_by_g(game, g, d, z, real, fake_draws, progress):
        noises.append(z)
        return step(game, g, d, z, real, fake_draws, progress)

    monkeypatch.setattr(rounds, "generated_minibatch", seen_by_d)
    monkeypatch.setattr(adversarial, "generator_step", seen_by_g)
    iterate(program, state, plan, DATA)
    assert not torch.equal(noises[0], noises[1]) and torch.equal(noises[1], noises[2])


def test_the_stats_of_every_step_are_collected(fresh):
    program, state, plan = fresh()
    assert train(program, state, plan, DATA, QUIET) is None
    assert [row["step"] for row in state.monitor.rows] == [3, 6, 9, 12]
    assert [row["d_step"] for row in state.monitor.rows] == [6, 12, 18, 24]
    assert [row["images"] for row in state.monitor.rows] == [48, 96, 144, 192]
    assert [step for step, _ in state.frames] == [0, 6, 12]


def final(fresh, **changes):
    program, state, plan = fresh(**changes)
    train(program, state, plan, DATA, QUIET)
    return state


def test_how_often_it_is_looked_at_does_not_change_the_training(fresh):
    plain, watched = final(fresh), final(fresh, log_points=12, snapshots=13)
    for player, one in plain.players.items():
        for name, tensor in one.tensors.items():
            assert torch.equal(tensor, watched.players[player].tensors[name])
    assert len(watched.frames) == 13 and len(watched.monitor.rows) == 12


def test_a_purpose_that_draws_more_leaves_the_others_alone(fresh):
    plain, penalised = final(fresh), final(fresh, penalty="gradient_penalty")
    same = {k: plain.rngs[k].bit_generator.state == penalised.rngs[k].bit_generator.state for k in plain.rngs}
    assert not same.pop("penalty") and all(same.values())


def test_latents_that_are_not_finite_stop_the_run_with_their_step(fresh, monkeypatch):
    """With 2 D steps per G step, latents 20 and 21 belong to D step 14 and G step 7."""
    draw = latent.LatentLayout.draw
    for call, step, words in ((20, 7, "discriminator step 14"), (21, 7, "generator step 7"), (1, 1, "step 1,")):
        monkeypatch.undo()
        program, state, plan = fresh()
        count = 0

        def draw_bad(*args, call=call):
            nonlocal count
            count += 1
            return draw(*args) * (float("nan") if count == call else 1)

        monkeypatch.setattr(latent.LatentLayout, "draw", draw_bad)
        found = train(program, state, plan, DATA, QUIET)
        assert found.step == step and words in found.reason
        assert state.monitor.rows[-1]["step"] == step


def test_weights_broken_by_the_last_update_of_a_window_are_found(fresh):
    """With this learning rate of SGD, the first step has finite losses and gradients, but weights overflow after it."""
    program, state, plan = fresh(d_steps=1, budget={"g_steps": 1}, g_optimizer={"name": "sgd", "lr": 1e30})
    found = train(program, state, plan, DATA, QUIET)
    assert (found.step, found.reason) == (1, "the norm of the generator's weights is inf after generator step 1")
    assert all(abs(value) < 1e6 for name, value in state.monitor.rows[0].items() if name not in SIGNALS)


def test_it_saves_by_the_clock_and_where_it_is_told_to_stop(fresh):
    program, state, plan = fresh()
    saved = []
    hooks = Hooks(lambda s: saved.append(s.step), 0.0, lambda _s: None, stop_after=4)
    train(program, state, plan, DATA, hooks)
    assert saved == [1, 2, 3, 4, 4] and state.step == 4 and state.seconds > 0
