"""Losses and D's outputs in units that mean the same for every loss family.

"advantage" u: D's loss as a share of its level at equilibrium: 1 there, 0 where D has won. Without a level (a critic's
loss, whose scale is free) it is 1 - gap / (largest gap of the run so far).
"belief" b: what D thinks of generated images, from G's loss alone: 1/2 at equilibrium, 0 where D has won. Without a
level only its changes mean something: it is 1/2 at the median of the run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.collapse.track import equilibrium_level
from gan_bench.collapse.windows import Array, row_edges, window_ends, window_means

History = pd.DataFrame | Mapping[str, Any]

OUTPUTS = ("d_real", "d_fake", "lg_real_sd", "lg_fake_sd")
DIVERSITY = ("div_pair", "div_nn", "div_std", "mean_shift", "cov_batch")

#: Signal levels, each with all columns of those before it.
LEVELS = ("losses", "outputs", "diversity")
COLUMNS: Mapping[str, tuple[str, ...]] = {"losses": (), "outputs": OUTPUTS, "diversity": OUTPUTS + DIVERSITY}

LEAST_ROWS = 10
#: Where a value in units of its equilibrium is cut: beyond, a loss says no more than "far away".
FAR = 20.0
#: Windows whose mean gap must be the largest for a critic: a single row may be an accident.
GAP_WINDOWS = 10
TINY = 1e-12


class NotJudgedError(Exception):
    """This history cannot be judged; `str()` says why."""


@dataclass(frozen=True)
class Series:
    """A history as WINDOWS values each, in units that are the same for all loss families; see the module's text."""

    advantage: Array
    belief: Array
    outputs: Mapping[str, Array] | None
    diversity: Mapping[str, Array] | None

    @property
    def level(self) -> str:
        """The highest of LEVELS that the history has all columns for."""
        if self.outputs is None:
            return "losses"
        return "outputs" if self.diversity is None else "diversity"


def make_series(history: History, loss: Mapping[str, Any] | None) -> Series:
    """Series of a history with columns step, d_loss, g_loss and any of OUTPUTS and DIVERSITY, in the order of steps.

    `loss`: "family", "output" and "equilibrium" are read. A column that is missing or not finite everywhere counts as
    not logged. NotJudgedError for losses that are not finite, too few rows, or a loss without a known scale.
    """
    step, d_loss, g_loss = (_column(history, name) for name in ("step", "d_loss", "g_loss"))
    if step is None or d_loss is None or g_loss is None:
        raise NotJudgedError("step, d_loss and g_loss are needed, with finite numbers in every row")
    if len(step) < LEAST_ROWS:
        raise NotJudgedError(f"{len(step)} rows are too few; at least {LEAST_ROWS} are needed")
    if (np.diff(step) <= 0).any():
        raise NotJudgedError("the steps do not increase from row to row")
    if loss is None:
        raise NotJudgedError("the loss was not named")
    edges = row_edges(step)
    level, reason = equilibrium_level(loss, d_loss)
    if level is None and loss.get("family") != "wasserstein":
        raise NotJudgedError(reason)
    scaled = _without_level(edges, d_loss, g_loss) if level is None else _with_level(edges, d_loss, g_loss, loss)
    advantage, belief = np.round(scaled, 9)
    found = {name: _column(history, name) for name in COLUMNS["diversity"]}
    outputs = _outputs(edges, found, str(loss.get("output", "raw")))
    return Series(advantage, belief, outputs, None if outputs is None else _diversity(edges, found))


def _column(history: History, name: str) -> Array | None:
    if name not in history:
        return None
    try:
        values = np.asarray(history[name], dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return values if len(values) and np.isfinite(values).all() else None


def _with_level(edges: Array, d_loss: Array, g_loss: Array, loss: Mapping[str, Any]) -> Array:
    level = float(loss["equilibrium"]["d_loss"])
    bound = FAR * level
    d, g = window_means(edges, np.clip(np.stack([d_loss, g_loss]), -bound, bound))
    return np.stack([np.clip(d / level, 0, FAR), np.clip(_belief(g, loss), -1, 2)])


def _belief(g_loss: Array, loss: Mapping[str, Any]) -> Array:
    """G's loss solved for D's mean output on generated images, as if it were the same for all of them."""
    family = loss.get("family")
    if family == "minimax":
        return -np.expm1(np.minimum(g_loss, 0))
    if family == "least_squares":
        return 1 - np.sqrt(np.maximum(g_loss, 0) / loss["equilibrium"]["g_loss"]) / 2
    if family == "hinge":
        return (1 - g_loss) / 2
    level, at = float(loss["equilibrium"]["d_loss"]), float(loss["equilibrium"]["g_loss"])
    return np.asarray(0.5 * np.exp2(-2 * (g_loss - at) / level))  # non-saturating: exp(-G's loss)


def _without_level(edges: Array, d_loss: Array, g_loss: Array) -> Array:
    """A critic: gap over its running maximum, and G's loss about its median in the same unit."""
    size = max(float(np.abs(d_loss).max()), float(np.abs(g_loss).max()), TINY)
    d, g = window_means(edges, np.stack([d_loss, g_loss]) / size)
    gap = -d
    smooth = np.convolve(gap, np.full(GAP_WINDOWS, 1 / GAP_WINDOWS), mode="same")
    top = np.maximum.accumulate(np.maximum(smooth, 0))
    # Before the gap first opens there is nothing to compare with; the largest of the run stands in.
    top = np.where(top > 0.05 * top[-1], top, top[-1])
    if top[-1] < TINY:
        top = np.full_like(top, max(float(np.abs(gap).max()), TINY))
    change = (g - np.median(g)) / max(float(top[-1]), TINY)
    return np.stack([np.clip(1 - gap / top, 0, FAR), np.clip(0.5 - change / 2, -1, 2)])


def _outputs(edges: Array, found: Mapping[str, Array | None], output: str) -> dict[str, Array] | None:
    """spread: log2 of sd D(G(z)) over sd D(x); apart: distance of both means in units of these sds."""
    columns = [found[name] for name in OUTPUTS]
    if any(column is None for column in columns):
        return None
    real, fake, real_sd, fake_sd = window_means(edges, np.clip(np.stack(columns), -1e9, 1e9))  # type: ignore[arg-type]
    real_sd, fake_sd = np.maximum(real_sd, 0), np.maximum(fake_sd, 0)
    if output == "sigmoid":
        real, fake = (_logit(np.clip(p, 1e-6, 1 - 1e-6)) for p in (real, fake))
    pooled = np.sqrt((real_sd**2 + fake_sd**2) / 2)
    spread = np.log2(np.maximum(fake_sd, TINY) / np.maximum(real_sd, TINY))
    gap = real - fake
    return {
        "spread": np.round(np.where(pooled < TINY, 0, np.clip(spread, -10, 4)), 9),
        "apart": np.round(np.arcsinh(gap / np.maximum(pooled, TINY)), 9),
        "apart_real": np.round(np.arcsinh(gap / np.maximum(real_sd, TINY)), 9),
    }


def _logit(p: Array) -> Array:
    return np.asarray(np.log(p) - np.log1p(-p))


def _diversity(edges: Array, found: Mapping[str, Array | None]) -> dict[str, Array] | None:
    columns = [found[name] for name in DIVERSITY]
    if any(column is None for column in columns):
        return None
    values = np.clip(window_ends(edges, np.stack(columns)), 0, 4)  # type: ignore[arg-type]
    return dict(zip(DIVERSITY, values, strict=True))
