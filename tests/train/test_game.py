"""The parts of a run are built from its settings, and settings that contradict each other are refused."""

import numpy as np
import pytest
import torch

from gan_bench.errors import UserError
from gan_bench.game.game import build_game, draw_latents
from gan_bench.seeds import generator


def build(run):
    game = build_game(run, (1, 8, 8))
    game.initialise(generator(run["seed"], "init"))
    return game


def test_what_a_penalty_lacks_is_absent_and_draws_nothing(settings):
    game = build(settings())
    assert game.penalty is None and game.after_step is None
    assert game.penalty_draw(np.random.default_rng(0), 8, (1, 8, 8)) == {}
    clipped = build(settings(penalty="weight_clipping"))
    assert clipped.penalty is None and clipped.after_step is not None


def test_settings_are_bound_to_what_they_belong_to(settings):
    game = build(settings(loss={"name": "least_squares", "c": 3.0}, penalty={"name": "weight_clipping", "clip": 0.5}))
    assert game.generator_loss(game.loss.at({}), None, torch.tensor([1.0])).item() == 4.0
    weight = torch.tensor([2.0])
    game.after_step([weight])
    assert weight.item() == 0.5
    assert (game.output, game.latent_dim, game.generator_needs_real) == ("raw", 4, False)


def test_a_loss_says_that_its_generator_half_needs_real_images(settings, needy_loss):
    assert build(settings(loss=needy_loss)).generator_needs_real


def test_a_per_sample_penalty_refuses_a_critic_that_couples_its_batch(settings):
    dcgan = {"name": "dcgan", "latent_dim": 4, "width": 4, "d_norm": "batch"}
    with pytest.raises(UserError, match="'gradient_penalty' needs a critic that judges each image alone"):
        build(settings(model=dcgan, penalty="gradient_penalty"))
    build(settings(model={**dcgan, "d_norm": "layer"}, penalty="gradient_penalty"))


def test_the_seed_decides_the_parameters(settings):
    first, again, other = (build(settings(seed=seed)).generator.module for seed in (0, 0, 1))
    assert torch.equal(first[0].weight, again[0].weight)
    assert not torch.equal(first[0].weight, other[0].weight)


def test_fewer_latents_are_a_beginning_of_more():
    few, many = (draw_latents(np.random.default_rng(3), n, 5) for n in (10, 300))
    assert many.dtype == np.float32 and np.array_equal(few, many[:10])
