"""Grids and animations keep the grey values of images, and writing the same images twice gives the same bytes."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from gan_bench.game.network import copy_of
from gan_bench.train import loop, snapshot


def noise(n=64, shape=(1, 8, 8), seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), dtype=np.uint8)


def tile(grid, row, column, side):
    """Pixels of one enlarged image of a grid."""
    step = side + snapshot.PADDING
    top, left = row * step + snapshot.PADDING, column * step + snapshot.PADDING
    return np.asarray(grid)[top : top + side, left : left + side]


@pytest.mark.parametrize(("size", "factor"), [(8, 8), (28, 2), (64, 1), (100, 1)])
def test_images_stand_row_by_row_enlarged_by_a_whole_factor(size, factor):
    images, side = noise(shape=(1, size, size)), size * factor
    grid = snapshot.grid_image(images)
    assert grid.size == (8 * (side + 2) + 2,) * 2 and grid.mode == "L"
    for row, column in ((0, 0), (0, 7), (3, 5), (7, 7)):
        shown = tile(grid, row, column, side)
        assert np.array_equal(shown[::factor, ::factor], images[8 * row + column, 0])
        assert np.array_equal(shown[factor - 1 :: factor, factor - 1 :: factor], images[8 * row + column, 0])
    assert (np.asarray(grid)[:2] == snapshot.BACKGROUND).all()


def test_grey_values_are_not_stretched():
    flat = np.full((4, 1, 8, 8), 100, np.uint8)
    flat[0, 0, 0, 0] = 101
    assert set(np.unique(snapshot.grid_image(flat))) == {snapshot.BACKGROUND, 100, 101}


def test_three_channels_are_colours_and_other_counts_are_averaged():
    colours = noise(shape=(3, 64, 64))
    grid = snapshot.grid_image(colours)
    assert grid.mode == "RGB"
    assert np.array_equal(tile(grid, 0, 1, 64), colours[1].transpose(1, 2, 0))
    two = noise(shape=(2, 64, 64))
    assert np.array_equal(tile(snapshot.grid_image(two), 0, 0, 64), np.rint(two[0].mean(axis=0)))


@pytest.mark.parametrize(("n", "columns", "rows"), [(1, 1, 1), (5, 3, 2), (12, 4, 3), (64, 8, 8)])
def test_any_number_of_images_has_a_grid(n, columns, rows):
    grid = snapshot.grid_image(noise(n, (1, 64, 64)))
    assert grid.size == (columns * 66 + 2, rows * 66 + 2)


def test_images_are_drawn_in_eval_mode_and_leave_the_buffers(fresh):
    program, state, _ = fresh()
    g, z = state.players["generator"], state.snapshot_latents
    before = copy_of(g.buffers)
    every = loop.picture(program, state)
    assert every.shape == (64, 1, 8, 8) and every.dtype == np.uint8
    assert before and all(torch.equal(g.buffers[name], before[name]) for name in before)
    alone = snapshot.draw_images(program.images(g.tensors, z[5:6]))
    assert np.abs(alone[0].astype(int) - every[5]).max() <= 1, "an image does not depend on the others"


def test_an_image_that_is_not_finite_is_a_cross():
    images = torch.rand((6, 1, 8, 8), generator=torch.Generator().manual_seed(0)) * 2 - 1
    expected = snapshot.draw_images(images)
    found = snapshot.draw_images(torch.cat([images[:1] * torch.nan, images[1:]]))
    assert np.array_equal(found[1:], expected[1:])
    assert set(np.unique(found[0])) == {0, 255} and np.array_equal(found[0], found[0][:, ::-1])
    assert (np.diagonal(found[0, 0]) == 255).all() and found[0, 0, 0, 4] == 0


@pytest.mark.parametrize("channels", [1, 3])
def test_the_animation_has_a_frame_for_each_step_and_holds_the_last(tmp_path, channels):
    frames = [(step, noise(16, (channels, 8, 8), seed=1)) for step in (0, 500, 1000)]
    for name in ("a.gif", "b.gif"):
        snapshot.write_progress(tmp_path / name, frames)
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.info["loop"] == 0
        shown = [(frame.info["duration"], np.asarray(frame.convert("RGB"))) for frame in ImageSequence.Iterator(gif)]
    assert [duration for duration, _ in shown] == [snapshot.FRAME_MS] * 2 + [snapshot.LAST_FRAME_MS]
    strips = [pixels[-snapshot.LABEL_HEIGHT :] for _, pixels in shown]
    # The palette of a GIF rounds colours.
    assert all(strip.max() > 200 and strip.min() < 60 for strip in strips)
    assert not np.array_equal(strips[0], strips[1]), "frames of equal images still tell their steps"


def test_grey_survives_the_animation_unchanged(tmp_path):
    images = noise(4, (1, 64, 64))
    snapshot.write_progress(tmp_path / "a.gif", [(7, images)])
    with Image.open(tmp_path / "a.gif") as gif:
        assert np.array_equal(tile(gif.convert("L"), 1, 1, 64), images[3, 0])


def test_samples_are_a_png_of_the_grid(tmp_path):
    images = noise()
    snapshot.write_samples(tmp_path / "samples.png", images)
    with Image.open(tmp_path / "samples.png") as png:
        assert png.format == "PNG" and np.array_equal(png, snapshot.grid_image(images))


def test_points_are_dots_in_a_square_of_fixed_range(tmp_path):
    points = torch.tensor([[-1.0, -1.0], [1.0, 1.0], [0.0, 0.5], [torch.nan, 0.0], [7.0, 0.0]]).reshape(5, 2, 1, 1)
    kept = snapshot.draw_images(points)
    assert kept.dtype == np.float32 and np.array_equal(kept, points.numpy(), equal_nan=True)
    grey = np.asarray(snapshot.grid_image(kept))
    dots = np.argwhere(grey == snapshot.DOT)
    corners = (dots[:, 0].min(), dots[:, 0].max(), dots[:, 1].min(), dots[:, 1].max())
    side = snapshot.PLANE
    assert corners[0] + corners[1] == side - 1 and corners[2] + corners[3] == side - 1, (
        "(-1, -1) is below left of (1, 1)"
    )
    assert len(dots) == 3 * snapshot.DOT_SIDE**2, "what is not finite or outside is not drawn"
    middle = dots[np.abs(dots[:, 1] - side // 2) <= 2]
    assert len(middle) and (middle[:, 0] < side // 2).all(), "up is positive"
    for name in ("a.gif", "b.gif"):
        snapshot.write_progress(tmp_path / name, [(0, kept), (9, kept * 0.5)])
    assert (tmp_path / "a.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()
    assert snapshot.count_for((2, 1, 1)) > snapshot.count_for((1, 28, 28))
