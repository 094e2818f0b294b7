"""idx archives are found, verified and read; MNIST and Fashion-MNIST too, if they are available."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torchvision import datasets
from torchvision.datasets.mnist import read_image_file, read_label_file

from gan_bench.data import _idx, fashion_mnist, mnist, open_data, prepare
from gan_bench.errors import UserError

Ref = Callable[..., dict[str, Any]]
Archives = tuple[Path, dict[str, Any]]
WHOLE = {"size": 28, "n_train": None, "n_test": None}


def built(archives: Archives, tmp_path: Path, **settings: Any) -> Any:
    folder, facts = archives
    return _idx.build("mnist", facts, {**WHOLE, **settings}, tmp_path, folder)


def test_reader_agrees_with_torchvisions(archives: Archives, tmp_path: Path) -> None:
    folder, _ = archives
    for images, labels in _idx.PARTS:
        for file in (images, labels):
            (tmp_path / file[:-3]).write_bytes(gzip.decompress((folder / file).read_bytes()))
        assert torch.equal(torch.tensor(_idx.read_idx(folder / images)), read_image_file(str(tmp_path / images[:-3])))
        ours = torch.tensor(_idx.read_idx(folder / labels).astype(np.int64))
        assert torch.equal(ours, read_label_file(str(tmp_path / labels[:-3])))


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x08\x01\0\0\0\x05abc", b"\0\0\x0d\x01\0\0\0\x01abcd", b"\0\0\x08\x03\0\0"]
)
def test_reader_refuses_what_is_not_idx(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=r"a\.gz: "):
        _idx.read_idx(tmp_path / "a.gz")


def test_build_keeps_the_files_order_and_split(archives: Archives, tmp_path: Path) -> None:
    raw = built(archives, tmp_path)
    assert raw.images.shape == (80, 1, 28, 28) and raw.split.tolist() == [0] * 50 + [1] * 30
    assert np.array_equal(raw.images[:50, 0], _idx.read_idx(archives[0] / _idx.FILES[0]))
    assert np.array_equal(raw.labels[50:], _idx.read_idx(archives[0] / _idx.FILES[3]))


def test_padding_adds_zeros_around(archives: Archives, tmp_path: Path) -> None:
    small, large = built(archives, tmp_path), built(archives, tmp_path, size=32)
    assert large.images.shape == (80, 1, 32, 32)
    assert np.array_equal(large.images[:, :, 2:-2, 2:-2], small.images)
    assert large.images.sum() == small.images.sum()


def test_subsets_are_balanced_and_from_their_own_split(archives: Archives, tmp_path: Path) -> None:
    raw, whole = built(archives, tmp_path, n_train=20, n_test=10), built(archives, tmp_path)
    assert np.bincount(raw.labels[raw.split == 0]).tolist() == [2] * 10
    assert np.bincount(raw.labels[raw.split == 1]).tolist() == [1] * 10
    known = {image.tobytes() for image in whole.images[:50]}
    assert all(image.tobytes() in known for image in raw.images[:20])
    with pytest.raises(UserError, match="n_test is 31, the data set has 30"):
        built(archives, tmp_path, n_test=31)


@pytest.mark.parametrize("below", ["", "mnist", "MNIST/raw"])
def test_archives_are_found_where_people_keep_them(archives: Archives, tmp_path: Path, below: str) -> None:
    folder, facts = archives
    if below:
        (tmp_path / "data" / below).parent.mkdir(parents=True)
        shutil.copytree(folder, tmp_path / "data" / below)
        assert _idx.find("mnist", facts, tmp_path / "data") == tmp_path / "data" / below
    else:
        assert _idx.find("mnist", facts, folder) == folder
    assert _idx.find("mnist", facts, None) is None
    assert _idx.find("mnist", facts, tmp_path / "nowhere") is None


def test_a_missing_archive_is_named(archives: Archives, tmp_path: Path) -> None:
    (archives[0] / _idx.FILES[2]).unlink()
    with pytest.raises(UserError, match=r"lacks t10k-images-idx3-ubyte\.gz; all four"):
        built(archives, tmp_path)


def test_a_changed_archive_is_refused(archives: Archives, tmp_path: Path) -> None:
    path = archives[0] / _idx.FILES[1]
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"train-labels-idx1-ubyte\.gz is damaged or another file: its SHA-256"):
        built(archives, tmp_path)


def test_nothing_is_written_beside_the_archives(archives: Archives, tmp_path: Path) -> None:
    folder, _ = archives
    folder.chmod(0o555)
    try:
        built(archives, tmp_path / "out")
    finally:
        folder.chmod(0o755)
    assert sorted(p.name for p in folder.iterdir()) == sorted(_idx.FILES)


@pytest.mark.parametrize("module", [mnist, fashion_mnist])
def test_facts_agree_with_torchvisions(module: Any) -> None:
    chosen = getattr(datasets, module.FACTS["torchvision"])
    assert {file for file, _ in chosen.resources} == set(module.FACTS["files"]) == set(_idx.FILES)
    assert module.FACTS["urls"][0] in chosen.mirrors


@pytest.mark.parametrize(("name", "first"), [("mnist", [5, 0, 4, 1, 9]), ("fashion_mnist", [9, 0, 0, 3, 0])])
def test_the_real_archives(tmp_path: Path, shared_data: Path, ref: Ref, name: str, first: list[int]) -> None:
    manifest = prepare(ref(name), tmp_path, data_dir=shared_data)
    data = open_data(tmp_path)
    assert manifest["counts"] == {"train": 60000, "test": 10000} and data.shape == (1, 28, 28)
    labels = data.labels("train")
    assert labels is not None and labels[:5].tolist() == first
    # Published mean and standard deviation of the training pixels, in units of 255.
    mean, sd = {"mnist": (0.1307, 0.3081), "fashion_mnist": (0.2860, 0.3530)}[name]
    pixels = data.images("train")
    assert pixels.mean() / 255 == pytest.approx(mean, abs=5e-5)
    counts = np.bincount(pixels.ravel(), minlength=256)
    spread = np.sqrt((counts * (np.arange(256) / 255 - pixels.mean() / 255) ** 2).sum() / counts.sum())
    assert spread == pytest.approx(sd, abs=5e-5)
    assert manifest["class_counts"]["test"][:2] == {"mnist": [980, 1135], "fashion_mnist": [1000, 1000]}[name]
