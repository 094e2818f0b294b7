"""The kinds of picture among the drawn sunflowers: face-on, slender side view, and the odd ones."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from gan_bench.data._flower import Patch, Pose, shade
from gan_bench.data._flower_plant import GREEN, blooming, head, leaves, stalk
from gan_bench.data._flower_scene import background, expose

Rng = np.random.Generator

#: Side of a finished picture, and the factor by which it is drawn larger.
PICTURE = 128
OVERSAMPLING = 3


def face(rng: Rng, size: int) -> list[Patch]:
    """A flower that looks at the viewer, whole or cropped by the frame."""
    close = rng.random() < 0.25
    scale = size * (rng.uniform(0.46, 0.62) if close else rng.uniform(0.26, 0.45))
    spread = 0.10 if close else 0.07
    pose = Pose(
        centre=(size * (0.5 + rng.normal(0, spread)), size * (0.47 + rng.normal(0, spread))),
        scale=scale,
        tilt=abs(rng.normal(0, 0.33)),
        towards=rng.uniform(0, 2 * np.pi),
    )
    look = blooming(rng)
    curve, stem = stalk(pose, rng, size, look, rng.uniform(0.09, 0.15))
    return [*stem, *leaves(curve, pose, look, rng, int(rng.integers(0, 4))), *head(pose, look, rng)]


def side(rng: Rng, size: int) -> list[Patch]:
    """A flower seen edge-on at the end of its stem: a slender shape."""
    look = replace(blooming(rng), lift=rng.uniform(0.25, 0.75), disc=rng.uniform(0.34, 0.48))
    look = replace(look, petal_length=rng.uniform(0.55, 0.7), bract_lift=look.lift - 0.1)
    # Left, right or a little upward: an edge-on head that looked down would be a wilted one.
    towards = rng.choice([0.0, np.pi]) + rng.normal(0, 0.22)
    pose = Pose(
        centre=(size * (0.5 + rng.normal(0, 0.06)), size * (0.36 + rng.normal(0, 0.05))),
        scale=size * rng.uniform(0.30, 0.46),
        tilt=rng.uniform(1.30, 1.80),
        towards=towards,
    )
    curve, stem = stalk(pose, rng, size, look, rng.uniform(0.11, 0.17))
    return [*stem, *leaves(curve, pose, look, rng, int(rng.integers(1, 4))), *head(pose, look, rng)]


def odd(rng: Rng, size: int) -> list[Patch]:
    """A bud, a wilted flower or one seen from behind, in equal shares."""
    return (bud, wilted, behind)[int(rng.integers(3))](rng, size)


def bud(rng: Rng, size: int) -> list[Patch]:
    """A flower that has not opened: bracts around a tuft of yellow."""
    look = replace(
        blooming(rng),
        disc=rng.uniform(0.40, 0.5),
        lift=rng.uniform(0.8, 1.1),
        petal_length=rng.uniform(0.45, 0.7),
        petal_curl=1.2,
        bracts=rng.uniform(0.6, 0.85),
        bract_lift=rng.uniform(0.5, 0.8),
        bract_curl=1.1,
        seeds=[shade(GREEN, factor) for factor in (1.1, 0.9, 0.8)],
    )
    pose = Pose(
        centre=(size * (0.5 + rng.normal(0, 0.07)), size * (0.42 + rng.normal(0, 0.06))),
        scale=size * rng.uniform(0.3, 0.45),
        tilt=rng.uniform(0.7, 1.5),
        towards=-np.pi / 2 + rng.normal(0, 0.5),
    )
    curve, stem = stalk(pose, rng, size, look, rng.uniform(0.1, 0.16))
    return [*stem, *leaves(curve, pose, look, rng, int(rng.integers(2, 5))), *head(pose, look, rng)]


def wilted(rng: Rng, size: int) -> list[Patch]:
    """A head past its bloom that hangs from its stem, brown, with most petals gone."""
    fresh = blooming(rng)
    look = replace(
        fresh,
        disc=rng.uniform(0.5, 0.62),
        kept=rng.uniform(0.25, 0.55),
        lift=rng.uniform(-0.6, 0.2),
        petal_length=rng.uniform(0.25, 0.45),
        colour=(rng.uniform(120, 190), rng.uniform(85, 120), rng.uniform(25, 50)),
        foot=(80.0, 50.0, 20.0),
        green=shade((122, 112, 62), rng.uniform(0.75, 1.05)),
    )
    pose = Pose(
        centre=(size * (0.5 + rng.normal(0, 0.07)), size * (0.45 + rng.normal(0, 0.06))),
        scale=size * rng.uniform(0.3, 0.42),
        tilt=rng.uniform(0.8, 1.4),
        towards=np.pi / 2 + rng.normal(0, 0.4),
    )
    curve, stem = stalk(pose, rng, size, look, rng.uniform(0.1, 0.15), rng.choice([-0.7, 0.7]))
    return [*stem, *leaves(curve, pose, look, rng, int(rng.integers(0, 3))), *head(pose, look, rng)]


def behind(rng: Rng, size: int) -> list[Patch]:
    """A flower that has turned its back: calyx and stem in front of the petals."""
    look = blooming(rng)
    pose = Pose(
        centre=(size * (0.5 + rng.normal(0, 0.07)), size * (0.42 + rng.normal(0, 0.06))),
        scale=size * rng.uniform(0.3, 0.45),
        tilt=rng.uniform(2.2, 2.9),
        towards=-np.pi / 2 + rng.normal(0, 0.7),
    )
    curve, stem = stalk(pose, rng, size, look, rng.uniform(0.1, 0.16))
    return [*head(pose, look, rng), *stem, *leaves(curve, pose, look, rng, int(rng.integers(0, 3)))]


#: Mode -> how it is composed, and its share: mostly frontal, then slender, then a few odd ones.
MODES: dict[str, tuple[Callable[[Rng, int], list[Patch]], float]] = {
    "face": (face, 0.70),
    "side": (side, 0.22),
    "odd": (odd, 0.08),
}


def draw(mode: str, rng: Rng) -> Image.Image:
    """One RGB picture of a mode, PICTURE x PICTURE, drawn larger and averaged down."""
    size = PICTURE * OVERSAMPLING
    canvas = background(rng, PICTURE).resize((size, size), Image.Resampling.BILINEAR)
    pen = ImageDraw.Draw(canvas)
    for patch in MODES[mode][0](rng, size):
        points = patch.points.ravel().tolist()
        tint = (round(patch.colour[0]), round(patch.colour[1]), round(patch.colour[2]))
        if patch.line:
            pen.line(points, fill=tint, width=max(1, round(patch.line)), joint="curve" if patch.line > 4 else None)
        else:
            pen.polygon(points, fill=tint)
    return expose(canvas.reduce(OVERSAMPLING), rng)
