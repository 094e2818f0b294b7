"""The Wasserstein loss: differences of the critic's means."""

import torch

from gan_bench.losses import wasserstein


def test_minus_the_sum_of_the_halves_is_the_distance_for_the_best_critic():
    """For two point masses at a distance of 3, the 1-Lipschitz critic f(x) = -x attains W = 3."""
    real, fake = -torch.full((4,), 2.0), -torch.full((6,), 5.0)
    real_half, fake_half = wasserstein.discriminator(real, fake, {})
    assert -(real_half + fake_half).item() == 3.0
    assert wasserstein.generator(None, fake, {}).item() == 5.0


def test_gradients_are_constant():
    real, fake = torch.tensor([5.0, -1e4], requires_grad=True), torch.tensor([0.0, 50.0], requires_grad=True)
    d_real, d_fake = torch.autograd.grad(sum(wasserstein.discriminator(real, fake, {})), [real, fake])
    (g_fake,) = torch.autograd.grad(wasserstein.generator(None, fake, {}), fake)
    assert d_real.tolist() == [-0.5, -0.5] and d_fake.tolist() == [0.5, 0.5] and g_fake.tolist() == [-0.5, -0.5]
