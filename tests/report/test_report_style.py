"""In the common style, texts fit, marks differ without colour, and contrasts are high enough to read."""

import io

import matplotlib
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from gan_bench.report import style


def test_a_line_that_fits_stays_as_it_is():
    assert style.fit("WGAN-GP", 2.0, 7) == "WGAN-GP"
    assert style.fit("", 2.0, 7) == ""


@pytest.mark.parametrize("lines", [1, 2, 3])
@pytest.mark.parametrize("inches", [0.3, 0.8, 1.5])
def test_words_are_broken_and_cut_to_their_place(inches, lines):
    text = "dcgan · non_saturating · gradient_penalty · adam/rmsprop · lr=0.0005"
    rows = style.fit(text, inches, 7, lines).split("\n")
    assert len(rows) <= lines
    assert all(style.text_width(row, 7) <= inches for row in rows)
    if "\N{HORIZONTAL ELLIPSIS}" not in rows[-1]:
        assert "".join(rows).replace(" ", "") == text.replace(" ", "")


def test_a_cut_name_keeps_its_end():
    assert style.fit("dcgan · non_saturating · adam · lr=0.0005", 1.2, 7).endswith("5")


def test_what_the_font_cannot_draw_is_a_square():
    assert style.printable("ab\x07\n 模 é") == "ab□ □ é"


def test_the_style_leaves_no_trace():
    before = dict(matplotlib.rcParams)
    with style.applied():
        assert matplotlib.rcParams["text.parse_math"] is False
    assert dict(matplotlib.rcParams) == before


def test_states_differ_without_colour():
    signs = [mark.sign for name, mark in style.STATUS.items() if name != "ok"]
    assert len(set(signs)) == len(signs) and all(signs)
    letters = [sign for sign, _ in style.VERDICT.values()]
    assert len(set(letters)) == len(letters)
    assert style.DISCRIMINATOR["linestyle"] != style.GENERATOR["linestyle"]


def _luminance(colour: str) -> float:
    """Relative luminance as defined by WCAG 2.1."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _contrast(a: str, b: str) -> float:
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", [style.INK, style.MUTED, style.ALARM])
def test_words_can_be_read(colour):
    assert _contrast(colour, "#FFFFFF") >= 4.5


@pytest.mark.parametrize("look", [style.DISCRIMINATOR, style.GENERATOR, style.FLOOR])
def test_lines_can_be_seen(look):
    assert _contrast(look["color"], "#FFFFFF") >= 3


@pytest.mark.parametrize("mark", style.STATUS.values(), ids=style.STATUS)
def test_signs_can_be_read_on_their_tile(mark):
    assert _contrast(mark.ink, mark.fill) >= 3


def test_a_very_tall_sheet_is_drawn_with_fewer_pixels_to_the_inch():
    with style.applied():
        content = style.to_bytes(style.new_figure(0.5, 700), "png", 100)
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (42, 59500)


def test_points_are_not_called_pixels():
    assert style.size_in_words([2, 1, 1]) == "points in 2 dimensions"
    assert style.size_in_words([3, 8, 16]) == "16 × 8 px, 3 channels" and "1 channel" in style.size_in_words([1, 8, 8])


def test_the_style_is_seaborns_whitegrid_for_paper():
    import seaborn

    theirs = seaborn.axes_style("whitegrid") | seaborn.plotting_context("paper")
    assert all(theirs[name] == pytest.approx(value) for name, value in style._SEABORN.items())
