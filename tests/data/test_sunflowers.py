"""The drawn sunflowers: shares of the modes, files on disk, and reading by the code that reads a user's folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan_bench.data import open_data, prepare
from gan_bench.data._flower_modes import MODES, PICTURE, bud, draw, wilted
from gan_bench.data._split import apportion
from gan_bench.data.sunflowers import write_pictures
from gan_bench.seeds import generator

Ref = Callable[..., dict[str, Any]]
SHARES = [share for _, share in MODES.values()]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sunflowers")
    settings = {"size": 32, "channels": 3, "n_train": 32, "n_test": 8, "seed": 0, "labels": True}
    prepare({"name": "sunflowers", **settings}, folder)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.png")}


def test_shares_of_the_modes() -> None:
    assert sum(SHARES) == pytest.approx(1)
    assert dict(zip(MODES, apportion(SHARES, 256), strict=True)) == {"face": 179, "side": 56, "odd": 21}
    # Even the smallest data sets that the settings allow have pictures of every mode.
    assert all(min(apportion(SHARES, count)) >= 1 for count in range(8, 40))


def test_files_on_the_disk_are_what_the_arrays_hold(stored: Path) -> None:
    manifest = open_data(stored).manifest
    assert manifest["classes"] == ["face", "odd", "side"]
    assert manifest["class_counts"] == {"train": [22, 3, 7], "test": [5, 1, 2]}
    assert manifest["facts"]["mode_shares"] == {"face": 0.7, "side": 0.22, "odd": 0.08}
    for split, counts in manifest["class_counts"].items():
        for mode, count in zip(manifest["classes"], counts, strict=True):
            names = sorted(p.name for p in (stored / "pictures" / split / mode).iterdir())
            assert names == [f"{number:04}.png" for number in range(1, count + 1)]
    first = Image.open(stored / "pictures" / "train" / "face" / "0001.png")
    assert first.mode == "RGB" and first.size == (PICTURE, PICTURE)
    shrunk = np.asarray(first.resize((32, 32), Image.Resampling.BICUBIC)).transpose(2, 0, 1)
    data = open_data(stored)
    labels = data.labels("train")
    match = [i for i, image in enumerate(data.images("train")) if np.array_equal(image, shrunk)]
    assert len(match) == 1 and labels is not None and labels[match[0]] == 0


def test_the_same_folder_given_by_a_user_gives_the_same_pixels(stored: Path, tmp_path: Path, ref: Ref) -> None:
    pictures = stored / "pictures"
    settings = {"path": str(pictures / "train"), "test_path": str(pictures / "test"), "size": 32, "labels": "folders"}
    assert prepare(ref("image_folder", **settings), tmp_path)["digest"] == open_data(stored).digest


def test_modes_are_counted_without_labels(tmp_path: Path, ref: Ref) -> None:
    manifest = prepare(ref("sunflowers", size=16, n_train=10, n_test=8), tmp_path)
    data = open_data(tmp_path)
    assert not manifest["labelled"] and data.labels("train") is None and data.classes is None
    assert manifest["classes"] == ["face", "odd", "side"]
    assert manifest["class_counts"] == {"train": [7, 1, 2], "test": [5, 1, 2]}
    assert data.shape == (1, 16, 16)


def test_same_seed_same_files_and_a_larger_set_holds_the_smaller(tmp_path: Path) -> None:
    for name, seed, n_train in (("a", 3, 4), ("b", 3, 4), ("more", 3, 8), ("other", 4, 4)):
        write_pictures(tmp_path / name, seed, n_train, 2)
    one, same, more, other = (files(tmp_path / name) for name in ("a", "b", "more", "other"))
    assert one == same
    assert all(more[name] == content for name, content in one.items())
    assert not set(one.values()) & set(other.values())


def test_no_two_pictures_are_alike(stored: Path) -> None:
    drawn = files(stored / "pictures")
    assert len(drawn) == 40 and len(set(drawn.values())) == 40
    assert open_data(stored).manifest["test_in_train"] == 0


def yellow(picture: np.ndarray) -> np.ndarray:
    """Mask of pixels (H, W, 3) with the colour of petals: red and green far above blue."""
    red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
    return (red > blue + 60) & (green > blue + 20) & (red > green - 10)


def test_side_views_are_slender_and_faces_are_round(stored: Path) -> None:
    """The petals fill a nearly round area if seen from the front, and a slender area if seen from the side.

    The measure is the ratio of the smaller to the larger spread of their pixels along the principal axes.
    """

    def roundness(path: Path) -> float:
        rows, columns = np.nonzero(yellow(np.asarray(Image.open(path))))
        spread = np.linalg.eigvalsh(np.cov(np.stack([rows, columns])))
        return float(np.sqrt(spread[0] / spread[1]))

    shapes = {
        mode: [roundness(path) for path in sorted((stored / "pictures" / "train" / mode).iterdir())]
        for mode in ("face", "side")
    }
    assert np.median(shapes["face"]) > 0.8
    assert np.median(shapes["side"]) < 0.65


def test_a_face_has_a_dark_or_other_disc_within_yellow_petals(stored: Path) -> None:
    shares = []
    for path in sorted((stored / "pictures" / "train" / "face").iterdir()):
        mask = yellow(np.asarray(Image.open(path)))
        shares.append(mask.mean())
    assert 0.15 < np.median(shares) < 0.7


def test_a_preparation_over_another_leaves_no_old_pictures(tmp_path: Path, ref: Ref) -> None:
    old = tmp_path / "pictures" / "train" / "face" / "0099.png"
    old.parent.mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(old)
    prepare(ref("sunflowers", size=16, n_train=8, n_test=8), tmp_path)
    assert len(files(tmp_path / "pictures")) == 16 and not old.exists()


@pytest.mark.parametrize("mode", list(MODES))
def test_every_mode_draws_for_many_seeds(mode: str) -> None:
    for rng in generator(11, "data").spawn(3):
        picture = draw(mode, rng)
        assert picture.mode == "RGB" and picture.size == (PICTURE, PICTURE)
        assert np.asarray(picture).std() > 5


def test_odd_kinds_compose() -> None:
    for kind in (bud, wilted):
        patches = kind(generator(5, "data"), 384)
        assert len(patches) > 100 and all(np.isfinite(patch.points).all() for patch in patches)
