"""Losses, D's outputs and batch diversity in units that mean the same for every loss family.

"advantage" u: D's loss as a share of its level at equilibrium: 1 there, 0 where D has won. For a critic, whose scale is
free, it is 1 - gap / (largest gap of the run so far).
"belief" b: what D thinks of generated images, from G's loss alone: 1/2 at equilibrium, 0 where D has won. For a critic
only its changes mean something: it is 1/2 at the median of the run.
How a loss gets there it declares itself ("belief" in its FACTS, see gan_bench.losses). Of a loss that does not, or that
nobody named, both are in units of the run's own spread, and only what needs no scale is read off them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.collapse.trajectory import equilibrium_level
from gan_bench.collapse.windows import Array, row_edges, window_ends, window_means

History = pd.DataFrame | Mapping[str, Any]

OUTPUTS = ("d_real", "d_fake", "lg_real_sd", "lg_fake_sd", "d_acc")
DIVERSITY = ("div_pair", "div_nn", "div_std", "mean_shift", "cov_batch")

#: Signal levels, each with the columns of those before it. Any of a level's columns will do.
LEVELS = ("losses", "outputs", "diversity")
COLUMNS: Mapping[str, tuple[str, ...]] = {"losses": (), "outputs": OUTPUTS, "diversity": OUTPUTS + DIVERSITY}

#: Series made of D's outputs -> the columns that each needs. `seen_*` and `gap` also need a loss that declares how D's
#: outputs are to be read.
MADE: Mapping[str, tuple[str, ...]] = {
    "spread": ("lg_real_sd", "lg_fake_sd"),
    "apart": ("d_real", "d_fake", "lg_real_sd", "lg_fake_sd"),
    "apart_real": ("d_real", "d_fake", "lg_real_sd"),
    "gap": ("d_real", "d_fake"),
    "seen_real": ("d_real",),
    "seen_fake": ("d_fake",),
    "sd_real": ("lg_real_sd",),
    "sd_fake": ("lg_fake_sd",),
    "acc": ("d_acc",),
}

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
    """A history as WINDOWS values each, in units that are the same for all loss families; see the module's text.

    `scaled`: whether levels of `advantage` and `belief` mean something. `others`: any of MADE and DIVERSITY by name.
    `signals`: the columns that were used, losses first.
    """

    advantage: Array
    belief: Array
    scaled: bool
    others: Mapping[str, Array]
    signals: tuple[str, ...]

    @property
    def level(self) -> str:
        """The last of LEVELS of which any column was used."""
        if any(name in self.signals for name in DIVERSITY):
            return "diversity"
        return "outputs" if any(name in self.signals for name in OUTPUTS) else "losses"


#: G's loss -> D's mean opinion of generated images as if it were the same for all of them; g_0, d_0 at equilibrium.
BELIEFS: Mapping[str, Callable[[Array, float, float], Array]] = {
    "minus_log": lambda g, g_0, d_0: 0.5 * np.exp(np.clip(g_0 - g, -50, 50)),
    "log_doubt": lambda g, g_0, d_0: -np.expm1(np.minimum(g, 0)),
    "square": lambda g, g_0, d_0: 1 - np.sqrt(np.maximum(g, 0) / max(g_0, TINY)) / 2,
    "linear": lambda g, g_0, d_0: 0.5 - (g - g_0) / d_0,
}
GAP = "gap"


def make_series(history: History, loss: Mapping[str, Any] | None) -> Series:
    """Series of a history with columns step, d_loss, g_loss and any of OUTPUTS and DIVERSITY, in the order of steps.

    `loss`: "output", "equilibrium" and "belief" are read; None is a loss nobody named. A column that is missing or not
    finite everywhere counts as not logged. NotJudgedError for losses that are not finite, too few rows, and a loss that
    is negative where its equilibrium says that it cannot be.
    """
    step, d_loss, g_loss = (_column(history, name) for name in ("step", "d_loss", "g_loss"))
    if step is None or d_loss is None or g_loss is None:
        raise NotJudgedError("step, d_loss and g_loss are needed, with finite numbers in every row")
    if len(step) < LEAST_ROWS:
        raise NotJudgedError(f"{len(step)} rows are too few; at least {LEAST_ROWS} are needed")
    if (np.diff(step) <= 0).any():
        raise NotJudgedError("the steps do not increase from row to row")
    loss = loss or {}
    kind = belief_of(loss)
    edges = row_edges(step)
    if kind == GAP:
        scaled = _critic(edges, d_loss, g_loss)
    elif kind is None:
        scaled = _without_scale(edges, d_loss, g_loss)
    else:
        level, reason = equilibrium_level(loss, d_loss)
        if level is None:
            raise NotJudgedError(reason)
        scaled = _with_level(edges, d_loss, g_loss, kind, level, float(loss["equilibrium"]["g_loss"]))
    advantage, belief = np.round(scaled, 9)
    found = {name: own for name in COLUMNS["diversity"] if (own := _column(history, name)) is not None}
    others = _outputs(edges, found, str(loss.get("output", "raw")), kind) | _diversity(edges, found)
    used = {name for made in others for name in MADE.get(made, (made,))}
    signals = ("d_loss", "g_loss", *(name for name in COLUMNS["diversity"] if name in used))
    return Series(advantage, belief, kind is not None, others, signals)


def belief_of(loss: Mapping[str, Any]) -> str | None:
    """What a loss declares as "belief"; None where it does not, or needs a level at equilibrium and has none."""
    kind = loss.get("belief")
    if kind == GAP:
        return GAP
    level = loss.get("equilibrium") or {}
    return kind if kind in BELIEFS and level.get("d_loss", 0) > 0 and "g_loss" in level else None


def _column(history: History, name: str) -> Array | None:
    if name not in history:
        return None
    try:
        values = np.asarray(history[name], dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return values if len(values) and np.isfinite(values).all() else None


def _with_level(edges: Array, d_loss: Array, g_loss: Array, kind: str, level: float, at: float) -> Array:
    bound = FAR * level
    d, g = window_means(edges, np.clip(np.stack([d_loss, g_loss]), -bound, bound))
    return np.stack([np.clip(d / level, 0, FAR), np.clip(BELIEFS[kind](g, at, level), -1, 2)])


def _critic(edges: Array, d_loss: Array, g_loss: Array) -> Array:
    """Gap over its running maximum, and G's loss about its median in the same unit."""
    d, g = _own_size(edges, d_loss, g_loss)
    gap = -d
    smooth = np.convolve(gap, np.full(GAP_WINDOWS, 1 / GAP_WINDOWS), mode="same")
    top = np.maximum.accumulate(np.maximum(smooth, 0))
    # Before the gap first opens there is nothing to compare with; the largest of the run stands in.
    top = np.where(top > 0.05 * top[-1], top, top[-1])
    if top[-1] < TINY:
        top = np.full_like(top, max(float(np.abs(gap).max()), TINY))
    change = (g - np.median(g)) / max(float(top[-1]), TINY)
    return np.stack([np.clip(1 - gap / top, 0, FAR), np.clip(0.5 - change / 2, -1, 2)])


def _without_scale(edges: Array, d_loss: Array, g_loss: Array) -> Array:
    """Both about their medians in units of their own spread, G's turned round: it falls where D believes more."""
    d, g = _own_size(edges, d_loss, g_loss)
    found = []
    for values in (d, -g):
        spread = float(np.abs(values - np.median(values)).mean())
        found.append(np.clip((values - np.median(values)) / max(spread, TINY), -FAR, FAR))
    return np.stack(found)


def _own_size(edges: Array, d_loss: Array, g_loss: Array) -> Array:
    size = max(float(np.abs(d_loss).max()), float(np.abs(g_loss).max()), TINY)
    return window_means(edges, np.stack([d_loss, g_loss]) / size)


def _outputs(edges: Array, found: Mapping[str, Array], output: str, kind: str | None) -> dict[str, Array]:
    """The series of MADE that the columns allow.

    spread: log2 of sd D(G(z)) over sd D(x); apart, apart_real: distance of both means in units of their pooled and of
    the real sd; gap: in D's own units; seen_*: mean outputs, 1/2 at equilibrium; sd_*: log2 over the run's own median.
    """
    names = [name for name in OUTPUTS if name in found]
    if not names:
        return {}
    means = window_means(edges, np.clip(np.stack([found[name] for name in names]), -1e9, 1e9))
    own = dict(zip(names, means, strict=True))
    made: dict[str, Array] = {}
    sds = {which: np.maximum(own[f"lg_{which}_sd"], 0) for which in ("real", "fake") if f"lg_{which}_sd" in own}
    for which, sd in sds.items():
        size = np.log2(np.maximum(sd, TINY))
        made[f"sd_{which}"] = np.clip(size - np.median(size), -10, 10)
    pooled = np.sqrt((sds["real"] ** 2 + sds["fake"] ** 2) / 2) if len(sds) == 2 else None
    if pooled is not None:
        spread = np.log2(np.maximum(sds["fake"], TINY) / np.maximum(sds["real"], TINY))
        made["spread"] = np.where(pooled < TINY, 0, np.clip(spread, -10, 4))
    if "d_acc" in own:
        made["acc"] = np.clip(own["d_acc"], 0, 1)
    made |= _means(own, output, kind, sds.get("real"), pooled)
    return {name: np.round(values, 9) for name, values in made.items()}


def _means(
    own: Mapping[str, Array], output: str, kind: str | None, real_sd: Array | None, pooled: Array | None
) -> dict[str, Array]:
    """What D's mean outputs give."""
    mean = {which: own[f"d_{which}"] for which in ("real", "fake") if f"d_{which}" in own}
    made: dict[str, Array] = {}
    # Probabilities, codes 0 and 1, or margins -1 and 1; a critic's level is free.
    half = output == "sigmoid" or kind == "square"
    if half or kind == "linear":
        made |= {f"seen_{which}": np.clip(m if half else (m + 1) / 2, -1, 2) for which, m in mean.items()}
    if len(mean) < 2:
        return made
    if output == "sigmoid":
        mean = {which: _logit(np.clip(m, 1e-6, 1 - 1e-6)) for which, m in mean.items()}
    gap = mean["real"] - mean["fake"]
    if made:
        made["gap"] = np.arcsinh(gap * (4 if kind == "square" and output != "sigmoid" else 1))
    for name, unit in (("apart", pooled), ("apart_real", real_sd)):
        if unit is not None:
            made[name] = np.arcsinh(gap / np.maximum(unit, TINY))
    return made


def _logit(p: Array) -> Array:
    return np.asarray(np.log(p) - np.log1p(-p))


def _diversity(edges: Array, found: Mapping[str, Array]) -> dict[str, Array]:
    names = [name for name in DIVERSITY if name in found]
    if not names:
        return {}
    values = np.clip(window_ends(edges, np.stack([found[name] for name in names])), 0, 4)
    return dict(zip(names, values, strict=True))
