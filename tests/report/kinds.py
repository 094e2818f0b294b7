"""Kinds of fabricated studies. Figures and the page are tested with studies of different sizes and outcomes."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "stats"))

import fabricate
from made_up import add_curves, add_shown, add_statistics, set_rates

from gan_bench.registry import names
from gan_bench.stats.collect.collect import collect
from gan_bench.stats.tables.write_tables import write_tables

EVIL = "<img src=x onerror=alert(1)>"
#: Labels that break careless code: they have markup, mathematics, other scripts, line breaks, or are very long.
ODD = (EVIL, "$x_1^2 \\alpha", "模型 α · größer\n2", "a-very_long.label/with,every-mark_to.break/it " * 4)
PARTS = {"model": "dcgan", "loss": "non_saturating", "penalty": "none", "optimizer": "adam"}
FIGURES = [{"name": name} for name in names("figures")]
#: Figures of a page, at least one for each place: interactive, below the scores, or folded.
SHOWN = [{"name": name} for name in ("metric_by_variant", "sample_wall", "loss_curves", "mode_histogram")]

FATES = {
    ("digits", "DCGAN", 1): "timeout",
    ("digits", "LSGAN", 0): "failed",
    ("digits", "LSGAN", 1): "missing",
    ("digits", "WGAN-GP", 0): "diverged",
    ("digits", "WGAN-GP", 2): "diverged",
    ("faces", "WGAN-GP", 0): "diverged",
    ("faces", "WGAN-GP", 1): "diverged",
    ("faces", "WGAN-GP", 2): "diverged",
}


def make_study(folder: Path, patch: pytest.MonkeyPatch, variants: tuple[str, ...] = (), **options: object) -> Path:
    """Make a study with tables in `folder`. The labels `variants` may be any text."""
    labels = variants or tuple(fabricate.VARIANTS)
    known = fabricate.VARIANTS
    patch.setattr(fabricate, "VARIANTS", {v: known.get(v, {**PARTS, "model": f"m{i}"}) for i, v in enumerate(labels)})
    rates = options.pop("rates", None)
    fabricate.fabricate_study(folder, variants=labels, figures=SHOWN, **options)
    if rates is not None:
        set_rates(folder, rates)
    add_shown(folder)
    add_curves(folder)
    collect(folder, complete=False)
    write_tables(folder)
    add_statistics(folder)
    return folder


def _wide(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Sixty variants, twelve metrics and two seeds."""
    values = {
        f"score_{i}": {
            "label": f"Distance number {i} in a long space",
            "direction": way,
            "range": [0, None],
            "unit": "",
        }
        for i, way in enumerate(("lower", "higher", "half") * 4)
    }
    patch.setattr(fabricate, "METRICS", {"frechet": values, "neighbours": {}})
    patch.setattr(fabricate, "FLOOR", dict.fromkeys(values, 0.5))
    patch.setattr(fabricate, "default_value", lambda d, v, s, m: 1.0 + len(v) * int(m[6:]) % 7 + s)
    labels = tuple(f"dcgan · least_squares · adam · width={i}" for i in range(60))
    return make_study(folder, patch, labels, seeds=(0, 1), outcomes={})


def _every(fate: str) -> dict[tuple[str, str, int], str]:
    return {("digits", variant, seed): fate for variant in fabricate.VARIANTS for seed in range(2)}


#: Kind of a study -> function that makes it. "large" has 60 variants with long names; "odd" has the labels ODD.
KINDS: dict[str, Callable[[Path, pytest.MonkeyPatch], Path]] = {
    "tiny": lambda folder, patch: make_study(folder, patch, ("DCGAN",), seeds=(0,), outcomes={}),
    "fates": lambda folder, patch: make_study(folder, patch, datasets=("digits", "faces"), outcomes=FATES),
    "large": lambda folder, patch: make_study(
        folder, patch, tuple(f"dcgan · least_squares · adam · lr={i}" for i in range(60)), seeds=(0,), outcomes={}
    ),
    "wide": _wide,
    "sweep": lambda folder, patch: make_study(
        folder,
        patch,
        tuple(f"{model} · lr={rate}" for model in ("mlp", "dcgan") for rate in (1e-4, 1e-3, 1e-2)),
        seeds=(0, 1),
        outcomes={("digits", "mlp · lr=0.01", seed): "diverged" for seed in (0, 1)},
        rates=(1e-4, 1e-3, 1e-2),
    ),
    "diverged": lambda folder, patch: make_study(folder, patch, seeds=(0, 1), outcomes=_every("diverged")),
    "missing": lambda folder, patch: make_study(folder, patch, seeds=(0, 1), outcomes=_every("missing")),
    "odd": lambda folder, patch: make_study(
        folder, patch, ODD, study=EVIL, datasets=("digits", EVIL), seeds=(7, 123456789), outcomes={}
    ),
}
