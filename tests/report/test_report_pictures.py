"""Pictures in a page are unchanged if they fit into the size limit; otherwise they get fewer pixels or colours."""

import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gan_bench.files import write_bytes
from gan_bench.report.pictures import PNG_LIMIT, SVG_LIMIT, figure_picture, figure_size, share
from gan_bench.report.sprites import sprite
from gan_bench.stats.collect.real_images import grid
from gan_bench.train.snapshot import write_progress


@pytest.mark.parametrize(
    ("sizes", "budget", "limit"),
    [([], 10, 0), ([3, 4], 7, 4), ([3, 4], 100, 4), ([2, 8, 8], 12, 5), ([6, 6, 6], 9, 3), ([10], 4, 4)],
)
def test_the_limit_fills_the_budget(sizes, budget, limit):
    assert share(sizes, budget) == limit


@given(st.lists(st.integers(0, 1000), max_size=20), st.integers(0, 5000))
def test_files_cut_to_the_limit_keep_the_budget(sizes, budget):
    limit = share(sizes, budget)
    spent = sum(min(size, limit) for size in sizes)
    assert spent <= budget or not sizes
    assert spent == sum(sizes) or spent > budget - len(sizes)


def _noise(kind: str, side: int = 96, frames: int = 4) -> bytes:
    pixels = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (frames, side, side, 3), dtype=np.uint8)
    images = [Image.fromarray(frame) for frame in pixels]
    stream = io.BytesIO()
    options = {"save_all": True, "append_images": images[1:], "duration": [100, 200, 300, 400]} if kind == "GIF" else {}
    images[0].save(stream, kind, **options)
    return stream.getvalue()


def _content(address: str) -> bytes:
    return base64.b64decode(address.split(",", 1)[1])


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 64, 48)])
def test_samples_over_training_are_taken_apart_at_their_own_size(tmp_path, shape):
    images = np.random.Generator(np.random.PCG64(0)).integers(0, 256, (2, 16, *shape), dtype=np.uint8)
    write_progress(tmp_path / "progress.gif", [(100, images[0]), (200, images[1])])
    sheet = sprite((tmp_path / "progress.gif").read_bytes(), shape)
    count = 16 if shape[1] < 40 else 8
    assert sheet is not None and (sheet["n"], sheet["frames"], sheet["w"], sheet["h"]) == (count, 2, shape[2], shape[1])
    with Image.open(io.BytesIO(_content(sheet["src"]))) as picture:
        pixels = np.asarray(picture)
    assert pixels.shape[:2] == (2 * shape[1], count * shape[2])
    if shape[0] == 1:
        np.testing.assert_array_equal(pixels[8:, 24:32], images[1, 3, 0])
    write_bytes(tmp_path / "real.png", picture_bytes(grid(images[0])))
    assert sprite((tmp_path / "real.png").read_bytes(), shape)["frames"] == 1
    assert sprite(_noise("PNG"), shape) is None


def picture_bytes(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def test_a_figure_is_lines_until_they_are_too_many():
    png = _noise("PNG")
    assert figure_picture(b"<svg/>", png).address.startswith("data:image/svg+xml")
    picture = figure_picture(b" " * (SVG_LIMIT + 1), png)
    assert _content(picture.address) == png and (picture.width, picture.height) == (96, 96)


def test_a_figure_keeps_to_its_share_of_the_page():
    png = _noise("PNG", side=700)
    picture = figure_picture(b" " * 400_000, png, limit=300_000)
    assert picture.address.startswith("data:image/png") and picture.reduced
    small = _content(picture.address)
    assert len(small) <= 300_000 and (picture.width, picture.height) == (700, 700)
    with Image.open(io.BytesIO(small)) as image:
        assert 300 <= image.width < 700
    assert figure_size(b" " * 10, png) == 10 and figure_size(b" " * (SVG_LIMIT + 1), png) == PNG_LIMIT


def test_a_huge_figure_has_fewer_colours_and_all_its_pixels():
    png = _noise("PNG", side=700)
    assert len(png) > PNG_LIMIT
    small = _content(figure_picture(b" " * (SVG_LIMIT + 1), png).address)
    assert len(small) < len(png) / 2
    with Image.open(io.BytesIO(small)) as image:
        assert image.size == (700, 700)
