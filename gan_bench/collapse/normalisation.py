"""Losses, D's outputs and batch diversity in units that are the same for every loss family.

"advantage" u = (D's loss - floor) / (D's loss at equilibrium - floor), where floor is the attainable minimum of D's
loss. u is 1 at equilibrium, and 0 if D has won. The scale of a critic's loss is arbitrary. For a critic, the gap is
minus D's loss, and u is 1 - gap / (largest gap of the run so far).

"belief" b: D's estimate of the probability that generated images are real, computed from G's loss alone. It is 1/2 at
equilibrium, and 0 if D has won. For a critic, b is set to 1/2 where G's loss has its median of the run; only the
changes of b are meaningful.

A loss can declare how to compute u and b ("belief" in its FACTS, see gan_bench.losses). If a loss declares nothing or
is unknown, u and b are in units of the run's own spread, and only scale-free features are computed from them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gan_bench.collapse.trajectory import equilibrium_level, floor_of
from gan_bench.collapse.windows import Array, row_edges, window_ends, window_means

History = pd.DataFrame | Mapping[str, Any]

OUTPUTS = ("d_real", "d_fake", "lg_real_sd", "lg_fake_sd", "d_acc")
DIVERSITY = ("div_pair", "div_nn", "div_std", "mean_shift", "cov_batch")

#: Signal levels. Each includes the columns of the levels before it. One column of a level is enough to reach it.
LEVELS = ("losses", "outputs", "diversity")
COLUMNS: Mapping[str, tuple[str, ...]] = {"losses": (), "outputs": OUTPUTS, "diversity": OUTPUTS + DIVERSITY}

#: Series computed from D's outputs -> the columns that each needs. `seen_*` and `gap` also need a loss for
#: which the level of D's outputs is known at equilibrium.
OUTPUT_SERIES: Mapping[str, tuple[str, ...]] = {
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

MIN_ROWS = 10
#: Values in units of their equilibrium are clipped to this size: larger losses carry no more information.
CLIP = 20.0
#: Number of windows over which a critic's gap is averaged before its maximum is taken: one row may be an outlier.
GAP_WINDOWS = 10
TINY = 1e-12


class NotJudgedError(Exception):
    """This history cannot be judged; `str()` is the reason."""


@dataclass(frozen=True)
class Series:
    """A history as arrays (WINDOWS,), in units that are the same for all loss families; see the module docstring.

    scaled: whether the levels of `advantage` and `belief` are meaningful.
    others: any of OUTPUT_SERIES and DIVERSITY by name.
    signals: the columns used, losses first.
    """

    advantage: Array
    belief: Array
    scaled: bool
    others: Mapping[str, Array]
    signals: tuple[str, ...]

    @property
    def level(self) -> str:
        """The highest of LEVELS that has a used column."""
        if any(name in self.signals for name in DIVERSITY):
            return "diversity"
        return "outputs" if any(name in self.signals for name in OUTPUTS) else "losses"


#: "belief" of a loss -> function that computes D's belief from G's loss g, as if D's output were the same on all
#: generated images. g_0 and d_0 are the losses of G and D at equilibrium.
BELIEFS: Mapping[str, Callable[[Array, float, float], Array]] = {
    "minus_log": lambda g, g_0, d_0: 0.5 * np.exp(np.clip(g_0 - g, -50, 50)),
    "log_doubt": lambda g, g_0, d_0: np.expm1(np.minimum(g, 0)) / np.expm1(g_0) / 2,
    "square": lambda g, g_0, d_0: 1 - np.sqrt(np.maximum(g, 0) / max(g_0, TINY)) / 2,
    "linear": lambda g, g_0, d_0: 0.5 - (g - g_0) / d_0,
}
GAP = "gap"


def make_series(history: History, loss: Mapping[str, Any] | None) -> Series:
    """Series of a history, whose rows are in the order of steps.

    Args:
        history: columns step, d_loss, g_loss and any of OUTPUTS and DIVERSITY. A column with a NaN or infinite value
            counts as missing.
        loss: FACTS of the loss ("output", "equilibrium", "floor" and "belief" are read); None if it is unknown.

    Raises:
        NotJudgedError: step, d_loss or g_loss is missing or not finite, rows are too few, steps do not increase, or D's
            loss cannot be compared with its equilibrium, for example because it is negative.
    """
    step, d_loss, g_loss = (_column(history, name) for name in ("step", "d_loss", "g_loss"))
    if step is None or d_loss is None or g_loss is None:
        raise NotJudgedError("step, d_loss and g_loss are needed, with finite numbers in every row")
    if len(step) < MIN_ROWS:
        raise NotJudgedError(f"{len(step)} rows are too few; at least {MIN_ROWS} are needed")
    if (np.diff(step) <= 0).any():
        raise NotJudgedError("the steps do not increase from row to row")
    loss = loss or {}
    kind = belief_of(loss)
    edges = row_edges(step)
    if kind == GAP:
        scaled = _critic(edges, d_loss, g_loss)
    elif kind is None:
        scaled = _by_own_spread(edges, d_loss, g_loss)
    else:
        level, reason = equilibrium_level(loss, d_loss)
        if level is None:
            raise NotJudgedError(reason)
        scaled = _by_equilibrium(edges, d_loss, g_loss, kind, (floor_of(loss), level, loss["equilibrium"]["g_loss"]))
    advantage, belief = np.round(scaled, 9)
    columns = {name: column for name in COLUMNS["diversity"] if (column := _column(history, name)) is not None}
    others = _outputs(edges, columns, str(loss.get("output", "raw")), kind) | _diversity(edges, columns)
    used = {name for name in others for name in OUTPUT_SERIES.get(name, (name,))}
    signals = ("d_loss", "g_loss", *(name for name in COLUMNS["diversity"] if name in used))
    return Series(advantage, belief, kind is not None, others, signals)


def belief_of(loss: Mapping[str, Any]) -> str | None:
    """The "belief" that a loss declares. None if it declares none, or lacks the equilibrium that its "belief" needs."""
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


def _by_equilibrium(edges: Array, d_loss: Array, g_loss: Array, kind: str, levels: tuple[float, float, float]) -> Array:
    """Advantage and belief of a loss with an equilibrium.

    `levels`: the attainable minimum of D's loss, and the losses of D and G at equilibrium.
    """
    floor, level, g_level = levels
    bound = CLIP * level
    d, g = window_means(edges, np.clip(np.stack([d_loss, g_loss]), -bound, bound))
    return np.stack([np.clip((d - floor) / (level - floor), 0, CLIP), np.clip(BELIEFS[kind](g, g_level, level), -1, 2)])


def _critic(edges: Array, d_loss: Array, g_loss: Array) -> Array:
    """Advantage: 1 - gap / (running maximum of the gap). Belief: 1/2 - (G's loss - its median) / (2 x largest gap)."""
    d, g = _by_own_maximum(edges, d_loss, g_loss)
    gap = -d
    smooth = np.convolve(gap, np.full(GAP_WINDOWS, 1 / GAP_WINDOWS), mode="same")
    top = np.maximum.accumulate(np.maximum(smooth, 0))
    # While the running maximum is still near zero, the maximum of the whole run is used instead.
    top = np.where(top > 0.05 * top[-1], top, top[-1])
    if top[-1] < TINY:
        top = np.full_like(top, max(float(np.abs(gap).max()), TINY))
    change = (g - np.median(g)) / max(float(top[-1]), TINY)
    return np.stack([np.clip(1 - gap / top, 0, CLIP), np.clip(0.5 - change / 2, -1, 2)])


def _by_own_spread(edges: Array, d_loss: Array, g_loss: Array) -> Array:
    """Each loss minus its median, divided by its mean absolute deviation.

    G's loss is negated, so that the series rises with D's belief.
    """
    d, g = _by_own_maximum(edges, d_loss, g_loss)
    scaled = []
    for values in (d, -g):
        spread = float(np.abs(values - np.median(values)).mean())
        scaled.append(np.clip((values - np.median(values)) / max(spread, TINY), -CLIP, CLIP))
    return np.stack(scaled)


def _by_own_maximum(edges: Array, d_loss: Array, g_loss: Array) -> Array:
    size = max(float(np.abs(d_loss).max()), float(np.abs(g_loss).max()), TINY)
    return window_means(edges, np.stack([d_loss, g_loss]) / size)


def _outputs(edges: Array, columns: Mapping[str, Array], output: str, kind: str | None) -> dict[str, Array]:
    """The series of OUTPUT_SERIES that the columns allow.

    spread        log2 of (sd of D(G(z)) / sd of D(x))
    apart         arcsinh of (difference of D's mean outputs on real and on generated images / their pooled sd)
    apart_real    the same with the sd on real images instead of the pooled sd
    gap           the same without a division by an sd
    seen_*        mean outputs, scaled to 1/2 at equilibrium
    sd_*          log2 of the sd, minus the median of this logarithm in the run
    acc           D's accuracy

    If D's outputs are probabilities, `apart`, `apart_real` and `gap` use the logits of the mean outputs. If
    they are not, and the belief of the loss is "square", the difference in `gap` is multiplied by 4.
    """
    names = [name for name in OUTPUTS if name in columns]
    if not names:
        return {}
    window_averages = window_means(edges, np.clip(np.stack([columns[name] for name in names]), -1e9, 1e9))
    means = dict(zip(names, window_averages, strict=True))
    series: dict[str, Array] = {}
    sds = {which: np.maximum(means[f"lg_{which}_sd"], 0) for which in ("real", "fake") if f"lg_{which}_sd" in means}
    for which, sd in sds.items():
        size = np.log2(np.maximum(sd, TINY))
        series[f"sd_{which}"] = np.clip(size - np.median(size), -10, 10)
    pooled = np.sqrt((sds["real"] ** 2 + sds["fake"] ** 2) / 2) if len(sds) == 2 else None
    if pooled is not None:
        spread = np.log2(np.maximum(sds["fake"], TINY) / np.maximum(sds["real"], TINY))
        series["spread"] = np.where(pooled < TINY, 0, np.clip(spread, -10, 4))
    if "d_acc" in means:
        series["acc"] = np.clip(means["d_acc"], 0, 1)
    series |= _mean_output_series(means, output, kind, sds.get("real"), pooled)
    return {name: np.round(values, 9) for name, values in series.items()}


def _mean_output_series(
    means: Mapping[str, Array], output: str, kind: str | None, real_sd: Array | None, pooled: Array | None
) -> dict[str, Array]:
    """The series that need D's mean outputs."""
    mean = {which: means[f"d_{which}"] for which in ("real", "fake") if f"d_{which}" in means}
    series: dict[str, Array] = {}
    # At equilibrium, the output is 1/2 for probabilities and for targets 0 and 1, and 0 for margins -1 and 1. The level
    # of a critic's output is arbitrary.
    half = output == "sigmoid" or kind == "square"
    if half or kind == "linear":
        series |= {f"seen_{which}": np.clip(m if half else (m + 1) / 2, -1, 2) for which, m in mean.items()}
    if len(mean) < 2:
        return series
    if output == "sigmoid":
        mean = {which: _logit(np.clip(m, 1e-6, 1 - 1e-6)) for which, m in mean.items()}
    gap = mean["real"] - mean["fake"]
    if series:
        series["gap"] = np.arcsinh(gap * (4 if kind == "square" and output != "sigmoid" else 1))
    for name, unit in (("apart", pooled), ("apart_real", real_sd)):
        if unit is not None:
            series[name] = np.arcsinh(gap / np.maximum(unit, TINY))
    return series


def _logit(p: Array) -> Array:
    return np.asarray(np.log(p) - np.log1p(-p))


def _diversity(edges: Array, columns: Mapping[str, Array]) -> dict[str, Array]:
    names = [name for name in DIVERSITY if name in columns]
    if not names:
        return {}
    values = np.clip(window_ends(edges, np.stack([columns[name] for name in names])), 0, 4)
    return dict(zip(names, values, strict=True))
