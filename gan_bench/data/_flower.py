"""Geometry of one drawn sunflower: a disc, petals and bracts in space, projected to coloured polygons.

In the flower's own coordinates, the third coordinate runs along the flower's axis, and the flower's radius is 1. In the
picture, x points right, y down and depth towards the viewer. A flower is a list of patches, which are painted one over
the other, usually from the farthest to the nearest. The view from the front, the side or the back is thus drawn from
the same description.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Colour = tuple[float, float, float]

#: Angle between one floret of the disc and the next (radians): Vogel 1979, "A better way to construct the sunflower
#: head".
GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))

#: Light falls from the upper left, in front of the flower.
LIGHT = np.array([-0.45, -0.55, 0.70])


@dataclass(frozen=True)
class Patch:
    """One polygon or line (m, 2) in pixels, with its depth and colour.

    `line` is the width of the line in pixels, or 0 for a filled polygon.
    """

    depth: float
    points: Array
    colour: Colour
    line: float = 0.0


@dataclass(frozen=True)
class Pose:
    """Position, size and direction of the flower in the picture.

    `centre`: (x, y) in pixels. `scale`: pixels per flower radius. `tilt`: angle between the axis and the direction to
    the viewer in radians (0 = face-on, pi/2 = from the side, pi = from behind). `towards`: direction in the picture in
    which the axis leans, in radians (0 = right, pi/2 = down).
    """

    centre: tuple[float, float]
    scale: float
    tilt: float
    towards: float

    @cached_property
    def axes(self) -> Array:
        """(3, 3): the rows are the flower's two plane directions and its axis, in picture coordinates."""
        st, ct, sp, cp = np.sin(self.tilt), np.cos(self.tilt), np.sin(self.towards), np.cos(self.towards)
        return np.array([[ct * cp, ct * sp, -st], [-sp, cp, 0.0], [st * cp, st * sp, ct]])

    def project(self, points: Array) -> tuple[Array, Array]:
        """Flower coordinates (..., 3) to pixels (..., 2) and depth (...)."""
        placed = points @ self.axes
        return np.asarray(self.centre) + self.scale * placed[..., :2], placed[..., 2]


class Leaflet(NamedTuple):
    """Shape of one petal or bract: angles in radians, lengths in flower radii."""

    azimuth: float
    base: float
    length: float
    width: float
    lift: float
    curl: float
    bend: float
    height: float = 0.0


def shade(colour: Colour, factor: float) -> Colour:
    """`colour` (0..255 per channel) times `factor`: lighter above 1, darker below 1."""
    red, green, blue = colour
    return min(255.0, red * factor), min(255.0, green * factor), min(255.0, blue * factor)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """A mixture of two colours: `share` = 0 gives the first, 1 the second."""
    keep = 1.0 - share
    red, green, blue = (a * keep + b * share for a, b in zip(first, second, strict=True))
    return red, green, blue


#: ALONG: positions along a petal (0 = foot, 1 = tip). STEP: their differences. PROFILE: half width at each position,
#: divided by the largest.
ALONG = np.linspace(0.0, 1.0, 13)
STEP = np.diff(ALONG, prepend=0.0)
PROFILE = (ALONG + 0.07) ** 0.55 * (1.0 - ALONG) ** 0.62
PROFILE /= PROFILE.max()


def blades(pose: Pose, leaflets: Sequence[Leaflet]) -> tuple[Array, Array, Array]:
    """Of k petals: left edge, right edge and spine (k, 3, 13, 2) in pixels; mean depth (k,); reflected light (k,)."""
    fields = np.array(leaflets).T[..., None]
    azimuth, base, length, width, lift, curl, bend, raised = fields
    angle = lift + curl * ALONG
    reach = base + np.cumsum(length * STEP * np.cos(angle), axis=1)
    height = raised + np.cumsum(length * STEP * np.sin(angle), axis=1)
    half = width * PROFILE
    across = np.stack([half, -half, np.zeros_like(half)], axis=1) + (bend * ALONG**2)[:, None]
    cosine, sine = np.cos(azimuth), np.sin(azimuth)
    x = (cosine * reach)[:, None] - sine[:, None] * across
    y = (sine * reach)[:, None] + cosine[:, None] * across
    points, depth = pose.project(np.stack(np.broadcast_arrays(x, y, height[:, None]), axis=-1))
    middle = lift + 0.5 * curl
    normal = np.hstack([-np.sin(middle) * cosine, -np.sin(middle) * sine, np.cos(middle)]) @ pose.axes
    # A petal seen from behind is darker, but light reaches both faces.
    light = np.where(normal[:, 2] < 0, 0.86, 0.92) + 0.16 * np.abs(normal @ LIGHT)
    return points, depth.mean(axis=(1, 2)), light


def paint(pose: Pose, leaflets: Sequence[Leaflet], colours: Sequence[Colour], foot: Colour) -> list[Patch]:
    """Patches of petals or bracts: each has a blade, a shaded half, a darker foot, a middle vein and an outline."""
    patches = []
    points, depths, lights = blades(pose, leaflets)
    for (left, right, spine), depth, light, colour in zip(
        points, depths.tolist(), lights.tolist(), colours, strict=True
    ):
        foot_l, foot_r = 0.4 * spine[:6] + 0.6 * left[:6], 0.4 * spine[:6] + 0.6 * right[:6]
        outline = np.concatenate([left, right[::-1]])
        tint, base = shade(colour, light), shade(foot, light)
        patches += [
            Patch(depth, outline, tint),
            Patch(depth, np.concatenate([spine, right[::-1]]), shade(tint, 0.88)),
            Patch(depth, np.concatenate([foot_l, foot_r[::-1]]), mix(tint, base, 0.6)),
            Patch(depth, spine[:11], mix(tint, base, 0.5), 0.012 * pose.scale),
            Patch(depth, outline, shade(mix(tint, base, 0.5), 0.85), 0.010 * pose.scale),
        ]
    return patches


def rings(pose: Pose, radii: Array, heights: Array, colours: list[Colour]) -> list[Patch]:
    """A solid of revolution about the flower's axis, drawn as filled circles; each circle is a patch."""
    turn = np.linspace(0.0, 2 * np.pi, 33)[:-1]
    circle = np.column_stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)])
    patches = []
    for radius, height, colour in zip(radii, heights, colours, strict=True):
        points, depth = pose.project(circle * radius + [0.0, 0.0, height])
        patches.append(Patch(float(depth.mean()), points, colour))
    return patches


def seeds(pose: Pose, radius: float, dome: float, count: int, colours: list[Colour], spin: float) -> list[Patch]:
    """Florets of the disc on Vogel's spiral, except those that face away. `colours` go from the centre to the rim."""
    index = np.arange(count) + 0.5
    r = radius * np.sqrt(index / count)
    angle = index * GOLDEN_ANGLE + spin
    centre = np.column_stack([r * np.cos(angle), r * np.sin(angle), dome * (1 - (r / radius) ** 2)])
    slope = np.column_stack([2 * dome * centre[:, :2] / radius**2, np.ones(count)])
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    facing = (slope @ pose.axes) @ np.array([0.0, 0.0, 1.0])
    size = 0.62 * radius / np.sqrt(count)
    turn = np.linspace(0.0, 2 * np.pi, 7)[:-1]
    outline = size * np.column_stack([np.cos(turn), np.sin(turn), np.zeros_like(turn)])
    seen = np.flatnonzero(facing > 0.08)
    points, depth = pose.project(centre[seen, None] + outline)
    band = (len(colours) - 1) * r[seen] / radius
    tints = np.column_stack([np.interp(band, np.arange(len(colours)), channel) for channel in np.transpose(colours)])
    # Every third floret is a little darker, which makes spiral arms visible, as in a real head.
    tints *= (0.75 + 0.3 * facing[seen] * np.where(seen % 3, 1.0, 0.8))[:, None]
    return [
        Patch(*floret) for floret in zip(depth.mean(axis=1).tolist(), points, map(tuple, tints.tolist()), strict=True)
    ]
