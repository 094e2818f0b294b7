"""Fixtures of the data tests: references to data sets, and small folders and archives."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from gan_bench.data import _idx
from gan_bench.files import digest_file
from gan_bench.registry import component


@pytest.fixture
def ref() -> Callable[..., dict[str, Any]]:
    """ref(name, **settings): the reference to a data set, with defaults for the settings that are not given."""

    def resolved(name: str, **settings: Any) -> dict[str, Any]:
        declared = component("data", name).settings.values()
        return {"name": name, **{s.name: s.default for s in declared if not s.required}, **settings}

    return resolved


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder of 20 different noise PNGs in two class folders (14 and 6)."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "photos"
    for name, count in (("daisy", 14), ("aster", 6)):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            picture = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8))
            picture.save(folder / name / f"{number:02}.png")
    return folder


@pytest.fixture
def archives(tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A folder with four small idx archives, and FACTS with their checksums."""
    rng = np.random.default_rng(1)
    folder = tmp_path / "archives"
    folder.mkdir()
    for (images, labels), count in zip(_idx.PARTS, (50, 30), strict=True):
        write_idx(folder / images, rng.integers(0, 256, (count, 28, 28), dtype=np.uint8))
        write_idx(folder / labels, rng.permutation(np.arange(count) % 10).astype(np.uint8))
    facts = {
        "torchvision": "MNIST",
        "folders": ["mnist", "MNIST/raw"],
        "urls": ["https://example.org/mnist/"],
        "files": {file: digest_file(folder / file) for file in _idx.FILES},
        "classes": [str(digit) for digit in range(10)],
    }
    return folder, facts


def write_idx(path: Path, values: np.ndarray) -> None:
    """Write `values` as a gzipped idx file of unsigned bytes."""
    header = bytes((0, 0, 8, values.ndim)) + np.array(values.shape, dtype=">u4").tobytes()
    path.write_bytes(gzip.compress(header + values.tobytes(), mtime=0))
