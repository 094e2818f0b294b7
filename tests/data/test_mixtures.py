"""Mixtures of Gaussians and stacked digits: distinct modes, scaled points, and labels that name the mode."""

import numpy as np
import pytest

from gan_bench.config.grammar.reference import resolve
from gan_bench.data import open_data, prepare
from gan_bench.features import identity, stacked_classifier


@pytest.fixture
def prepared(tmp_path):
    def made(**ref):
        prepare(resolve("data", ref), tmp_path / ref["name"])
        return open_data(tmp_path / ref["name"])

    return made


def centres_of(data):
    return np.array(data.manifest["facts"]["modes"]["centres"]), data.manifest["facts"]["modes"]["sd"]


@pytest.mark.parametrize(("name", "count"), [("ring", 8), ("grid", 25)])
def test_modes_are_distinct_and_points_lie_around_theirs(prepared, name, count):
    data = prepared(name=name, n_train=20_000, n_test=1000)
    centres, sd = centres_of(data)
    distances = np.linalg.norm(centres[:, None] - centres[None], axis=2)[~np.eye(count, dtype=bool)]
    assert len(centres) == count and distances.min() > 20 * sd, "an angle taken with its endpoint gives a mode twice"
    points, labels = data.images("train").reshape(-1, 2), data.labels("train")
    assert data.shape == (2, 1, 1) and points.dtype == np.float32 and np.abs(points).max() <= 1
    offsets = points - centres[labels]
    assert np.allclose(offsets.std(axis=0), sd, rtol=0.03) and np.abs(offsets.mean(axis=0)).max() < sd / 20
    assert np.abs(np.bincount(labels, minlength=count) / len(labels) - 1 / count).max() < 0.01


def test_the_ring_is_of_radius_one_and_the_grid_of_step_two_before_scaling(prepared):
    ring, grid = prepared(name="ring"), prepared(name="grid")
    centres, sd = centres_of(ring)
    scale = ring.manifest["facts"]["scale"]
    assert np.allclose(np.linalg.norm(centres * scale, axis=1), 1) and sd * scale == pytest.approx(0.01)
    centres, sd = centres_of(grid)
    scale = grid.manifest["facts"]["scale"]
    assert sorted(set(np.round(centres[:, 0] * scale, 9))) == [-4, -2, 0, 2, 4] and sd * scale == pytest.approx(0.05)


def test_a_point_belongs_to_its_mode_within_three_deviations(prepared):
    data = prepared(name="ring", n_train=20_000, n_test=1000)
    settings = {"within": 3.0}
    weights, report = identity.fit(data, settings, 0)
    found = identity.extract(weights, data.images("train"), settings)
    inside = found.modes >= 0
    assert report["n_modes"] == found.n_modes == 8
    assert np.array_equal(found.modes[inside], data.labels("train")[inside])
    # A normal point in the plane is within 3 standard deviations of its centre with probability 1 - exp(-9/2).
    assert inside.mean() == pytest.approx(1 - np.exp(-4.5), abs=0.002)
    assert np.array_equal(found.features, data.images("train").reshape(-1, 2))
    far = identity.extract(weights, np.zeros((4, 2, 1, 1), np.float32), settings)
    assert (far.modes == -1).all()


def test_stacked_digits_are_three_digits_of_their_split(prepared):
    from gan_bench.data import digits

    data = prepared(name="stacked_mnist", base="digits", n_train=400, n_test=100)
    assert data.shape == (3, 8, 8) and len(data.classes) == 1000
    base = digits.build({"size": 8, "test_fraction": 0.3}, None, None)
    for split, code in (("train", 0), ("test", 1)):
        known = {image.tobytes(): label for image, label in zip(base.images[:, 0], base.labels, strict=True)}
        own = {image.tobytes() for image in base.images[base.split == code][:, 0]}
        for image, label in zip(data.images(split)[:50], data.labels(split)[:50], strict=True):
            assert all(channel.tobytes() in own for channel in image)
            assert [known[channel.tobytes()] for channel in image] == [label // 100, label // 10 % 10, label % 10]


def test_the_mode_of_stacked_digits_is_read_by_a_digit_classifier(prepared):
    data = prepared(name="stacked_mnist", base="digits", n_train=800, n_test=300)
    settings = resolve("features", {"name": "stacked_classifier", "width": 16, "dim": 32})
    settings.pop("name")
    weights, report = stacked_classifier.fit(data, settings, 0)
    found = stacked_classifier.extract(weights, data.images("test"), settings)
    assert report["test_accuracy"] > 0.93 and found.n_modes == 1000 and found.features.shape == (300, 96)
    assert (found.modes == data.labels("test")).mean() > 0.8
