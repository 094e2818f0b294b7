"""A prepared data set can be opened. A damaged data set gives an error message."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_bench.data import open_data, prepare
from gan_bench.errors import UserError


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("digits")
    prepare({"name": "digits", "size": 8, "test_fraction": 0.3}, folder)
    return folder


@pytest.fixture
def folder(stored: Path, tmp_path: Path) -> Path:
    """A copy of the prepared data set that a test may damage."""
    return Path(shutil.copytree(stored, tmp_path / "copy"))


def test_arrays_are_mapped_and_read_only(stored: Path) -> None:
    data = open_data(stored)
    assert data.images("train").shape == (1258, 1, 8, 8) and data.images("train").dtype == np.uint8
    assert isinstance(data.all_images.base, np.memmap) and type(data.all_images) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        data.images("train")[0] = 0
    batch = data.images("train")[np.array([3, 1])]
    batch[:] = 0  # a batch taken by index is a copy


def test_splits_cover_every_row_once(stored: Path) -> None:
    data = open_data(stored)
    both = np.concatenate([data.images("train"), data.images("test")])
    assert np.array_equal(both, np.load(stored / "images.npy"))
    with pytest.raises(ValueError, match="split 'valid'"):
        data.images("valid")


def test_verify_reads_every_byte(folder: Path) -> None:
    open_data(folder).verify()
    content = bytearray((folder / "images.npy").read_bytes())
    content[-1] ^= 1
    (folder / "images.npy").write_bytes(content)
    with pytest.raises(UserError, match=r"images\.npy: damaged"):
        open_data(folder).verify()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def garble(path: Path) -> None:
    path.write_bytes(b"no array" * 20)


def other_array(path: Path) -> None:
    np.save(path, np.zeros((3, 2), np.float32))


def archive(path: Path) -> None:
    with path.open("wb") as stream:
        np.savez(stream, a=np.zeros(3))


@pytest.mark.parametrize("file", ["images.npy", "labels.npy", "split.npy"])
@pytest.mark.parametrize("damage", [cut, lengthen, empty, garble, other_array, archive, Path.unlink])
def test_a_damaged_array_is_named(folder: Path, file: str, damage: Callable[[Path], Any]) -> None:
    damage(folder / file)
    with pytest.raises(UserError, match=rf"{file}: damaged"):
        open_data(folder)


def test_a_split_that_is_not_sorted_is_named(folder: Path) -> None:
    split = np.load(folder / "split.npy")
    np.save(folder / "split.npy", split[::-1].copy())
    with pytest.raises(UserError, match=r"split\.npy: damaged"):
        open_data(folder)


def test_a_broken_manifest_is_named(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["shape"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match=r"manifest\.json: damaged: it lacks shape"):
        open_data(folder)
    (folder / "manifest.json").write_text("{")
    with pytest.raises(UserError, match=r"manifest\.json: not valid JSON"):
        open_data(folder)


def test_a_folder_without_a_data_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="holds no manifest"):
        open_data(tmp_path / "nothing")
