"""Numbers that describe a trajectory in the same way for every loss family and every density of the log."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gan_bench.collapse.normal import COLUMNS, DIVERSITY, LEVELS, History, Series, make_series
from gan_bench.collapse.windows import Array, coarse, correlation, quantiles, roughness, trend

__all__ = ["COLUMNS", "DECIMALS", "LEVELS", "describe", "features"]

#: Features are rounded to this, so that the last bits of a sum decide nothing.
DECIMALS = 6

#: The windows looked at, of the two hundred: all, the last half, the last 30 %.
HALF, TAIL = slice(100, None), slice(140, None)
HALF_COARSE = slice(13, None)
THIRDS = (slice(0, 9), slice(8, 17), slice(16, 25))
START, MIDDLE = slice(0, 60), slice(80, 140)

WON = 0.25
AMPLITUDE_FLOOR = 1e-4


def features(history: History, loss: Mapping[str, Any] | None) -> tuple[str, dict[str, float]]:
    """Signal level and named features of a history; see `make_series` for its columns and when it raises."""
    series = make_series(history, loss)
    return series.level, describe(series)


def describe(series: Series) -> dict[str, float]:
    """All features that the level of a series allows; those of a lower level are the same with and without the rest."""
    found = _losses(series)
    if series.outputs is not None:
        found |= _outputs(series.outputs)
    if series.diversity is not None:
        found |= _diversity(series.diversity)
    return {name: round(float(value), DECIMALS) for name, value in found.items()}


def _losses(series: Series) -> dict[str, float]:
    u, b = series.advantage, series.belief
    found = _level(u, "d") | _level(b, "g") | _joint(u, b)
    won = (u < WON) & (b < WON)
    return found | {
        "d_won": float(np.mean(u < WON)),
        "d_won_tail": float(np.mean(u[TAIL] < WON)),
        "d_near_zero_tail": float(np.mean(u[TAIL] < 0.1)),
        "d_near_level_tail": float(np.mean(np.abs(u[TAIL] - 1) < 0.15)),
        "d_above_level_tail": float(np.mean(u[TAIL] > 1)),
        "g_below_half_tail": float(np.mean(b[TAIL] < 0.5)),
        "both_won": float(np.mean(won)),
    }


def _level(series: Array, name: str) -> dict[str, float]:
    """Level, range and trend of one series."""
    rough = coarse(series)
    tail = series[TAIL]
    low, q25, median, q75, high = quantiles(tail, (0.0, 0.25, 0.5, 0.75, 1.0))
    early = float(series[START].mean())
    found = {
        f"{name}_tail_min": low,
        f"{name}_tail_median": median,
        f"{name}_tail_max": high,
        f"{name}_tail_iqr": _amplitude(q75 - q25),
        f"{name}_tail_range": _amplitude(high - low),
        f"{name}_min": float(series.min()),
        f"{name}_max": float(series.max()),
        f"{name}_start": early,
        f"{name}_change": median - early,
        f"{name}_end": float(series[-20:].mean()) - median,
        f"{name}_tail_sd": _amplitude(float(rough[HALF_COARSE].std())),
        f"{name}_step": _amplitude(float(np.abs(np.diff(rough[HALF_COARSE])).mean())),
        f"{name}_rough": roughness(rough[HALF_COARSE]),
        f"{name}_trend": trend(rough),
        f"{name}_trend_half": trend(rough[HALF_COARSE]),
    }
    return found | {f"{name}_trend_{i}": trend(rough[third]) for i, third in enumerate(THIRDS, 1)}


def _amplitude(size: float) -> float:
    """Sizes span decades; below the floor a series is constant."""
    return float(np.log10(max(size, AMPLITUDE_FLOOR)))


def _joint(u: Array, b: Array) -> dict[str, float]:
    """How both losses move together: fine and coarse changes, levels, one after the other, scissors."""
    du, db = np.diff(u), np.diff(b)
    cu, cb = coarse(u), coarse(b)
    dcu, dcb = np.diff(cu), np.diff(cb)
    return {
        "changes": correlation(du, db),
        "changes_half": correlation(du[HALF], db[HALF]),
        "changes_tail": correlation(du[TAIL], db[TAIL]),
        "changes_coarse": correlation(dcu, dcb),
        "changes_coarse_half": correlation(dcu[HALF_COARSE], dcb[HALF_COARSE]),
        "levels": correlation(cu, cb),
        "levels_half": correlation(cu[HALF_COARSE], cb[HALF_COARSE]),
        "d_first": correlation(dcu[:-1], dcb[1:]),
        "g_first": correlation(dcu[1:], dcb[:-1]),
        "scissors": min(-trend(cu[HALF_COARSE]), -trend(cb[HALF_COARSE])),
        "sum_tail": float(np.median(u[TAIL] / 2 + b[TAIL])),
        "sum_iqr": _amplitude(_iqr(u[TAIL] / 2 + b[TAIL])),
        "ratio_iqr": _amplitude(_iqr(u[TAIL])) - _amplitude(2 * _iqr(b[TAIL])),
    }


def _iqr(series: Array) -> float:
    low, high = quantiles(series, (0.25, 0.75))
    return high - low


def _outputs(outputs: Mapping[str, Array]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, series in outputs.items():
        found |= _spots(series, name, (0.05, 0.25, 0.5, 0.75, 0.95))
    spread = outputs["spread"]
    found["spread_low_share"] = float(np.mean(spread < -1))
    found["spread_low_tail"] = float(np.mean(spread[TAIL] < -1))
    found["spread_low_half"] = float(np.mean(spread[HALF] < -0.5))
    return found


def _diversity(diversity: Mapping[str, Array]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in DIVERSITY:
        found |= _spots(diversity[name], name, (0.05, 0.25, 0.5, 0.75, 0.95))
    pair, near = diversity["div_pair"][TAIL], diversity["div_nn"][TAIL]
    found["near_to_pair"] = float(np.median(near) - np.median(pair))
    found["cover_of_pair"] = float(np.median(diversity["cov_batch"][TAIL] * np.minimum(pair, 1)))
    return found


def _spots(series: Array, name: str, at: tuple[float, ...]) -> dict[str, float]:
    """Quantiles of the last 30 %, spread, trend, and medians of the start and the middle."""
    rough = coarse(series)
    tail = quantiles(series[TAIL], at)
    found = {f"{name}_q{round(100 * q):02d}": value for q, value in zip(at, tail, strict=True)}
    return found | {
        f"{name}_start": float(np.median(series[START])),
        f"{name}_middle": float(np.median(series[MIDDLE])),
        f"{name}_min": float(rough.min()),
        f"{name}_step": _amplitude(float(np.abs(np.diff(rough[HALF_COARSE])).mean())),
        f"{name}_trend_half": trend(rough[HALF_COARSE]),
    }
