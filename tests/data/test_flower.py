"""Geometry of the drawn flower: projection, spiral, visibility."""

import numpy as np
import pytest

from gan_bench.data._flower import GOLDEN_ANGLE, Leaflet, Pose, blades, mix, rings, seeds, shade

FRONT = Pose(centre=(100.0, 50.0), scale=10.0, tilt=0.0, towards=0.0)


@pytest.mark.parametrize("tilt", [0.0, 0.7, 1.6, 3.0])
@pytest.mark.parametrize("towards", [0.0, 2.0, -1.5])
def test_axes_are_orthonormal_and_the_third_is_tilted(tilt: float, towards: float) -> None:
    axes = Pose((0.0, 0.0), 1.0, tilt, towards).axes
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert axes[2, 2] == pytest.approx(np.cos(tilt))


def test_face_on_the_plane_is_the_pictures() -> None:
    points, depth = FRONT.project(np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]))
    np.testing.assert_allclose(points, [[100, 50], [110, 50], [100, 60], [100, 50]], atol=1e-12)
    np.testing.assert_allclose(depth, [0, 0, 0, 1], atol=1e-12)


def test_a_circle_seen_from_the_side_is_a_line() -> None:
    pose = Pose((0.0, 0.0), 10.0, np.pi / 2, 0.0)
    (ring,) = rings(pose, np.array([1.0]), np.array([0.0]), [(1.0, 2.0, 3.0)])
    assert np.ptp(ring.points[:, 0]) == pytest.approx(0, abs=1e-9)
    assert np.ptp(ring.points[:, 1]) == pytest.approx(20, rel=0.01)


def test_golden_angle_is_vogels() -> None:
    assert np.degrees(GOLDEN_ANGLE) == pytest.approx(137.50776, abs=1e-5)


def test_florets_fill_the_disc_evenly() -> None:
    found = seeds(FRONT, 1.0, 0.0, 400, [(10.0, 10.0, 10.0), (20.0, 20.0, 20.0)], 0.0)
    centres = np.array([patch.points.mean(axis=0) for patch in found])
    radius = np.linalg.norm(centres - [100, 50], axis=1) / 10
    assert len(found) == 400 and radius.max() <= 1
    # In Vogel's spiral, the radius of floret k is proportional to sqrt(k). So equal areas hold equal numbers of
    # florets.
    assert np.histogram(radius**2, bins=4, range=(0, 1))[0].tolist() == [100, 100, 100, 100]


def test_florets_that_face_away_are_not_drawn() -> None:
    behind = Pose((0.0, 0.0), 10.0, np.pi, 0.0)
    assert seeds(behind, 1.0, 0.2, 100, [(1.0, 1.0, 1.0), (2.0, 2.0, 2.0)], 0.0) == []


def test_a_petal_reaches_from_its_foot_to_its_tip() -> None:
    flat = Leaflet(0.0, base=0.5, length=0.5, width=0.1, lift=0.0, curl=0.0, bend=0.0)
    ((left, right, spine), _), (depth, raised), _ = blades(FRONT, [flat, flat._replace(height=0.3)])
    assert depth == pytest.approx(0) and raised == pytest.approx(0.3)
    np.testing.assert_allclose(spine[0], [105, 50], atol=1e-9)
    np.testing.assert_allclose(spine[-1], [110, 50], atol=1e-9)
    np.testing.assert_allclose(left[-1], right[-1], atol=1e-9)  # the petal ends in a point
    assert np.abs(left[:, 1] - right[:, 1]).max() == pytest.approx(2 * 0.1 * 10, rel=0.02)


def test_colours() -> None:
    assert shade((100, 200, 10), 2) == (200, 255, 20)
    assert mix((0, 100, 10), (100, 0, 10), 0.25) == (25, 75, 10)
