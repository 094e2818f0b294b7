"""What lies behind a drawn flower, and what the camera does to the picture: light, blur, grain."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Array = NDArray[np.float64]


def clouds(rng: np.random.Generator, size: int, cells: int) -> Array:
    """Smooth noise (size, size) in 0..1 with about `cells` bumps along a side."""
    coarse = Image.fromarray(rng.integers(0, 256, (cells, cells), dtype=np.uint8))
    return np.asarray(coarse.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float64) / 255.0


def blend(first: Array, second: Array, share: Array) -> Array:
    """Mix two colours (3,) or pictures (size, size, 3) by `share` (size, size) in 0..1."""
    return first + (second - first) * share[..., None]


def sky(rng: np.random.Generator, size: int) -> Array:
    """Blue, hazy or evening sky, darker above, with clouds in about half of the pictures."""
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
    """A horizon: sky above, rows of small yellow heads in the green below."""
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
    """Light from one side, warm or cool tint, exposure, slight blur and grain: what makes two shots differ."""
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
