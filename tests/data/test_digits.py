"""The embedded digits, compared with scikit-learn's arrays."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from gan_bench.data import open_data, prepare

Ref = Callable[..., dict[str, Any]]


def test_pixels_are_the_originals_on_a_fixed_scale(tmp_path: Path, ref: Ref) -> None:
    prepare(ref("digits"), tmp_path)
    data = open_data(tmp_path)
    stored = np.concatenate([data.images("train"), data.images("test")])[:, 0]
    levels = sorted(np.unique(stored).tolist())
    assert levels == [0, 16, 32, 48, 64, 80, 96, 112, 128, 143, 159, 175, 191, 207, 223, 239, 255]
    found = load_digits()
    # Every original picture occurs exactly once, with its label.
    labels = np.concatenate([data.labels("train"), data.labels("test")])  # type: ignore[list-item]
    ours = sorted(
        (np.rint(x.astype(float) * 16 / 255).astype(int).ravel().tolist(), int(y))
        for x, y in zip(stored, labels, strict=True)
    )
    theirs = sorted((x.astype(int).ravel().tolist(), int(y)) for x, y in zip(found.images, found.target, strict=True))
    assert ours == theirs


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.5])
def test_split_is_stratified(tmp_path: Path, ref: Ref, fraction: float) -> None:
    manifest = prepare(ref("digits", test_fraction=fraction), tmp_path)
    assert manifest["counts"]["test"] == round(1797 * fraction)
    assert manifest["counts"]["train"] + manifest["counts"]["test"] == 1797
    train, test = (np.array(manifest["class_counts"][split]) for split in ("train", "test"))
    assert np.abs(test - fraction * (train + test)).max() < 1


def test_enlarged_digits_keep_their_ink(tmp_path: Path, ref: Ref) -> None:
    prepare(ref("digits"), tmp_path / "8")
    small = open_data(tmp_path / "8").images("train").astype(float)
    for size in (16, 32):
        prepare(ref("digits", size=size), tmp_path / str(size))
        large = open_data(tmp_path / str(size))
        assert large.shape == (1, size, size)
        # The rows have the same order at every size. Averaged to 8 x 8, each picture equals the original, except for
        # the overshoot of the resize filter.
        k = size // 8
        averaged = large.images("train").reshape(-1, 8, k, 8, k).mean(axis=(2, 4))
        assert np.abs(averaged - small[:, 0]).mean() < 12
