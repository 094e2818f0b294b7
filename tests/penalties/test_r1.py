"""R1, R2 and DRAGAN equal closed forms for a linear critic, with one norm for each image, at the right points."""

import numpy as np
import pytest
import torch

from gan_bench.penalties import dragan, r1, r1_r2

W = torch.tensor([0.3, -0.4, 1.2, 0.0], dtype=torch.float64)
REAL = torch.from_numpy(np.random.default_rng(0).uniform(-1, 1, (6, 1, 2, 2)))
FAKE = torch.from_numpy(np.random.default_rng(1).uniform(-1, 1, (6, 1, 2, 2)))
DRAGAN = {"weight": 10.0, "centre": 1.0, "scale": 0.5}
NOISE = {"noise": torch.from_numpy(np.random.default_rng(2).random((6, 1, 2, 2)))}


def linear(x):
    return x.flatten(1) @ W


def square(x):
    """The critic |x|^2 / 2, whose gradient at x is x."""
    return x.flatten(1).square().sum(1) / 2


def test_of_a_linear_critic_they_are_the_norm_of_its_weight():
    norm = W.square().sum().item()
    assert r1.penalty(linear, REAL, FAKE, {}, {"gamma": 10.0}).item() == pytest.approx(5 * norm)
    assert r1_r2.penalty(linear, REAL, FAKE, {}, {"gamma": 10.0}).item() == pytest.approx(10 * norm)
    expected = 10 * (norm**0.5 - 1) ** 2
    assert dragan.penalty(linear, REAL, FAKE, NOISE, DRAGAN).item() == pytest.approx(expected)


def test_each_is_the_mean_of_single_images_terms_where_it_is_taken():
    """Each penalty is a mean over images. Its term for an image depends on the norm of the gradient at this image.

    Norms over the whole minibatch, or per pixel, would give other values.
    """
    each = [images.flatten(1).square().sum(1) for images in (REAL, FAKE)]
    assert r1.penalty(square, REAL, FAKE, {}, {"gamma": 1.0}).item() == pytest.approx(each[0].mean().item() / 2)
    both = (each[0].mean() + each[1].mean()).item() / 2
    assert r1_r2.penalty(square, REAL, FAKE, {}, {"gamma": 1.0}).item() == pytest.approx(both)
    around = REAL + 0.5 * REAL.std(correction=0) * NOISE["noise"]
    expected = 10 * (around.flatten(1).norm(dim=1) - 1).square().mean().item()
    assert dragan.penalty(square, REAL, FAKE, NOISE, DRAGAN).item() == pytest.approx(expected)


def test_the_order_of_the_minibatch_does_not_matter():
    order = torch.tensor([3, 1, 0, 5, 4, 2])
    for module, settings in ((r1, {"gamma": 1.0}), (r1_r2, {"gamma": 1.0}), (dragan, DRAGAN)):
        noise = {"noise": NOISE["noise"][order]}
        found = module.penalty(square, REAL[order], FAKE[order], noise, settings)
        torch.testing.assert_close(found, module.penalty(square, REAL, FAKE, NOISE, settings))


def test_r1_looks_at_real_images_alone_and_r2_at_both():
    other = FAKE * 3
    assert r1.penalty(square, REAL, FAKE, {}, {"gamma": 1.0}) == r1.penalty(square, REAL, other, {}, {"gamma": 1.0})
    assert r1_r2.penalty(square, REAL, FAKE, {}, {"gamma": 1.0}) < r1_r2.penalty(
        square, REAL, other, {}, {"gamma": 1.0}
    )
    assert dragan.penalty(square, REAL, FAKE, NOISE, DRAGAN) == dragan.penalty(square, REAL, other, NOISE, DRAGAN)


def test_a_zero_gradient_is_no_nan():
    weight = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    for module, settings in ((r1, {"gamma": 1.0}), (r1_r2, {"gamma": 1.0}), (dragan, DRAGAN)):
        value = module.penalty(lambda x: x.flatten(1) @ weight, REAL, FAKE, NOISE, settings)
        (gradient,) = torch.autograd.grad(value, weight)
        assert value.isfinite() and gradient.isfinite().all()


def test_dragan_s_noise_is_uniform_and_its_own_for_every_value():
    noise = dragan.draw(np.random.default_rng(0), 500, (2, 3, 3), DRAGAN)["noise"]
    assert noise.shape == (500, 2, 3, 3) and noise.dtype == np.float32
    assert noise.min() >= 0 and noise.max() < 1 and noise.mean() == pytest.approx(0.5, abs=0.01)
    assert len(np.unique(noise)) > 0.99 * noise.size
