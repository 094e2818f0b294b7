"""Features of two loss curves whose loss function, scale and logging interval are unknown.

Level features change if a loss is multiplied by a constant. Shape features stay nearly the same; the feature "change"
stays the same only for losses far above 0.01. If D's loss is often negative, D is a critic, and the level of its loss
means nothing; all level features are then NaN. If the late part of a loss is near zero, the shape features of that loss
are NaN.
"""

import numpy as np
from numpy.typing import NDArray

from gan_bench.collapse.trajectory import kendall
from gan_bench.collapse.windows import correlation

Array = NDArray[np.float64]

#: Positions in the log, as shares of its rows: start of the late part, end of the early part, and the middle.
LATE, EARLY, HALF = 0.7, 0.3, 0.5
#: Trends and change points are computed on the means of this many blocks of rows.
BLOCKS = 50
#: Losses are clipped to this size. If a loss stays that large, a deciding sign holds (field_rules.EXPLODED).
MOST = 1e12
#: D counts as a critic if more than this share of the values of its loss is negative.
CRITIC = 0.05
#: Features are rounded to this many decimals, so that rounding errors of a sum do not change an answer.
DECIMALS = 6
TINY = 1e-6
#: If the median of a loss over its late part is below this in absolute value, the shape features of this loss are NaN.
ZERO = 1e-3

_SHAPE = (
    "rel_iqr", "still", "tail", "tail_all", "max", "spike", "change", "log_change", "trend", "trend_half", "rough",
    "change_point", "quarter_step", "skew", "jump",
)  # fmt: skip
_JOINT = ("corr", "corr_half", "corr_late", "corr_changes", "corr_blocks", "scissors")
_LEVEL = ("late", "late_low", "late_high", "min", "iqr", "early")
_SHARES = ("d_low", "d_low_late", "d_below_03", "ratio", "ratio_all", "g_above_5")

SHAPE = (*(f"{loss}_{name}" for loss in "dg" for name in _SHAPE), *_JOINT)
LEVEL = (*(f"{loss}_{name}" for loss in "dg" for name in _LEVEL), *_SHARES)
NAMES = (*SHAPE, *LEVEL, "d_negative")


def describe(d_loss: Array, g_loss: Array) -> Array:
    """Features (NAMES,) of both losses (rows,).

    Rows with a NaN or infinite loss are left out; at least two must remain.
    """
    finite = np.isfinite(d_loss) & np.isfinite(g_loss)
    d, g = (np.clip(np.asarray(values, dtype=np.float64)[finite], -MOST, MOST) for values in (d_loss, g_loss))
    named = {**_curve("d", d), **_curve("g", g), **_joint(d, g), **_shares(d, g)}
    if named["d_negative"] > CRITIC:
        named |= dict.fromkeys(LEVEL, float("nan"))
    for loss, values in (("d", d), ("g", g)):
        if abs(np.median(values[late_rows(len(values))])) < ZERO:
            named |= {f"{loss}_{stat}": float("nan") for stat in _SHAPE}
    return np.round([named[name] for name in NAMES], DECIMALS)


def late_rows(rows: int) -> slice:
    """The last 30 % of a log."""
    return slice(int(LATE * rows), rows)


def blocks(values: Array, count: int) -> Array:
    """Means of `count` consecutive blocks of nearly equal length. Fewer values than `count` are returned unchanged."""
    starts = np.linspace(0, len(values), min(count, len(values)) + 1).astype(int)
    return np.asarray(np.add.reduceat(values, starts[:-1]) / np.diff(starts))


def _squeeze(value: float) -> float:
    """Signed logarithm sign(x) log(1 + 100 |x|), which is finite at 0."""
    return float(np.sign(value) * np.log1p(abs(value) * 100))


def _curve(name: str, x: Array) -> dict[str, float]:
    """Shape and level of one loss."""
    late, early = x[late_rows(len(x))], x[: max(1, int(EARLY * len(x)))]
    low, q25, median, q75, high, top = np.quantile(late, (0.1, 0.25, 0.5, 0.75, 0.9, 0.98))
    all_low, all_25, all_median, all_75, all_top = np.quantile(x, (0.02, 0.25, 0.5, 0.75, 0.98))
    size, iqr, start = abs(median) + TINY, q75 - q25, float(np.median(early))
    unit, rough = iqr + 0.01 * size + TINY, blocks(x, BLOCKS)
    half = rough[len(rough) // 2 :]
    spread = (top - median) / unit, (all_top - all_median) / (all_75 - all_25 + 0.01 * abs(all_median) + TINY)
    shape = {
        "rel_iqr": np.log10(iqr / size + 1e-3),
        "still": np.log10((iqr + TINY) / (all_75 - all_25 + TINY)),
        "tail": np.log10(spread[0] + 0.1),
        "tail_all": np.log10(spread[1] + 0.1),
        "max": np.log10((late.max() - median) / size + 0.01),
        "spike": np.sqrt((np.abs(late - median) > 4 * iqr + 0.02 * size).mean()),
        "change": _squeeze(median) - _squeeze(start),
        "log_change": np.clip(np.log10((abs(median) + 1e-4) / (abs(start) + 1e-4)), -3, 3),
        "trend": kendall(rough),
        "trend_half": kendall(half) if len(half) > 1 else 0.0,
        "rough": _roughness(half),
        "change_point": np.log10(change_point(half, 0.02 * size) + 0.05),
        "quarter_step": _quarter_step(x),
        "skew": (high + low - 2 * median) / (high - low + 0.01 * size + TINY),
        "jump": np.log10((np.abs(np.diff(late)).mean() if len(late) > 1 else 0.0) / unit + 0.01),
    }
    level = {
        "late": _squeeze(median),
        "late_low": _squeeze(low),
        "late_high": _squeeze(high),
        "min": _squeeze(all_low),
        "iqr": np.log10(iqr + 1e-4),
        "early": _squeeze(start),
    }
    return {f"{name}_{stat}": float(value) for stat, value in (shape | level).items()}


def _roughness(half: Array) -> float:
    """Half of von Neumann's ratio: about 1 for white noise, 1 for a constant curve, near 0 for a smooth curve."""
    variance = float(half.var())
    return float((np.diff(half) ** 2).mean() / (2 * variance)) if variance > 1e-18 else 1.0


def change_point(half: Array, floor: float) -> float:
    """Largest difference, over all cuts, of the means before and after the cut.

    The unit is the spread within both parts. The difference for a cut after k of n values is weighted by
    sqrt(k (n - k)) / n. `floor` is added to the spread.
    """
    n, best = len(half), 0.0
    for k in range(2, n - 1):
        before, after = half[:k], half[k:]
        within = np.sqrt((before.var() * k + after.var() * (n - k)) / n) + floor + TINY
        best = max(best, float(abs(before.mean() - after.mean()) / within * np.sqrt(k * (n - k)) / n))
    return best


def _quarter_step(x: Array) -> float:
    """log10 of the difference between the means of the last two quarters, relative to their size."""
    third, fourth = (float(part.mean()) for part in np.array_split(x, 4)[2:]) if len(x) >= 8 else (0.0, 0.0)
    return float(np.log10(abs(fourth - third) / (abs(third) + abs(fourth) + TINY) + 0.01))


def _joint(d: Array, g: Array) -> dict[str, float]:
    """Correlations between the losses, and "scissors", which is high if D's loss falls while G's loss rises."""
    half, late = slice(len(d) // 2, None), late_rows(len(d))
    halves = [blocks(x, BLOCKS) for x in (d, g)]
    d_trend, g_trend = (kendall(x[len(x) // 2 :]) if len(x) > 2 else 0.0 for x in halves)
    return {
        "corr": correlation(d, g),
        "corr_half": correlation(d[half], g[half]),
        "corr_late": correlation(d[late], g[late]),
        "corr_changes": correlation(np.diff(d[half]), np.diff(g[half])) if len(d) > 3 else 0.0,
        "corr_blocks": correlation(blocks(d[half], BLOCKS // 2), blocks(g[half], BLOCKS // 2)),
        "scissors": min(-d_trend, g_trend),
    }


def _shares(d: Array, g: Array) -> dict[str, float]:
    """Shares of the rows in which a loss is low, high or negative; log10 of the ratio of G's median loss to D's."""
    late = late_rows(len(d))
    ratios = [
        float(np.clip(np.log10((abs(np.median(b)) + 1e-3) / (abs(np.median(a)) + 1e-3)), -4, 4))
        for a, b in ((d[late], g[late]), (d, g))
    ]
    return {
        "d_low": float((d < 0.1).mean()),
        "d_low_late": float((d[late] < 0.1).mean()),
        "d_below_03": float((d < 0.3).mean()),
        "ratio": ratios[0],
        "ratio_all": ratios[1],
        "g_above_5": float((g[late] > 5).mean()),
        "d_negative": float((d < 0).mean()),
    }
