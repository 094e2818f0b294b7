"""A user's folder: which files count, how they are split, and what is refused."""

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan_bench.data import open_data, prepare, remarks, stamp
from gan_bench.data._folder import list_files
from gan_bench.errors import UserError

Ref = Callable[..., dict[str, Any]]


def grey(path: Path, value: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), value).save(path)


def values(folder: Path, split: str) -> list[int]:
    """The first pixel of each picture. It identifies the picture if each picture has its own grey level."""
    return open_data(folder).images(split)[:, 0, 0, 0].tolist()


def test_nested_folders_labels_and_shapes(tmp_path: Path, photos: Path, ref: Ref) -> None:
    manifest = prepare(ref("image_folder", path=str(photos), size=8, labels="folders"), tmp_path / "out")
    assert manifest["shape"] == [3, 8, 8] and manifest["labelled"]
    assert manifest["classes"] == ["aster", "daisy"]
    assert manifest["counts"] == {"train": 16, "test": 4}
    assert manifest["class_counts"] == {"train": [5, 11], "test": [1, 3]}
    plain = prepare(ref("image_folder", path=str(photos), size=8, channels=1), tmp_path / "plain")
    assert plain["shape"] == [1, 8, 8] and not plain["labelled"]
    assert plain["classes"] is None and plain["class_counts"] is None


def test_no_picture_is_lost_or_in_both_splits(tmp_path: Path, ref: Ref) -> None:
    for value in range(0, 250, 5):
        grey(tmp_path / "in" / f"{value:03}.png", value)
    prepare(ref("image_folder", path=str(tmp_path / "in"), size=8, test_fraction=0.3), tmp_path / "out")
    train, test = values(tmp_path / "out", "train"), values(tmp_path / "out", "test")
    assert len(train) == 35 and len(test) == 15
    assert sorted(train + test) == list(range(0, 250, 5))
    assert train != sorted(train)  # rows are in random order, not in the order of the names


def test_order_of_the_file_system_does_not_matter(
    tmp_path: Path, photos: Path, ref: Ref, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = prepare(ref("image_folder", path=str(photos), size=8, labels="folders"), tmp_path / "a")
    listed = Path.iterdir

    def shuffled(self: Path) -> list[Path]:
        entries = list(listed(self))
        random.Random(3).shuffle(entries)
        return entries

    monkeypatch.setattr(Path, "iterdir", shuffled)
    other = prepare(ref("image_folder", path=str(photos), size=8, labels="folders"), tmp_path / "b")
    assert one == other


def test_two_preparations_give_the_same_bytes(tmp_path: Path, photos: Path, ref: Ref) -> None:
    for name in ("a", "b"):
        prepare(ref("image_folder", path=str(photos), size=8), tmp_path / name)
    for file in ("manifest.json", "images.npy", "labels.npy", "split.npy"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert len(list((tmp_path / "a").iterdir())) == 4  # no other file is left


def test_a_test_folder_is_the_test_split(tmp_path: Path, ref: Ref) -> None:
    for value in range(10):
        grey(tmp_path / "train" / f"{value}.png", value)
        grey(tmp_path / "test" / f"{value}.png", 100 + value)
    settings = {"path": str(tmp_path / "train"), "test_path": str(tmp_path / "test"), "size": 8}
    prepare(ref("image_folder", **settings), tmp_path / "out")
    assert sorted(values(tmp_path / "out", "train")) == list(range(10))
    assert sorted(values(tmp_path / "out", "test")) == list(range(100, 110))


def test_a_test_folder_inside_the_training_folder_is_refused(tmp_path: Path, photos: Path, ref: Ref) -> None:
    with pytest.raises(UserError, match="lie one in the other"):
        prepare(ref("image_folder", path=str(photos), test_path=str(photos / "daisy")), tmp_path / "out")


def test_a_class_that_only_the_test_folder_has_is_refused(tmp_path: Path, photos: Path, ref: Ref) -> None:
    for number in range(3):
        grey(tmp_path / "test" / "rose" / f"{number}.png", number)
    settings = {"path": str(photos), "test_path": str(tmp_path / "test"), "labels": "folders"}
    with pytest.raises(UserError, match="class folders rose of test_path"):
        prepare(ref("image_folder", **settings), tmp_path / "out")


def test_every_bad_file_is_named_and_refused(tmp_path: Path, photos: Path, ref: Ref) -> None:
    bad = spoil(photos)
    with pytest.raises(UserError) as caught:
        prepare(ref("image_folder", path=str(photos), size=8), tmp_path / "out")
    text = str(caught.value)
    assert "4 of 24 files" in text and "on_error: skip" in text
    for name in bad:
        assert name in text
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_bad_files_are_left_out_and_listed(tmp_path: Path, photos: Path, ref: Ref) -> None:
    clean = prepare(ref("image_folder", path=str(photos), size=8, on_error="skip"), tmp_path / "clean")
    bad = spoil(photos)
    manifest = prepare(ref("image_folder", path=str(photos), size=8, on_error="skip"), tmp_path / "out")
    assert sorted(entry["file"] for entry in manifest["skipped"]) == sorted(bad)
    assert all(entry["reason"] and str(tmp_path) not in entry["reason"] for entry in manifest["skipped"])
    assert clean["skipped"] == [] and manifest["digest"] == clean["digest"]


def test_what_is_odd_about_a_folder_is_said(tmp_path: Path, photos: Path, ref: Ref) -> None:
    test = tmp_path / "test"
    test.mkdir()
    for number, name in enumerate(sorted(photos.glob("daisy/*"))[:3]):
        shutil.copyfile(name, test / f"{number}{name.suffix}")
    shutil.copyfile(test / "0.png", photos / "twin.png")
    (photos / "text.png").write_text("text")
    settings = {"path": str(photos), "test_path": str(test), "size": 8, "on_error": "skip"}
    left_out, folders, copies, tested = remarks(prepare(ref("image_folder", **settings), tmp_path / "out"))
    assert left_out.startswith("1 file is left out as unusable: text.png (")
    assert folders.startswith("20 pictures are in sub-folders; they are used too, but") and "aster (6); " in folders
    assert copies.startswith("4 pictures are copies of others: ") and "= twin.png = test_path: 0.png" in copies
    assert tested == ("3 of 3 test images are also training images, so scores against the test split are too good.")
    clean = ref("image_folder", path=str(photos / "daisy"), size=8)
    assert remarks(prepare(clean, tmp_path / "clean")) == []


def spoil(photos: Path) -> list[str]:
    """Put four bad files into a folder, and return their names."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    noise.save(photos / "daisy" / "cut.jpg")
    whole = (photos / "daisy" / "cut.jpg").read_bytes()
    (photos / "daisy" / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (photos / "daisy" / "empty.png").touch()
    (photos / "text.png").write_text("text")
    (photos / "aster" / "notes.txt").write_text("text")
    return ["daisy/cut.jpg", "daisy/empty.png", "text.png", "aster/notes.txt"]


def test_many_bad_files_are_counted(tmp_path: Path, ref: Ref) -> None:
    for number in range(25):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{number:02}.png").write_text("x")
    with pytest.raises(UserError, match=r"25 of 25 files.*09\.png.*and 15 more"):
        prepare(ref("image_folder", path=str(tmp_path / "in")), tmp_path / "out")


def test_hidden_files_and_folders_do_not_count(tmp_path: Path, photos: Path) -> None:
    before = list_files(photos)
    (photos / ".DS_Store").write_text("x")
    (photos / "daisy" / "._00.png").write_text("x")
    (photos / ".thumbs").mkdir()
    (photos / ".thumbs" / "a.png").write_text("x")
    assert list_files(photos) == before and len(before) == 20


def test_links_are_followed_and_loops_are_not(tmp_path: Path, photos: Path) -> None:
    (photos / "daisy" / "up").symlink_to(photos, target_is_directory=True)
    (photos / "self").symlink_to(photos / "self")
    (photos / "again").symlink_to(photos / "aster", target_is_directory=True)
    found = list_files(photos)
    assert [name for name in found if name.startswith("again/")] == [f"again/0{n}.png" for n in range(6)]
    assert not any("up/" in name for name in found)
    assert "self" in found  # a link to itself has no target, so it is listed as a bad file


def test_a_pipe_does_not_hang(tmp_path: Path, photos: Path, ref: Ref) -> None:
    os.mkfifo(photos / "daisy" / "pipe.png")
    with pytest.raises(UserError, match=r"daisy/pipe\.png \(not a regular file\)"):
        prepare(ref("image_folder", path=str(photos), size=8), tmp_path / "out")


def test_pictures_outside_class_folders_are_refused(tmp_path: Path, photos: Path, ref: Ref) -> None:
    grey(photos / "loose.png", 3)
    with pytest.raises(UserError, match=r"1 lie directly in the folder, such as 'loose\.png'"):
        prepare(ref("image_folder", path=str(photos), labels="folders", size=8), tmp_path / "out")


def test_no_and_too_few_pictures(tmp_path: Path, ref: Ref) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(UserError, match="no pictures in path"):
        prepare(ref("image_folder", path=str(tmp_path / "in")), tmp_path / "out")
    for value in range(4):
        grey(tmp_path / "in" / f"{value}.png", value)
    with pytest.raises(UserError, match="too few pictures: 3 to train and 1 to test"):
        prepare(ref("image_folder", path=str(tmp_path / "in")), tmp_path / "out")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.png").write_text("x")
    with pytest.raises(UserError, match=r"no pictures in path .*\(1 files left out\)"):
        prepare(ref("image_folder", path=str(tmp_path / "bad"), on_error="skip"), tmp_path / "out")


def test_where_paths_are_looked_up(tmp_path: Path, photos: Path, ref: Ref, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    settings = ref("image_folder", path="photos", size=8)
    with pytest.raises(UserError, match="path 'photos' is no folder"):
        prepare(settings, tmp_path / "out")
    below = prepare(settings, tmp_path / "out", data_dir=tmp_path)
    assert below["counts"]["train"] == 16
    # A folder in the working directory has priority.
    for value in range(10):
        grey(here / "photos" / f"{value}.png", value)
    assert prepare(settings, tmp_path / "out", data_dir=tmp_path)["counts"]["train"] == 8
    with pytest.raises(UserError, match="is a file"):
        prepare(ref("image_folder", path=str(photos / "daisy" / "00.png")), tmp_path / "out")


def test_stamp_changes_with_the_folder(photos: Path, ref: Ref) -> None:
    settings = ref("image_folder", path=str(photos))
    before = stamp(settings)
    assert stamp(settings) == before
    os.utime(photos / "daisy" / "00.png", ns=(1, 1))
    touched = stamp(settings)
    grey(photos / "new.png", 1)
    added = stamp(settings)
    (photos / "new.png").unlink()
    assert before != touched != added and stamp(settings) == touched
    (photos / "broken.png").symlink_to(photos / "nowhere")
    assert stamp(settings) != touched
    with pytest.raises(UserError, match="is no folder"):
        stamp(ref("image_folder", path="nowhere"))


def test_256_photographs(tmp_path: Path, shared_data: Path, ref: Ref) -> None:
    settings = ref("image_folder", path="sunflowers", size=32, channels=1)
    manifest = prepare(settings, tmp_path, data_dir=shared_data)
    assert manifest["counts"] == {"train": 205, "test": 51} and manifest["test_in_train"] == 0
    images = open_data(tmp_path).images("train")
    assert images.shape == (205, 1, 32, 32) and images.min() < 20 and images.max() > 235
