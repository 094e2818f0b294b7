"""Diagnostic files: interpolations follow great circles, neighbours are the nearest images, mode counts are correct."""

import json

import numpy as np
import pytest
from PIL import Image

from gan_bench.data import open_data
from gan_bench.features import Features
from gan_bench.metrics import _diagnostic_files
from gan_bench.metrics.evaluate.diagnostics import (
    COLUMNS,
    NEAREST,
    ROWS,
    interpolation,
    mode_counts,
    nearest_rows,
    neighbours,
    paths_between,
    write_diagnostics,
)
from gan_bench.train.generate import load_generator, sample

RNG = np.random.default_rng


def test_a_path_between_normal_vectors_keeps_their_length():
    first, last = RNG(0).standard_normal((2, 5, 64)).astype(np.float32)
    first, last = (8 * part / np.linalg.norm(part, axis=1, keepdims=True) for part in (first, last))
    path = paths_between(first, last, 7)
    assert path.shape == (5, 7, 64) and path.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(path, axis=2), 8, rtol=1e-5)
    np.testing.assert_allclose(path[:, 0], first, atol=1e-5)
    np.testing.assert_allclose(path[:, -1], last, atol=1e-5)
    # Equal steps of a great circle are equal angles.
    cosines = (path[:, 1:] * path[:, :-1]).sum(axis=2)
    np.testing.assert_allclose(cosines, cosines[:, :1].repeat(6, axis=1), rtol=1e-4)


def test_a_path_between_bounded_vectors_is_straight():
    first, last = RNG(0).uniform(-1, 1, (2, 3, 8)).astype(np.float32)
    np.testing.assert_allclose(paths_between(first, last, 3)[:, 1], (first + last) / 2, atol=1e-6)


def test_a_class_is_not_interpolated():
    noise = RNG(0).standard_normal((2, 4, 6)).astype(np.float32)
    classes = np.eye(3, dtype=np.float32)[[[0, 1, 2, 0], [2, 2, 1, 1]]]
    first, last = np.concatenate([noise, classes], axis=2)
    path = paths_between(first, last, 5)
    assert (path[:, :, 6:] == first[:, None, 6:]).all() and np.isfinite(path).all()
    np.testing.assert_allclose(path[:, -1, :6], last[:, :6], atol=1e-5)


def test_equal_and_opposite_ends_give_numbers():
    point = RNG(1).standard_normal((1, 4)).astype(np.float32) * 3
    assert np.isfinite(paths_between(point, point, 4)).all() and np.isfinite(paths_between(point, -point, 4)).all()


def test_the_nearest_rows_are_the_nearest():
    points, pool = RNG(0).standard_normal((3, 2)), RNG(1).standard_normal((9000, 2))
    near, lengths = nearest_rows(points, pool, 4)
    distances = np.linalg.norm(points[:, None] - pool[None], axis=2)
    np.testing.assert_array_equal(near, np.argsort(distances, axis=1)[:, :4])
    np.testing.assert_allclose(lengths, np.sort(distances, axis=1)[:, :4])
    twice = np.array([[1.0], [0.0], [0.0], [2.0]])
    assert nearest_rows(np.zeros((1, 1)), twice, 9)[0].tolist() == [[1, 2, 0, 3]]


def test_a_training_image_is_its_own_neighbour(reference, digits):
    data = open_data(digits)
    result, distances = neighbours(data.images("train")[[5, 77]], reference, data)
    np.testing.assert_allclose(distances[:, 0], 0, atol=1e-3)
    assert result.shape == (2, 1 + NEAREST, 1, 8, 8)
    np.testing.assert_array_equal(result[:, 0], result[:, 1])


def test_modes_are_counted():
    def points(modes=None, log_probs=None):
        n = len(modes if modes is not None else log_probs)
        return Features(np.zeros((n, 1), np.float32), log_probs, modes, 0 if modes is None else 3)

    real, fake = points(np.array([0, 1, 2, 2])), points(np.array([-1, 2, 2, -1, 0]))
    result = mode_counts(real, fake, None)
    assert result == {"kind": "modes", "names": None, "real": [1, 1, 2], "samples": [1, 0, 2], "outside": 2}
    real, fake = (points(log_probs=np.log(np.array(rows))) for rows in ([[0.9, 0.1], [0.2, 0.8]], [[0.6, 0.4]]))
    result = mode_counts(real, fake, ["a", "b"])
    assert result == {"kind": "classes", "names": ["a", "b"], "real": [1, 1], "samples": [1, 0], "outside": 0}
    bare = Features(np.zeros((1, 1), np.float32))
    assert mode_counts(bare, bare, None) is None


def test_a_run_leaves_the_same_bytes_twice(make_run, reference, digits):
    run, data = make_run(scale=3.0), open_data(digits)
    real, samples = reference.real("test"), reference.extract(sample(run, 40, 1))
    first = write_diagnostics(run, reference, data, real, samples, 1)
    assert set(first) == set(_diagnostic_files.FILES)
    assert write_diagnostics(run, reference, data, real, samples, 1) == first
    assert (
        write_diagnostics(run, reference, data, real, samples, 2)[_diagnostic_files.INTERPOLATION]
        != first[_diagnostic_files.INTERPOLATION]
    )
    modes = json.loads((run / _diagnostic_files.MODES).read_text())
    assert sum(modes["samples"]) == 40 and sum(modes["real"]) == len(real) and len(modes["names"]) == 10
    assert modes["extractor"] == reference.label
    with Image.open(run / _diagnostic_files.INTERPOLATION) as image:
        assert image.size == (COLUMNS * 33 - 1, ROWS * 33 - 1) and image.mode == "L"
    with Image.open(run / _diagnostic_files.NEIGHBOURS) as image:
        assert image.size == ((1 + NEAREST) * 33 - 2 + 6, ROWS * 33 - 1)


def test_a_path_begins_and_ends_at_samples_of_the_seed(make_run):
    run = make_run(scale=3.0)
    result = interpolation(load_generator(run), 4)
    ends = sample(run, 2 * ROWS, 4)
    assert np.abs(result[:, 0].astype(int) - ends[:ROWS]).max() <= 1
    assert np.abs(result[:, -1].astype(int) - ends[ROWS:]).max() <= 1


@pytest.mark.parametrize("shown", _diagnostic_files.FILES)
def test_a_run_without_samples_leaves_none(make_run, reference, digits, shown):
    run = make_run(status="diverged")
    (run / shown).write_bytes(b"of an earlier run")
    assert write_diagnostics(run, reference, open_data(digits), reference.real("test"), None, 0) == {}
    assert not (run / shown).exists()
