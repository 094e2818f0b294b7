"""One picture file of every kind is converted to pixels."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gan_bench.data._pictures import BadPictureError, Rule, decode, look

COLOUR = Rule(8, 3, "squash")
GREY = Rule(8, 1, "squash")


def saved(picture: Image.Image, path: Path, **options: object) -> Path:
    picture.save(path, **options)
    return path


def one_colour(path: Path, rule: Rule = COLOUR) -> list[int]:
    """The colour of a picture that has only one colour."""
    pixels = decode(path, rule)
    assert pixels.shape == (rule.channels, 8, 8) and pixels.dtype == np.uint8
    assert (pixels == pixels[:, :1, :1]).all()
    return pixels[:, 0, 0].tolist()


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "gif", "webp"])
def test_lossless_formats_keep_pixels(tmp_path: Path, suffix: str) -> None:
    values = np.kron(np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 9, 9]]], np.uint8), np.ones((4, 4, 1)))
    options = {"lossless": True} if suffix == "webp" else {}
    path = saved(Image.fromarray(values.astype(np.uint8)), tmp_path / f"a.{suffix}", **options)
    assert np.array_equal(decode(path, COLOUR), values.transpose(2, 0, 1))


def test_jpeg_is_close(tmp_path: Path) -> None:
    path = saved(Image.new("RGB", (8, 8), (200, 100, 50)), tmp_path / "a.jpg", quality=95)
    np.testing.assert_allclose(one_colour(path), [200, 100, 50], atol=3)


def test_grey_is_601_luma(tmp_path: Path) -> None:
    path = saved(Image.new("RGB", (9, 9), (200, 100, 50)), tmp_path / "a.png")
    assert one_colour(path, GREY) == [round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)]


def test_grey_becomes_three_equal_channels(tmp_path: Path) -> None:
    assert one_colour(saved(Image.new("L", (9, 9), 77), tmp_path / "a.png")) == [77, 77, 77]
    assert one_colour(saved(Image.new("1", (9, 9), 1), tmp_path / "b.png"), GREY) == [255]


@pytest.mark.parametrize("alpha", [0, 51, 255])
def test_transparent_parts_lie_over_white(tmp_path: Path, alpha: int) -> None:
    share = alpha / 255
    expected = [share * value + (1 - share) * 255 for value in (10, 60, 200)]
    path = saved(Image.new("RGBA", (8, 8), (10, 60, 200, alpha)), tmp_path / "a.png")
    np.testing.assert_allclose(one_colour(path), expected, atol=1)
    grey = saved(Image.new("LA", (8, 8), (40, alpha)), tmp_path / "b.png")
    np.testing.assert_allclose(one_colour(grey, GREY), [share * 40 + (1 - share) * 255], atol=1)


def test_palettes_with_and_without_transparency(tmp_path: Path) -> None:
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    assert one_colour(saved(picture, tmp_path / "a.png")) == [10, 20, 30]
    assert one_colour(saved(picture, tmp_path / "b.png", transparency=1)) == [255, 255, 255]
    assert one_colour(saved(picture, tmp_path / "c.gif", transparency=1)) == [255, 255, 255]
    assert (
        one_colour(saved(Image.new("RGB", (8, 8), (1, 2, 3)), tmp_path / "d.png", transparency=(1, 2, 3))) == [255] * 3
    )


def test_cmyk(tmp_path: Path) -> None:
    path = saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), tmp_path / "a.jpg", quality=95)
    red, green, blue = one_colour(path)
    assert red > 230 and green < 25 and blue < 25


def tiff_of_12_bits(path: Path, value: int, size: int = 8) -> Path:
    """A grey TIFF in which all pixels have one value, packed in 12 bits."""
    packed = bytes([value >> 4, (value & 15) << 4 | value >> 8, value & 255]) * (size * size // 2)
    tags = {256: size, 257: size, 258: 12, 259: 1, 262: 1, 273: 8, 277: 1, 278: size, 279: len(packed)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, number) for tag, number in tags.items())
    path.write_bytes(struct.pack("<2sHI", b"II", 42, 8 + len(packed)) + packed + struct.pack("<H", len(tags)) + entries)
    with path.open("ab") as stream:
        stream.write(bytes(4))
    return path


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (4095, 255), (2048, 128)])
def test_other_depths_are_scaled_by_their_own_maximum(tmp_path: Path, value: int, expected: int) -> None:
    """If 12-bit values were divided by 257 like 16-bit values, the largest would become 15."""
    path = tiff_of_12_bits(tmp_path / "a.tif", value)
    assert one_colour(path, GREY) == [expected]
    assert (look(path).bits, look(path).channels) == (12, 1)


def png_of_16_bit_colour(path: Path, colour: tuple[int, int, int], size: int = 8) -> Path:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = (b"\0" + struct.pack(">3H", *colour) * size) * size
    header = struct.pack(">IIBBBBB", size, size, 16, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    return path


def test_colour_of_16_bits_is_scaled_to_8(tmp_path: Path) -> None:
    path = png_of_16_bit_colour(tmp_path / "a.png", (65535, 257 * 100, 0))
    assert one_colour(path) == [255, 100, 0]
    assert (look(path).bits, look(path).channels, look(path).format) == (16, 3, "PNG")


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (128, 0), (129, 1), (257, 1), (32896, 128), (65535, 255)])
def test_sixteen_bits_are_scaled_by_a_constant(tmp_path: Path, value: int, expected: int) -> None:
    picture = Image.fromarray(np.full((8, 8), value, np.uint16))
    for name in ("a.png", "a.tif"):
        assert one_colour(saved(picture, tmp_path / name), GREY) == [expected]
    (tmp_path / "a.pgm").write_bytes(b"P5 8 8 65535\n" + np.full((8, 8), value, ">u2").tobytes())
    assert one_colour(tmp_path / "a.pgm", GREY) == [expected]


def test_sixteen_bit_darkness_is_not_stretched(tmp_path: Path) -> None:
    values = np.arange(64, dtype=np.uint16).reshape(8, 8) * 10
    assert decode(saved(Image.fromarray(values), tmp_path / "a.png"), GREY).max() == 2


@pytest.mark.parametrize(("mode", "named"), [("F", "floating-point"), ("I", "32-bit integer")])
def test_pixels_without_a_known_scale_are_refused(tmp_path: Path, mode: str, named: str) -> None:
    with pytest.raises(BadPictureError, match=named):
        decode(saved(Image.new(mode, (8, 8), 3), tmp_path / "a.tif"), GREY)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    upright = np.arange(64, dtype=np.uint8).reshape(8, 8)
    # Orientation tag -> stored pixels that give `upright` if the tag is applied (EXIF 2.3, table of orientations).
    stored = {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1], 5: upright.T,
        6: np.rot90(upright), 7: upright[::-1, ::-1].T, 8: np.rot90(upright, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(Image.fromarray(np.ascontiguousarray(stored)), tmp_path / "a.png", exif=exif)
    assert np.array_equal(decode(path, GREY)[0], upright)


def test_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((255, 0, 0), (0, 0, 255))]
    path = saved(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert one_colour(path) == [255, 0, 0]


def test_resize_rules(tmp_path: Path) -> None:
    # Left, middle and right thirds of a wide picture in three greys.
    wide = np.repeat(np.array([0, 100, 200], np.uint8), 24)[None].repeat(24, 0)
    path = saved(Image.fromarray(wide), tmp_path / "a.png")
    assert (decode(path, Rule(24, 1, "crop"))[0] == 100).all()
    squashed = decode(path, Rule(24, 1, "squash"))[0]
    assert [squashed[12, x] for x in (2, 12, 21)] == [0, 100, 200]
    padded = decode(path, Rule(24, 1, "pad"))[0]
    assert [padded[12, x] for x in (2, 12, 21)] == [0, 100, 200]
    assert (padded[:7] == 255).all() and (padded[-7:] == 255).all()
    assert (decode(path, Rule(24, 3, "pad"))[:, :7] == 255).all()


def test_shrinking_averages_instead_of_picking(tmp_path: Path) -> None:
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    pixels = decode(saved(Image.fromarray(board), tmp_path / "a.png"), GREY)
    assert np.abs(pixels.astype(int) - 127).max() <= 8


def test_truncated_files_are_bad(tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    for suffix in ("jpg", "png", "webp", "tif", "bmp"):
        path = saved(noise, tmp_path / f"a.{suffix}")
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(BadPictureError, match=r"cannot be decoded|not a picture") as caught:
            decode(path, COLOUR)
        assert str(tmp_path) not in str(caught.value)


def test_files_that_are_no_pictures_are_bad(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("not a picture at all\n")
    (tmp_path / "empty.png").touch()
    (tmp_path / "link.png").symlink_to(tmp_path / "nowhere.png")
    for name, reason in (("text", "not a picture"), ("empty", "an empty file"), ("link", "leads nowhere")):
        with pytest.raises(BadPictureError, match=reason):
            decode(tmp_path / f"{name}.png", COLOUR)


def test_a_decompression_bomb_is_bad(tmp_path: Path) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    for side in (10_000, 60_000):  # above the size at which Pillow warns, and above the size at which Pillow raises
        header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
        (tmp_path / "bomb.png").write_bytes(
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
        )
        with pytest.raises(BadPictureError, match=f"more than {Image.MAX_IMAGE_PIXELS} pixels"):
            decode(tmp_path / "bomb.png", COLOUR)


def test_rule_says_what_is_done() -> None:
    assert "ITU-R 601" in GREY.sentence() and "8 px" in GREY.sentence()
    assert "white" in Rule(8, 3, "pad").sentence() and "RGB" in Rule(8, 3, "pad").sentence()
