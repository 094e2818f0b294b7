"""Draws sunflower pictures of three kinds (modes): face-on flowers, slender side views, and a few odd pictures."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from gan_bench.data._flower import Patch, Pose, shade
from gan_bench.data._flower_plant import GREEN, blooming, head, leaves, stalk

Rng = np.random.Generator

#: Side of a finished picture in pixels. Pictures are drawn larger by a factor of OVERSAMPLING, and then reduced.
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
    # The flower faces left or right, and a little up or down. An edge-on head that faces down would look wilted.
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
    """A bud, a wilted flower, or a flower seen from behind, each with probability 1/3."""
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
    """A brown head past its bloom that hangs from its stem and has lost most petals."""
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
    """A flower seen from behind, with calyx and stem in front of the petals."""
    look = blooming(rng)
    pose = Pose(
        centre=(size * (0.5 + rng.normal(0, 0.07)), size * (0.42 + rng.normal(0, 0.06))),
        scale=size * rng.uniform(0.3, 0.45),
        tilt=rng.uniform(2.2, 2.9),
        towards=-np.pi / 2 + rng.normal(0, 0.7),
    )
    curve, stem = stalk(pose, rng, size, look, rng.uniform(0.1, 0.16))
    return [*head(pose, look, rng), *stem, *leaves(curve, pose, look, rng, int(rng.integers(0, 3)))]


#: Mode -> (function that draws it, share of pictures): mostly frontal, some slender, a few odd ones.
MODES: dict[str, tuple[Callable[[Rng, int], list[Patch]], float]] = {
    "face": (face, 0.70),
    "side": (side, 0.22),
    "odd": (odd, 0.08),
}


def draw(mode: str, rng: Rng) -> Image.Image:
    """One RGB picture of a mode, PICTURE x PICTURE pixels, drawn larger and reduced by averaging."""
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


Array = NDArray[np.float64]


def clouds(rng: np.random.Generator, size: int, cells: int) -> Array:
    """Smooth noise (size, size) in 0..1 with about `cells` bumps along a side."""
    coarse = Image.fromarray(rng.integers(0, 256, (cells, cells), dtype=np.uint8))
    return np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float64) / 255.0


def blend(first: Array, second: Array, share: Array) -> Array:
    """Mix two colours (3,) or pictures (size, size, 3) by `share` (size, size) in 0..1."""
    return first + (second - first) * share[..., None]


def sky(rng: np.random.Generator, size: int) -> Array:
    """Blue, hazy or evening sky that is darker at the top, with clouds in about half of the pictures."""
    tops = ((40, 95, 190), (70, 130, 215), (120, 150, 185), (150, 120, 130))
    feet = ((110, 165, 230), (165, 205, 240), (205, 212, 220), (240, 190, 140))
    kind = int(rng.choice(len(tops), p=(0.35, 0.35, 0.2, 0.1)))
    down = np.repeat(np.linspace(0, 1, size)[:, None], size, axis=1)
    shades = blend(np.array(tops[kind], float), np.array(feet[kind], float), down)
    veil = np.clip((0.6 * clouds(rng, size, 5) + 0.4 * clouds(rng, size, 11) - 0.42) * 2.2, 0, 1)
    return blend(shades, np.array([246.0, 247.0, 250.0]), veil * rng.choice([0.0, 0.5, 0.9], p=(0.5, 0.25, 0.25)))


def foliage(rng: np.random.Generator, size: int) -> Array:
    """Leaves out of focus: dark and light greens."""
    dark = np.array([rng.uniform(14, 45), rng.uniform(38, 75), rng.uniform(12, 38)])
    light = np.array([rng.uniform(80, 150), rng.uniform(125, 180), rng.uniform(45, 90)])
    noise = 0.5 * clouds(rng, size, 5) + 0.3 * clouds(rng, size, 12) + 0.2 * clouds(rng, size, 28)
    return blend(dark, light, np.clip(noise * 1.6 - 0.35, 0, 1))


def field(rng: np.random.Generator, size: int) -> Array:
    """A field to the horizon: sky above, and rows of small yellow heads on green below."""
    pixels = sky(rng, size)
    horizon = int(size * rng.uniform(0.3, 0.75))
    pixels[horizon:] = foliage(rng, size)[horizon:]
    picture = Image.fromarray(pixels.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for row in np.linspace(0.02, 1, 12) ** 1.7:
        y, r = horizon + row * (size - horizon), 0.7 + 4.5 * row
        for x in np.arange(-r, size + r, 3.4 * r) + rng.uniform(-r, r):
            px, py = x + rng.normal(0, r * 0.5), y + rng.normal(0, r * 0.4)
            draw.ellipse((px - r, py - 0.8 * r, px + r, py + 0.8 * r), fill=(228, 178, 30))
            draw.ellipse((px - r / 3, py - r / 3, px + r / 3, py + r / 3), fill=(80, 50, 20))
    return np.asarray(picture, dtype=np.float64)


def dark(rng: np.random.Generator, size: int) -> Array:
    """An unlit background."""
    return blend(np.array([6.0, 8.0, 8.0]), rng.uniform(25, 60, 3), clouds(rng, size, 4))


def wall(rng: np.random.Generator, size: int) -> Array:
    """A light, plain background: white, sand or brick."""
    colours = ((236, 236, 232), (214, 200, 170), (165, 95, 75), (185, 190, 195))
    base = np.array(colours[int(rng.integers(len(colours)))], float)
    return base * (0.88 + 0.14 * clouds(rng, size, 4))[..., None]


BACKGROUNDS: tuple[tuple[Callable[[np.random.Generator, int], Array], float], ...] = (
    (sky, 0.36),
    (foliage, 0.32),
    (field, 0.14),
    (dark, 0.10),
    (wall, 0.08),
)


def background(rng: np.random.Generator, size: int) -> Image.Image:
    """A random background, out of focus. RGB, size x size."""
    kinds, shares = zip(*BACKGROUNDS, strict=True)
    pixels = kinds[int(rng.choice(len(kinds), p=shares))](rng, size)
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.004, 0.02)) * size))


def expose(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Vary the picture as photographs vary: light from one side, tint, exposure, slight blur and grain."""
    size = picture.width
    softness = float(rng.choice([0.0, 0.35, 0.9], p=(0.45, 0.4, 0.15))) * size / 128
    values = np.asarray(picture.filter(ImageFilter.GaussianBlur(softness)), dtype=np.float64) / 255.0
    place = np.linspace(-1, 1, size)
    direction, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.22)
    light = 1 + strength * (np.cos(direction) * place[None, :] + np.sin(direction) * place[:, None])
    vignette = 1 - rng.uniform(0, 0.16) * (place[None, :] ** 2 + place[:, None] ** 2)
    tint = 1 + rng.normal(0, 0.035, 3)
    values = values * (light * vignette)[..., None] * tint * rng.uniform(0.82, 1.12)
    values = np.clip(values, 0, 1) ** rng.uniform(0.85, 1.2)
    values = values + rng.normal(0, rng.uniform(0.003, 0.022), values.shape)
    return Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8))
