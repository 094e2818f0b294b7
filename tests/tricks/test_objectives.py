"""Tricks that change labels, losses, optimizers and heads of D agree with closed forms."""

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from gan_bench.config.grammar.reference import resolve
from gan_bench.game.loss import Loss, with_soft_targets
from gan_bench.registry import load
from gan_bench.tricks import (
    Scene,
    auxiliary_classifier,
    d_steps_schedule,
    label_flipping,
    label_smoothing,
    latent_law,
    mixed_batch,
    mutual_information,
    non_saturating_g,
    sgd_discriminator,
    swapped_labels,
    two_time_scale,
)

REAL, FAKE = torch.tensor([1.0, -2.0, 0.3]), torch.tensor([0.5, 3.0, -1.0])


def loss(name):
    return Loss(load("losses", name), resolve("losses", name), {}).at({})


def settings(name, **given):
    return resolve("tricks", {"name": name, **given})


def rng(seed=0):
    return np.random.default_rng(seed)


def test_flipped_labels_for_g_make_the_minimax_game_non_saturating():
    found = non_saturating_g.generator_loss(loss("minimax"), None, FAKE, settings("non_saturating_g"))
    torch.testing.assert_close(found, loss("non_saturating").generator(None, FAKE))
    assert not torch.isclose(found, loss("minimax").generator(None, FAKE))


def test_swapped_labels_are_the_game_of_a_discriminator_of_the_other_sign():
    mirrored = [swapped_labels.logits(logits, settings("swapped_labels")) for logits in (REAL, FAKE)]
    one, other = loss("minimax").discriminator(*mirrored), loss("minimax").discriminator(FAKE, REAL)
    torch.testing.assert_close(sum(one), sum(other))


def test_smoothed_targets_are_uniform_between_their_bounds_and_give_the_cross_entropy_with_them():
    chosen = settings("label_smoothing", fake_high=0.3)
    draws = {"u": torch.from_numpy(label_smoothing.draw(rng(), 100_000, (1, 1, 1), chosen)["u"])}
    real = label_smoothing.targets(torch.ones(100_000), draws, True, chosen)
    fake = label_smoothing.targets(torch.zeros(100_000), draws, False, chosen)
    for t, low, high in ((real, 0.7, 1.2), (fake, 0.0, 0.3)):
        assert low <= t.min() and t.max() <= high
        assert t.mean().item() == pytest.approx((low + high) / 2, abs=2e-3)
    t_real, t_fake = real[:3], fake[:3]
    found = with_soft_targets(loss("non_saturating"), REAL, FAKE, t_real, t_fake)
    torch.testing.assert_close(found[0], binary_cross_entropy_with_logits(REAL, t_real))
    torch.testing.assert_close(found[1], binary_cross_entropy_with_logits(FAKE, t_fake))


def test_one_sided_smoothing_leaves_generated_images_alone():
    chosen = settings("label_smoothing", real_low=0.9, real_high=0.9)
    draws = {"u": torch.rand(5, generator=torch.Generator().manual_seed(0))}
    assert torch.equal(label_smoothing.targets(torch.zeros(5), draws, False, chosen), torch.zeros(5))
    torch.testing.assert_close(label_smoothing.targets(torch.ones(5), draws, True, chosen), torch.full((5,), 0.9))


def test_smoothed_least_squares_is_the_distance_from_the_code_between_up_to_a_constant():
    t = torch.tensor([0.9, 0.7, 1.2])
    found, _ = with_soft_targets(loss("least_squares"), REAL, FAKE, t, torch.zeros(3))
    torch.testing.assert_close(found, ((REAL - t).square() + t * (1 - t)).mean())


def test_labels_flip_with_the_given_probability():
    chosen = settings("label_flipping", p=0.2)
    draws = {"u": torch.from_numpy(label_flipping.draw(rng(), 50_000, (1, 1, 1), chosen)["u"])}
    t = label_flipping.targets(torch.ones(50_000), draws, True, chosen)
    assert set(t.unique().tolist()) == {0.0, 1.0} and (t == 0).float().mean().item() == pytest.approx(0.2, abs=0.01)
    assert torch.equal(label_flipping.targets(torch.zeros(50_000), draws, False, chosen), 1 - t)


def test_one_call_of_d_on_both_minibatches_is_split_again():
    calls = []

    def d(x):
        calls.append(len(x))
        return x.flatten(1).mean(1) - x.mean()

    real, fake = torch.ones(4, 1, 2, 2), torch.zeros(3, 1, 2, 2)
    on_real, on_fake = mixed_batch.judge(d, real, fake, settings("mixed_batch"))
    assert calls == [7] and len(on_real) == 4 and len(on_fake) == 3
    torch.testing.assert_close(on_real[0] - on_fake[0], torch.tensor(1.0))


def test_learning_rates_of_two_time_scales_and_sgd_for_d():
    g, d = resolve("optimizers", {"name": "adam", "lr": 0.5}), resolve("optimizers", {"name": "adam", "lr": 0.25})
    slow, fast = two_time_scale.optimizers(g, d, settings("two_time_scale"))
    assert (slow["lr"], fast["lr"]) == (0.25, 0.5) and slow["beta1"] == g["beta1"]
    kept, sgd = sgd_discriminator.optimizers(g, d, settings("sgd_discriminator", lr=0.03))
    assert kept == g and sgd == resolve("optimizers", {"name": "sgd", "lr": 0.03})


def test_the_warm_up_is_that_of_the_wgan_code():
    chosen = settings("d_steps_schedule")
    counts = [d_steps_schedule.d_steps(step, 5, chosen) for step in range(1100)]
    assert counts[:25] == [100] * 25 and counts[25:500] == [5] * 475
    assert [step for step in range(25, 1100) if counts[step] == 100] == [500, 1000]
    never = settings("d_steps_schedule", first=0, every=0)
    assert {d_steps_schedule.d_steps(step, 5, never) for step in range(600)} == {5}


def test_laws_of_the_noise():
    uniform = latent_law.latent(rng(), 20_000, 3, settings("latent_law"))
    assert uniform.dtype == np.float32 and uniform.min() >= -1 and uniform.max() < 1
    assert uniform.std() == pytest.approx(3**-0.5, rel=0.01)
    sphere = latent_law.latent(rng(), 5000, 7, settings("latent_law", law="spherical"))
    assert np.allclose(np.linalg.norm(sphere, axis=1), 7**0.5, rtol=1e-5)
    assert np.abs(sphere.mean(axis=0)).max() < 0.05
    few = latent_law.latent(rng(), 10, 7, settings("latent_law", law="spherical"))
    assert np.array_equal(few, sphere[:10])


def test_the_class_term_is_the_cross_entropy_and_log_k_for_a_blind_head():
    scores = torch.tensor([[2.0, 0.0, -1.0], [0.5, 0.5, 0.5]])
    classes = torch.tensor([[1.0, 0, 0], [0, 0, 1.0]])
    chosen = settings("auxiliary_classifier", weight=2.0)
    expected = 2 * torch.nn.functional.cross_entropy(scores, torch.tensor([0, 2]))
    for real in (True, False):
        torch.testing.assert_close(auxiliary_classifier.auxiliary(scores, classes, None, real, chosen), expected)
    blind = auxiliary_classifier.auxiliary(torch.zeros(2, 3), classes, None, True, settings("auxiliary_classifier"))
    assert blind.item() == pytest.approx(math.log(3))
    assert auxiliary_classifier.head_width(Scene((1, 8, 8), 1, 4, 10), chosen) == 10


def test_codes_have_their_laws_and_fewer_are_a_beginning_of_more():
    chosen = settings("mutual_information", categories=4, continuous=2)
    codes = mutual_information.code(rng(), 20_000, chosen)
    assert codes.shape == (20_000, 6) == (20_000, mutual_information.code_width(chosen)) and codes.dtype == np.float32
    assert (codes[:, :4].sum(axis=1) == 1).all() and np.abs(codes[:, :4].mean(axis=0) - 0.25).max() < 0.02
    assert (
        codes[:, 4:].min() >= -1 and codes[:, 4:].max() < 1 and codes[:, 4:].std() == pytest.approx(3**-0.5, rel=0.02)
    )
    assert np.array_equal(mutual_information.code(rng(), 7, chosen), codes[:7])


def test_the_bound_is_the_entropy_where_the_head_knows_the_code_and_zero_where_it_knows_nothing():
    """The bound of the mutual information is L_I = H(c) - A, here for one categorical code.

    A is the loss term that `auxiliary` returns. The bound is ln 4 if the head is certain of the code, and 0 if the head
    knows nothing.
    """
    chosen = settings("mutual_information", categories=4, continuous=0)
    codes = torch.eye(4)
    sure = mutual_information.auxiliary(60 * codes, None, codes, False, chosen)
    blind = mutual_information.auxiliary(torch.zeros(4, 4), None, codes, False, chosen)
    assert sure.item() == pytest.approx(0, abs=1e-6) and blind.item() == pytest.approx(math.log(4))
    assert mutual_information.auxiliary(codes, None, codes, True, chosen) is None, "nobody knows a real image's code"


def test_a_continuous_code_has_the_density_of_a_unit_normal_law():
    chosen = settings("mutual_information", categories=2, continuous=1, continuous_weight=1.0)
    codes, head = torch.tensor([[1.0, 0.0, 0.3]]), torch.tensor([[60.0, -60.0, -0.4]])
    expected = -torch.distributions.Normal(-0.4, 1.0).log_prob(torch.tensor(0.3))
    torch.testing.assert_close(mutual_information.auxiliary(head, None, codes, False, chosen), expected)
