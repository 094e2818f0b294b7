"""Hinge loss: logits beyond the margin do not count in D's loss."""

import torch

from gan_bench.losses import hinge


def test_logits_beyond_the_margin_have_no_gradient_and_those_within_the_full_one():
    real = torch.tensor([2.0, 0.5, -3.0], requires_grad=True)
    fake = torch.tensor([-2.0, -0.5, 3.0], requires_grad=True)
    real_half, fake_half = hinge.discriminator(real, fake, {})
    assert real_half.item() == torch.tensor([0.0, 0.5, 4.0]).mean() == fake_half.item()
    d_real, d_fake = torch.autograd.grad(real_half + fake_half, [real, fake])
    assert d_real.tolist() == [0.0, -1 / 3, -1 / 3] or torch.allclose(d_real, torch.tensor([0.0, -1 / 3, -1 / 3]))
    assert torch.allclose(d_fake, torch.tensor([0.0, 1 / 3, 1 / 3]))
