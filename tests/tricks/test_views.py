"""Tricks that change D's inputs change images by the stated amounts, and let gradients pass."""

import numpy as np
import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.tricks import diff_augment, flips, input_noise, unit_range

X = torch.rand((6, 3, 8, 8), generator=torch.Generator().manual_seed(0)) * 2 - 1
START, HALF = torch.tensor(0.0), torch.tensor(0.5)


def settings(name, **given):
    return resolve("tricks", {"name": name, **given})


def tensors(arrays):
    return {name: torch.from_numpy(value) for name, value in arrays.items()}


def test_noise_has_its_deviation_and_fades():
    chosen = settings("input_noise", sd=0.5, until=0.8)
    draws = tensors(input_noise.draw(np.random.default_rng(0), 500, (3, 8, 8), chosen))
    x = torch.zeros(500, 3, 8, 8)
    for progress, sd in ((0.0, 0.5), (0.4, 0.25), (0.8, 0.0), (0.9, 0.0)):
        seen = input_noise.view(x, draws, torch.tensor(progress), chosen)
        assert seen.std().item() == pytest.approx(sd, rel=0.01, abs=1e-7)
    constant = settings("input_noise", sd=0.5, decay="none")
    assert input_noise.view(x, draws, torch.tensor(0.9), constant).std().item() == pytest.approx(0.5, rel=0.01)


def test_flips_mirror_left_and_right_as_often_as_asked():
    chosen = settings("flips", p=0.3)
    draws = tensors(flips.draw(np.random.default_rng(0), 6, (3, 8, 8), chosen))
    seen = flips.real(X, draws, chosen)
    for i in range(6):
        assert torch.equal(seen[i], X[i].flip(2) if draws["u"][i, 0, 0, 0] < 0.3 else X[i])
    many = flips.draw(np.random.default_rng(1), 20_000, (1, 1, 1), chosen)["u"]
    assert (many < 0.3).mean() == pytest.approx(0.3, abs=0.01)


def test_d_sees_the_unit_range():
    seen = unit_range.view(X, {}, START, settings("unit_range"))
    torch.testing.assert_close(seen, (X + 1) / 2)


def augmented(u, **given):
    off = {"color": False, "translation": 0.0, "cutout": 0.0}
    return diff_augment.view(X, {"u": u}, START, settings("diff_augment", **{**off, **given}))


def test_the_neutral_draw_changes_no_colour():
    """The random number u = 1/2 changes neither brightness nor contrast nor saturation."""
    torch.testing.assert_close(augmented(torch.full((6, 7), 0.5), color=True), X)


def test_colour_shifts_scales_about_grey_and_about_the_mean():
    u = torch.full((6, 7), 0.5)
    u[0, 0], u[1, 1], u[2, 2] = 0.9, 0.0, 0.0
    seen = augmented(u, color=True)
    torch.testing.assert_close(seen[0], X[0] + 0.4)
    torch.testing.assert_close(seen[1], X[1].mean(0, keepdim=True).expand(3, 8, 8))
    mean = X[2].mean()
    torch.testing.assert_close(seen[2], (X[2] - mean) * 0.5 + mean)


def test_translation_is_by_whole_pixels_and_brings_in_black():
    u = torch.full((6, 7), 0.5)
    u[0, 3], u[1, 4] = 0.0, 0.999  # the largest shifts: up for image 0, right for image 1
    seen = augmented(u, translation=0.25)
    assert torch.equal(seen[2], X[2])
    assert torch.equal(seen[0, :, :6], X[0, :, 2:]) and (seen[0, :, 6:] == -1).all()
    assert torch.equal(seen[1, :, :, 2:], X[1, :, :, :6]) and (seen[1, :, :, :2] == -1).all()


def test_every_shift_is_as_likely():
    u = torch.from_numpy(np.random.default_rng(0).random((5000, 7), dtype=np.float32))
    column = torch.arange(8.0).expand(5000, 1, 8, 8)
    moved = diff_augment._translated(column, u[:, 3:5], 0.25)[:, 0, 4, 4] - 4
    shares = torch.stack([(moved == k).float().mean() for k in range(-2, 3)])
    assert (shares - 0.2).abs().max() < 0.03


def test_the_cut_is_a_square_of_its_size_inside_and_smaller_at_the_edge():
    u = torch.full((6, 7), 0.5)
    u[1, 5:] = 0.0
    seen = augmented(u, cutout=0.5)
    holes = (seen == 0).all(dim=1).sum(dim=(1, 2))
    assert holes[0] == 16 and 0 < holes[1] < 16
    kept = (seen != 0).any(dim=1, keepdim=True)
    assert torch.equal(torch.where(kept, seen, X), X), "outside the cut nothing changes"


def test_gradients_flow_through_and_each_image_has_its_own_change():
    x = X.clone().requires_grad_()
    draws = tensors(diff_augment.draw(np.random.default_rng(0), 6, (3, 8, 8), settings("diff_augment")))
    seen = diff_augment.view(x, draws, START, settings("diff_augment"))
    (gradient,) = torch.autograd.grad(seen[2].sum(), x)
    assert gradient[2].abs().sum() > 0 and gradient[[0, 1, 3, 4, 5]].abs().sum() == 0
    same = X[:1].expand(6, 3, 8, 8)
    seen = diff_augment.view(same, draws, START, settings("diff_augment"))
    assert len(torch.unique(seen.flatten(1), dim=0)) == 6
