"""Every data set of the registry fulfils the contract; a new file is tested without an edit here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gan_bench.data import describe, open_data, prepare, stamp
from gan_bench.registry import component, load, names

Ref = Callable[..., dict[str, Any]]
#: Values of settings that make a data set small, for the data sets that have these settings.
FEW = {"n_train": 12, "n_test": 10, "base": "digits"}


@pytest.fixture
def small(ref: Ref, photos: Path) -> Callable[[str], dict[str, Any]]:
    """The smallest reference of a data set: few pictures, and a folder if one is required."""

    def resolved(name: str) -> dict[str, Any]:
        declared = component("data", name).settings
        settings: dict[str, Any] = {key: value for key, value in FEW.items() if key in declared}
        settings |= {key: str(photos) for key, s in declared.items() if s.required and s.type == "path"}
        return ref(name, **settings)

    return resolved


@pytest.mark.parametrize("name", names("data"))
def test_declaration(name: str) -> None:
    declared = component("data", name)
    assert declared.summary.endswith(".") and len(declared.summary) < 120
    assert declared.paper and declared.facts["licence"] and declared.facts["source"]
    assert isinstance(declared.facts["deviations"], list)
    for setting in declared.settings.values():
        assert setting.help, f"{name}.{setting.name} has no help"
        if not setting.required and setting.default is None:
            assert setting.nullable
        if setting.choices and not setting.required:
            assert setting.default in setting.choices
    assert load("data", name).FACTS["licence"] == declared.facts["licence"]


@pytest.mark.parametrize("name", names("data"))
def test_built_as_described(
    name: str, small: Callable[[str], dict[str, Any]], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # FACTS["files"] lists archives to download. Tests take them from the folder of real data on this machine.
    data_dir = request.getfixturevalue("shared_data") if "files" in component("data", name).facts else None
    settings = small(name)
    promised = describe(settings)
    manifest = prepare(settings, tmp_path / "out", data_dir)
    data = open_data(tmp_path / "out")
    data.verify()
    assert data.name == name and data.shape == promised["shape"] and data.labelled == promised["labelled"]
    assert manifest["settings"] == {key: value for key, value in settings.items() if key != "name"}
    assert len(data.digest) == 64 and manifest["rule"]
    for split in ("train", "test"):
        images, labels = data.images(split), data.labels(split)
        assert (
            images.shape == (manifest["counts"][split], *promised["shape"]) and str(images.dtype) == manifest["dtype"]
        )
        assert len(np.unique(images)) > 1
        assert (labels is not None) == promised["labelled"]
        if labels is not None:
            assert labels.dtype == np.int64 and labels.shape == (len(images),)
            assert np.bincount(labels, minlength=len(data.classes or [])).tolist() == manifest["class_counts"][split]
    assert prepare(settings, tmp_path / "again", data_dir) == manifest
    assert isinstance(stamp(settings, data_dir), str)
