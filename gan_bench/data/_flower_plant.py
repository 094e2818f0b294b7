"""Parts of a drawn sunflower plant: head, calyx, stem and leaves, and the properties that differ between plants."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gan_bench.data._flower import Colour, Leaflet, Patch, Pose, mix, paint, rings, seeds, shade

Array = NDArray[np.float64]
Rng = np.random.Generator

#: (colour of the petals, colour of the foot of a petal, share of plants) of each variety.
VARIETIES: tuple[tuple[Colour, Colour, float], ...] = (
    ((250, 200, 22), (214, 120, 8), 0.52),
    ((252, 222, 60), (232, 165, 20), 0.26),
    ((245, 165, 18), (185, 80, 8), 0.16),
    ((176, 58, 22), (92, 18, 14), 0.06),
)
#: Disc colours from the centre to the rim.
DISCS: tuple[list[Colour], ...] = (
    [(96, 70, 32), (46, 26, 12), (60, 34, 14), (150, 95, 24)],
    [(132, 128, 52), (92, 62, 26), (58, 32, 14), (196, 134, 30)],
    [(40, 24, 16), (28, 16, 12), (44, 24, 14), (84, 48, 20)],
    [(168, 160, 70), (176, 136, 44), (128, 84, 28), (206, 150, 36)],
)
GREEN: Colour = (92, 134, 48)


@dataclass(frozen=True)
class Look:
    """The properties that differ between flowers; lengths in flower radii, angles in radians.

    `kept`: share of all petals that are still on the flower. `bracts`: length of the bracts.
    """

    petals: int
    disc: float
    lift: float
    petal_length: float
    petal_width: float
    kept: float
    colour: Colour
    foot: Colour
    seeds: list[Colour]
    bracts: float
    green: Colour
    bract_lift: float
    bract_curl: float = -0.2
    petal_curl: float = -0.15


def variety(rng: Rng) -> tuple[Colour, Colour]:
    """Colour of a petal and of its foot."""
    chosen = VARIETIES[int(rng.choice(len(VARIETIES), p=[share for _, _, share in VARIETIES]))]
    change = rng.uniform(0.92, 1.06)
    return shade(chosen[0], change), shade(chosen[1], change)


def blooming(rng: Rng) -> Look:
    """An open flower."""
    colour, foot = variety(rng)
    disc, lift = rng.uniform(0.33, 0.52), rng.uniform(-0.05, 0.35)
    petals = int(rng.integers(15, 30))
    return Look(
        petals=petals,
        disc=disc,
        lift=lift,
        petal_length=1.0 - disc,
        petal_width=rng.uniform(0.85, 1.2) * 1.7 / petals,
        kept=rng.uniform(0.93, 1.0),
        colour=colour,
        foot=foot,
        seeds=DISCS[int(rng.integers(len(DISCS)))],
        bracts=rng.uniform(0.3, 0.5),
        green=shade(mix(GREEN, (120, 160, 70), rng.uniform(0, 1)), rng.uniform(0.8, 1.1)),
        bract_lift=lift - 0.3,
    )


def head(pose: Pose, look: Look, rng: Rng) -> list[Patch]:
    """Patches of one flower head, farthest first."""
    patches: list[Patch] = []
    patches += _crown(pose, look, rng)
    patches += _calyx(pose, look, rng)
    dome = look.disc * rng.uniform(0.18, 0.34)
    levels = np.linspace(0.0, 1.0, 7)
    shades = [shade(look.seeds[1], 0.75 + 0.1 * level) for level in levels]
    patches += rings(pose, look.disc * np.sqrt(1 - 0.9 * levels), dome * levels, shades)
    florets = seeds(pose, look.disc, dome, 260, look.seeds, rng.uniform(0, 6.28))
    patches.sort(key=lambda patch: patch.depth)
    # The florets are on the surface of the dome. If they were painted by depth alone, the dome would hide half of them.
    near = _nearer_than_disc(patches, pose, look, dome)
    return [*patches[:near], *sorted(florets, key=lambda patch: patch.depth), *patches[near:]]


def _nearer_than_disc(patches: list[Patch], pose: Pose, look: Look, dome: float) -> int:
    """Index of the first patch in front of the disc. Such patches are petals on the near side of a tilted flower."""
    _, depth = pose.project(np.array([[0.0, 0.0, dome]]))
    limit = max(float(depth[0]), 0.0) + 0.25 * look.disc * float(np.sin(pose.tilt)) + 1e-6
    return sum(patch.depth <= limit for patch in patches)


def _crown(pose: Pose, look: Look, rng: Rng) -> list[Patch]:
    petals: list[Leaflet] = []
    tints: list[Colour] = []
    for layer in (0, 1):
        offset = rng.uniform(0, 2 * np.pi)
        for k in range(look.petals):
            if rng.random() > look.kept:
                continue
            azimuth = offset + 2 * np.pi * (k + rng.normal(0, 0.18)) / look.petals
            petal = Leaflet(
                azimuth=azimuth,
                base=look.disc * 0.93,
                length=look.petal_length * rng.uniform(0.8, 1.1) * (1.0 if layer else 0.93),
                width=look.petal_width * rng.uniform(0.8, 1.2),
                lift=look.lift + rng.normal(0, 0.12) - (0.12 if layer == 0 else 0.0),
                curl=rng.normal(look.petal_curl, 0.25),
                bend=rng.normal(0, 0.06),
            )
            petals.append(petal)
            tints.append(shade(look.colour, rng.uniform(0.9, 1.06) * (1.0 if layer else 0.88)))
    return paint(pose, petals, tints, look.foot)


def _calyx(pose: Pose, look: Look, rng: Rng) -> list[Patch]:
    levels = np.linspace(0.0, 1.0, 8)
    radii = look.disc * (1.02 - 0.85 * levels**1.6)
    shades = [shade(look.green, 0.78 + 0.05 * i) for i in range(8)]
    patches = rings(pose, radii, -0.42 * look.disc * levels - 0.02, shades)
    count = int(rng.integers(14, 20))
    bracts: list[Leaflet] = []
    tints: list[Colour] = []
    for k in range(count):
        bract = Leaflet(
            azimuth=2 * np.pi * (k + rng.normal(0, 0.2)) / count,
            base=look.disc * 0.8,
            length=look.bracts * rng.uniform(0.8, 1.15),
            width=rng.uniform(0.06, 0.085),
            lift=look.bract_lift + rng.uniform(-0.3, 0.3),
            curl=rng.normal(look.bract_curl, 0.25),
            bend=rng.normal(0, 0.04),
            height=-0.12 * look.disc,
        )
        bracts.append(bract)
        tints.append(shade(look.green, rng.uniform(0.85, 1.1)))
    return patches + paint(pose, bracts, tints, shade(look.green, 0.6))


def bezier(start: Array, bend: Array, turn: Array, end: Array, count: int = 24) -> Array:
    """Points (count, 2) of a cubic Bezier curve."""
    t = np.linspace(0, 1, count)[:, None]
    return (1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * bend + 3 * t**2 * (1 - t) * turn + t**3 * end


def stalk(
    pose: Pose, rng: Rng, size: int, look: Look, thickness: float, aside: float = 0.0
) -> tuple[Array, list[Patch]]:
    """Stem from the back of the head to below the lower edge of the picture: points (m, 2) and patches.

    The stem's foot is about `aside` flower radii to the right of its top.
    """
    back, _ = pose.project(np.array([[0.0, 0.0, -0.4 * look.disc], [0.0, 0.0, -0.9]]))
    foot = np.array([back[1, 0] + rng.normal(0, 0.10) * size + aside * pose.scale, 1.08 * size])
    foot[1] = max(foot[1], back[0, 1] + 0.1 * size)
    curve = bezier(back[0], back[1], np.array([foot[0], 0.5 * (back[1, 1] + foot[1])]), foot)
    width = thickness * pose.scale
    patches = [
        Patch(0.0, curve, shade(look.green, 0.72), width),
        Patch(0.0, curve - [0.22 * width, 0.0], shade(look.green, 1.05), width * 0.45),
    ]
    return curve, patches


def foliage_leaf(root: Array, angle: float, length: float, green: Colour, rng: Rng) -> list[Patch]:
    """A broad leaf in the picture plane with its veins; `angle` in radians, `length` in pixels."""
    u = np.linspace(0, 1, 14)
    half = length * rng.uniform(0.24, 0.36) * 1.9 * (u + 0.03) ** 0.5 * (1 - u) ** 0.8
    along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    droop = (length * rng.uniform(0.0, 0.3) * u**2)[:, None] * [0.0, 1.0]
    spine = root + (length * u)[:, None] * along + droop
    left, right = spine + half[:, None] * across, spine - half[:, None] * across
    veins = [
        Patch(0.0, np.vstack([spine[i], edge[i + 3]]), shade(green, 0.8), 0.012 * length)
        for i in (2, 5, 8)
        for edge in (left, right)
    ]
    return [
        Patch(0.0, np.vstack([left, right[::-1]]), green),
        Patch(0.0, np.vstack([spine, right[::-1]]), shade(green, 0.82)),
        Patch(0.0, spine, shade(green, 1.25), 0.025 * length),
        *veins,
    ]


def leaves(curve: Array, pose: Pose, look: Look, rng: Rng, count: int) -> list[Patch]:
    """Leaves along the visible part of a stem."""
    patches: list[Patch] = []
    for k in range(count):
        root = curve[int(rng.integers(7, len(curve) - 3))]
        side = 1 if (k + int(rng.integers(2))) % 2 else -1
        angle = np.pi / 2 - side * rng.uniform(0.7, 1.7)
        green = shade(look.green, rng.uniform(0.65, 1.05))
        patches += foliage_leaf(root, angle, pose.scale * rng.uniform(0.5, 1.0), green, rng)
    return patches
