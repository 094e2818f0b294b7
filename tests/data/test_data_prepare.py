"""A data set is stored with files, manifest and digests. An invalid component gives an error."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_bench.data import Raw, describe, open_data, prepare, stamp
from gan_bench.data._raw import check
from gan_bench.errors import UserError
from gan_bench.files import digest_file

Ref = Callable[..., dict[str, Any]]

OWN = '''"""Six pictures of the user's own."""

import numpy as np

from gan_bench.data import Raw

FACTS = {
    "paper": "none",
    "settings": {"value": {"type": "int", "default": 1, "help": "grey"}},
    "deviations": [],
    "licence": "own",
    "source": "own",
}


def describe(settings):
    return {"shape": (1, 2, 3), "labelled": LABELLED}


def build(settings, folder, data_dir):
    images = np.arange(36, dtype=np.uint8).reshape(6, 1, 2, 3) * settings["value"]
    split = np.array([1, 0, 0, 1, 0, 0], np.uint8)
    labels = np.array([0, 1, 0, 1, 1, 1])
    return Raw(images, labels, split, ["a", "b"], {"rule": "as they are", "extra": 7}ORDER)
'''


def own(folder: Path, labelled: bool = True, order: str = "") -> str:
    """Write the data set of OWN as a user's component file, and return its path."""
    path = folder / "own_set.py"
    path.write_text(OWN.replace("LABELLED", str(labelled)).replace("ORDER", order))
    return str(path)


def test_rows_stand_train_first_and_otherwise_as_given(tmp_path: Path, ref: Ref) -> None:
    manifest = prepare(ref(own(tmp_path)), tmp_path / "out")
    data = open_data(tmp_path / "out")
    assert data.images("train")[:, 0, 0, 0].tolist() == [6, 12, 24, 30]
    assert data.images("test")[:, 0, 0, 0].tolist() == [0, 18]
    train, test = data.labels("train"), data.labels("test")
    assert train is not None and train.tolist() == [1, 0, 1, 1]
    assert test is not None and test.tolist() == [0, 1]
    assert manifest["counts"] == {"train": 4, "test": 2}
    assert manifest["class_counts"] == {"train": [1, 3], "test": [1, 1]}
    assert manifest["rule"] == "as they are" and manifest["facts"] == {"extra": 7}
    assert manifest["skipped"] == [] and manifest["licence"] == "own" and manifest["source"] == "own"
    assert np.load(tmp_path / "out" / "split.npy").tolist() == [0, 0, 0, 0, 1, 1]
    assert (data.shape, data.classes, data.labelled) == ((1, 2, 3), ["a", "b"], True)
    assert data.digest == manifest["digest"] and data.counts == {"train": 4, "test": 2}


def test_a_given_order_holds_within_each_split(tmp_path: Path, ref: Ref) -> None:
    prepare(ref(own(tmp_path, order=", order=np.array([5, 3, 4, 0, 2, 1])")), tmp_path / "out")
    data = open_data(tmp_path / "out")
    assert data.images("train")[:, 0, 0, 0].tolist() == [30, 24, 12, 6]
    assert data.images("test")[:, 0, 0, 0].tolist() == [18, 0]


def test_labels_that_are_not_promised_are_counted_only(tmp_path: Path, ref: Ref) -> None:
    manifest = prepare(ref(own(tmp_path, labelled=False)), tmp_path / "out")
    data = open_data(tmp_path / "out")
    assert data.labels("train") is None and data.classes is None and not data.labelled
    assert manifest["classes"] == ["a", "b"] and manifest["class_counts"] == {"train": [1, 3], "test": [1, 1]}
    assert np.load(tmp_path / "out" / "labels.npy").shape == (0,)


def test_two_preparations_give_the_same_bytes(tmp_path: Path, ref: Ref) -> None:
    first, second = (prepare(ref("digits"), tmp_path / name) for name in ("a", "b"))
    assert first == second == json.loads((tmp_path / "a" / "manifest.json").read_text())
    for file in ("manifest.json", "images.npy", "labels.npy", "split.npy"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == sorted([*first["sha256"], "manifest.json"])
    for file, digest in first["sha256"].items():
        assert digest_file(tmp_path / "a" / file) == digest


def test_digest_follows_content_and_nothing_else(tmp_path: Path, ref: Ref) -> None:
    name = own(tmp_path)
    one = prepare(ref(name), tmp_path / "a")["digest"]
    assert prepare(ref(name, value=2), tmp_path / "b")["digest"] != one
    # Modulo 256, 257 is 1: the settings differ, but the pixels are equal.
    text = Path(name).read_text().replace('* settings["value"]', '* np.uint8(settings["value"] % 256)')
    Path(name).write_text(text)
    assert prepare(ref(name, value=257), tmp_path / "c")["digest"] == one
    assert prepare(ref(own(tmp_path, labelled=False)), tmp_path / "d")["digest"] != one


def test_repeated_pictures_are_counted(tmp_path: Path, ref: Ref) -> None:
    assert prepare(ref(own(tmp_path)), tmp_path / "a")["test_in_train"] == 0
    assert prepare(ref(own(tmp_path), value=0), tmp_path / "b")["test_in_train"] == 2


def test_preparing_again_replaces_what_was_there(tmp_path: Path, ref: Ref) -> None:
    name = own(tmp_path)
    prepare(ref(name, value=1), tmp_path / "out")
    prepare(ref(name, value=3), tmp_path / "out")
    assert open_data(tmp_path / "out").images("train").max() == 105


def test_a_failed_preparation_leaves_no_manifest(tmp_path: Path, ref: Ref) -> None:
    name = own(tmp_path)
    prepare(ref(name), tmp_path / "out")
    Path(name).write_text(Path(name).read_text().replace("(6, 1, 2, 3)", "(6, 1, 3, 2)"))
    with pytest.raises(UserError, match=r"describe\(\) promises"):
        prepare(ref(name), tmp_path / "out")
    with pytest.raises(UserError, match="not a prepared data set"):
        open_data(tmp_path / "out")


def test_missing_and_unknown_settings_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'size' is missing") as caught:
        prepare({"name": "digits", "test_fraction": 0.3, "sise": 8}, tmp_path)
    assert "unknown setting 'sise'" in str(caught.value)


def test_describe_reads_no_data(ref: Ref) -> None:
    assert describe(ref("digits", size=16)) == {"shape": (1, 16, 16), "labelled": True}
    # The folder does not exist.
    found = describe(ref("image_folder", path="nowhere", size=20, labels="folders"))
    assert found == {"shape": (3, 20, 20), "labelled": True}
    assert describe(ref("sunflowers")) == {"shape": (1, 64, 64), "labelled": False}


def test_stamp_is_empty_without_sources_of_the_users_own(ref: Ref) -> None:
    assert stamp(ref("digits")) == ""


GOOD: dict[str, Any] = {
    "images": np.zeros((4, 1, 2, 2), np.uint8),
    "labels": np.array([0, 1, 0, 1]),
    "split": np.array([0, 0, 1, 1], np.uint8),
    "classes": ["a", "b"],
}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"images": np.zeros((4, 1, 2, 3), np.uint8)}, r"promises \(N, \*\(1, 2, 2\)\)"),
        ({"images": np.zeros((4, 1, 2, 2), np.float64)}, "float64"),
        ({"images": np.full((4, 1, 2, 2), 1.5, np.float32)}, r"must lie in \[-1, 1\]"),
        ({"images": np.full((4, 1, 2, 2), np.nan, np.float32)}, r"must lie in \[-1, 1\]"),
        ({"split": np.array([0, 0, 1, 2], np.uint8)}, "split must be"),
        ({"split": np.zeros(4, np.uint8)}, "a split is empty"),
        ({"labels": np.array([0, 1, 0, 2])}, "labels run from 0 to 2, there are 2 classes"),
        ({"labels": np.array([0, 1, 0, 1], np.int32)}, "int64"),
        ({"labels": np.array([0, 1])}, "labels must be"),
        ({"labels": None}, "build.. gave none"),
        ({"classes": None}, "without names"),
        ({"order": np.array([0, 1, 2, 2])}, "permutation"),
    ],
)
def test_what_breaks_the_contract_is_refused(change: dict[str, Any], named: str) -> None:
    check(Raw(**GOOD), "own", (1, 2, 2), True)
    with pytest.raises(UserError, match=named):
        check(Raw(**{**GOOD, **change}), "own", (1, 2, 2), True)
