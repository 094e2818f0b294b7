import numpy as np
import pytest
from PIL import Image

from gan_bench.errors import UserError
from gan_bench.metrics.inputs.kinds import Target
from gan_bench.metrics.inputs.load import load_array, load_sets

FEATURES = np.random.default_rng(0).standard_normal((10, 3))
IMAGES = np.random.default_rng(0).integers(0, 256, (10, 1, 8, 8), dtype=np.uint8)


def pair(tmp_path, real, fake):
    np.save(tmp_path / "real.npy", real)
    np.save(tmp_path / "fake.npy", fake)
    return load_sets([tmp_path / "real.npy", tmp_path / "fake.npy"])


@pytest.mark.parametrize(("dtype", "kept"), [("float16", "float32"), ("float32", "float32"), ("float64", "float64")])
def test_features_keep_their_precision(tmp_path, dtype, kept):
    real, fake = pair(tmp_path, FEATURES.astype(dtype), FEATURES.astype(dtype))
    assert real.array.dtype == fake.array.dtype == kept
    assert not real.images


def test_images_stay_uint8(tmp_path):
    real, _ = pair(tmp_path, IMAGES, IMAGES)
    assert real.images
    np.testing.assert_array_equal(real.array, IMAGES)


with_nan, with_inf = FEATURES.copy(), FEATURES.copy()
with_nan[4, 1], with_inf[2, 0] = np.nan, np.inf

WRONG = [
    (with_nan, r"1 of 10 rows hold NaN or infinity \(the first is row 4\)"),
    (with_inf, r"the first is row 2"),
    (FEATURES[:, 0], r"\(10,\) float64 is not valid; one of \.npy features"),
    (FEATURES.astype(int), r"\(10, 3\) int64 is not valid"),
    (FEATURES[:, :0], r"\(10, 0\) float64 is not valid"),
    (FEATURES.astype(complex), r"complex128 is not valid"),
    (IMAGES.astype(np.float32), r"float32; images are \(n, c, h, w\) uint8"),
    (IMAGES.transpose(0, 2, 3, 1), r"\(10, 8, 8, 1\) uint8; images are \(n, c, h, w\) uint8 with c 1 or 3"),
    (IMAGES[:, 0], r"\(10, 8, 8\) uint8 is not valid"),
    (FEATURES[:1], "has 1 rows; 2 or more are needed"),
    (np.array([{"a": 1}], dtype=object), "not a readable .npy array of numbers"),
]


@pytest.mark.parametrize(("array", "message"), WRONG)
def test_wrong_arrays_are_named(tmp_path, array, message):
    other = IMAGES if array.ndim == 4 else FEATURES
    with pytest.raises(UserError, match=rf"fake\.npy.*{message}"):
        pair(tmp_path, other, array)


def test_both_sides_must_be_alike(tmp_path):
    with pytest.raises(UserError, match=r"features of 3 dimensions and .*images of 1 x 8 x 8"):
        pair(tmp_path, FEATURES, IMAGES)
    with pytest.raises(UserError, match=r"features of 3 dimensions and .*features of 2 dimensions"):
        pair(tmp_path, FEATURES, FEATURES[:, :2])
    with pytest.raises(
        UserError, match=r"differ in size: .*8 x 8 px \(10 of 10\); .*8 x 4 px .*--resize 4 changes all"
    ):
        pair(tmp_path, IMAGES, IMAGES[:, :, :4])


def test_files_that_are_no_arrays(tmp_path):
    np.savez(tmp_path / "many.npz", a=FEATURES)
    (tmp_path / "text.npy").write_text("1,2,3")
    np.save(tmp_path / "cut.npy", FEATURES)
    (tmp_path / "cut.npy").write_bytes((tmp_path / "cut.npy").read_bytes()[:-8])
    (tmp_path / "empty.npy").write_bytes(b"")
    for name, message in (
        ("many.npz", "holds several arrays"),
        ("text.npy", "not a readable"),
        ("cut.npy", "not a readable"),
        ("empty.npy", "not a readable"),
        ("absent.npy", "no such file"),
    ):
        with pytest.raises(UserError, match=rf"{name}: {message}"):
            load_array(tmp_path / name)


def folder(path, sizes, mode="L"):
    path.mkdir()
    for i, size in enumerate(sizes):
        Image.new(mode, size, 17 * i % 256 if mode == "L" else (i, 2, 3)).save(path / f"{i}.png")
    return path


def test_sizes_that_differ_are_refused_with_the_option(tmp_path):
    small, large = folder(tmp_path / "small", [(8, 8)] * 3), folder(tmp_path / "large", [(16, 16)] * 3)
    with pytest.raises(UserError, match=r"differ in size: .*16 x 16 px \(3 of 3, such as 0\.png\).*--resize 8 changes"):
        load_sets([large, small])
    with pytest.raises(UserError, match=r"8 x 8 px \(2 of 3, such as 0\.png\), 9 x 9 px \(1 of 3, such as 2\.png\)"):
        load_sets([folder(tmp_path / "mixed", [(8, 8), (8, 8), (9, 9)]), small])
    with pytest.raises(UserError, match=r"must be square: .*8 x 6 px .*--resize 6"):
        load_sets([folder(tmp_path / "wide", [(8, 6)] * 3), folder(tmp_path / "wide2", [(8, 6)] * 3)])
    with pytest.raises(UserError, match="contains no pictures"):
        load_sets([small, folder(tmp_path / "none", [])])
    sets = load_sets([large, tmp_path / "mixed", tmp_path / "wide"], Target.of("8", None))
    assert [points.array.shape for points in sets] == [(3, 1, 8, 8)] * 3


def test_channels_that_differ_are_refused_with_the_option(tmp_path):
    grey, colour = folder(tmp_path / "grey", [(8, 8)] * 2), folder(tmp_path / "colour", [(8, 8)] * 2, "RGB")
    with pytest.raises(UserError, match=r"channels: .*colour \(2 of 2, such as 0\.png\).*--channels 1 makes all"):
        load_sets([colour, grey])
    assert [points.array.shape for points in load_sets([colour, grey], Target.of(None, 1))] == [(2, 1, 8, 8)] * 2
    assert [points.array.shape for points in load_sets([colour, grey], Target.of(None, 3))] == [(2, 3, 8, 8)] * 2
    for i in (7, 8):
        Image.new("L", (8, 8), i).save(colour / f"{i}.png")
    with pytest.raises(UserError, match=r"colour \(2 of 4, such as 0\.png\), grey \(2 of 4, such as 7\.png\)"):
        load_sets([colour, tmp_path / "colour"])


def test_arrays_are_adapted_as_files_are(tmp_path):
    colour = np.random.default_rng(0).integers(0, 256, (3, 3, 16, 16), dtype=np.uint8)
    (tmp_path / "files").mkdir()
    for i, pixels in enumerate(colour):
        Image.fromarray(pixels.transpose(1, 2, 0)).save(tmp_path / "files" / f"{i}.png")
    np.save(tmp_path / "array.npy", colour)
    files, array = load_sets([tmp_path / "files", tmp_path / "array.npy"], Target.of("8:squash", 1))
    assert files.array.shape == (3, 1, 8, 8)
    np.testing.assert_array_equal(files.array, array.array)


@pytest.mark.parametrize(
    ("resize", "channels", "message"),
    [
        ("0", None, "--resize is '0'; valid: SIZE or SIZE:METHOD, METHOD one of crop, squash, pad"),
        ("8:stretch", None, "--resize is '8:stretch'"),
        ("8:", None, "--resize is '8:'"),
        (None, 4, "--channels is 4; valid: 1"),
    ],
)
def test_targets_that_are_not_valid(resize, channels, message):
    with pytest.raises(UserError, match=message):
        Target.of(resize, channels)


def test_features_are_not_resized(tmp_path):
    np.save(tmp_path / "features.npy", FEATURES)
    with pytest.raises(UserError, match="holds features; --resize and --channels are for images"):
        load_sets([tmp_path / "features.npy"] * 2, Target.of("8", None))


def test_folders_beside_what_they_cannot_be_compared_with(tmp_path):
    real = folder(tmp_path / "real", [(20, 20)] * 3)
    np.save(tmp_path / "features.npy", FEATURES)
    with pytest.raises(UserError, match=r"is a folder of pictures, but .*features.npy holds features"):
        load_sets([real, tmp_path / "features.npy"])
    np.save(tmp_path / "wide.npy", IMAGES[:, :, :4])
    with pytest.raises(UserError, match="differ in size"):
        load_sets([real, tmp_path / "wide.npy"])


def test_files_that_are_no_pictures_are_named(tmp_path):
    real, fake = folder(tmp_path / "real", [(8, 8)] * 3), folder(tmp_path / "fake", [(8, 8)] * 3)
    (real / "notes.txt").write_text("not a picture")
    with pytest.raises(UserError, match=r"1 of 4 files are not usable pictures, such as notes\.txt"):
        load_sets([real, fake])
    (real / "notes.txt").unlink()
    (fake / "cut.png").write_bytes((fake / "0.png").read_bytes()[:45])
    with pytest.raises(UserError, match=r"1 of 4 files are not usable pictures, such as cut\.png"):
        load_sets([real, fake])
