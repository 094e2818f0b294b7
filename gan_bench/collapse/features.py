"""Features that describe a trajectory in the same way for every loss family and every logging interval."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from gan_bench.collapse.normalisation import COLUMNS, DIVERSITY, LEVELS, OUTPUT_SERIES, History, Series, make_series
from gan_bench.collapse.windows import (
    COARSE,
    WINDOWS,
    Array,
    coarse,
    correlations,
    quantiles,
    roughness,
    trends,
)

__all__ = ["COLUMNS", "DECIMALS", "INDEX", "LEVELS", "NAMES", "describe", "features", "vector"]

#: Features are rounded to this many decimals, so that rounding errors of a sum do not change an answer.
DECIMALS = 6

#: A history is divided into equal parts, called windows (see windows.py). HALF to END are ranges of windows: the second
#: half, the last 30 %, the start, the middle and the end. HALF_COARSE and THIRDS are ranges of coarse windows.
HALF, TAIL = slice(WINDOWS // 2, None), slice(7 * WINDOWS // 10, None)
START, MIDDLE, END = slice(0, 60), slice(80, 140), slice(180, None)
HALF_COARSE = slice(WINDOWS // COARSE // 2 + 1, None)
THIRDS = (slice(0, 9), slice(8, 17), slice(16, 25))

WON_LEVEL = 0.25
AMPLITUDE_FLOOR = 1e-4
QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)

#: Statistics of each series. The losses have scale-free statistics and statistics that need a known scale. D's outputs
#: and batch diversity mainly have quantiles. The `sd_*` series, which are relative to their median in the run, have
#: fewer quantiles.
SCALE_FREE = ("rough", "trend", "trend_half", "trend_1", "trend_2", "trend_3")
SCALED = (
    "tail_min", "tail_median", "tail_max", "tail_iqr", "tail_range", "min", "max", "start", "change", "end", "tail_sd",
    "step",
)  # fmt: skip
QUANTILE_STATS = ("q05", "q25", "q50", "q75", "q95", "start_median", "middle", "low", "step", "trend_half")
SELF_SCALED_STATS = ("q05", "q50", "q95", "start_median", "middle", "step", "trend_half")
KINDS: Mapping[str, tuple[str, ...]] = {
    "d": SCALE_FREE + SCALED,
    "g": SCALE_FREE + SCALED,
    **{name: SELF_SCALED_STATS if name.startswith("sd_") else QUANTILE_STATS for name in (*OUTPUT_SERIES, *DIVERSITY)},
}
SHARES = (
    "d_won", "d_won_tail", "d_near_zero_tail", "d_near_level_tail", "d_above_level_tail", "g_below_half_tail",
    "both_won", "sum_tail", "sum_iqr", "ratio_iqr",
)  # fmt: skip
JOINT = (
    "changes", "changes_half", "changes_tail", "changes_coarse", "changes_coarse_half", "levels", "levels_half",
    "d_first", "g_first", "scissors",
)  # fmt: skip
EXTRA = ("spread_low_share", "spread_low_tail", "spread_low_half", "near_to_pair", "cover_of_pair")

#: All features in the order of `vector`, and the index of each.
NAMES = (*(f"{series}_{stat}" for series, stats in KINDS.items() for stat in stats), *SHARES, *JOINT, *EXTRA)
INDEX = {name: place for place, name in enumerate(NAMES)}
#: Features that are undefined for a loss without a known scale.
NEED_SCALE = frozenset([f"{series}_{stat}" for series in ("d", "g") for stat in SCALED] + list(SHARES))

_PLACES = {series: [INDEX[f"{series}_{stat}"] for stat in stats] for series, stats in KINDS.items()}
_STATS = ("rough", "trend", "trend_half", "trend_1", "trend_2", "trend_3", *SCALED, *QUANTILE_STATS)
_PICKS = {series: [_STATS.index(stat) for stat in stats] for series, stats in KINDS.items()}
_SCALED = np.array([INDEX[name] for name in NAMES if name in NEED_SCALE])


def features(history: History, loss: Mapping[str, Any] | None) -> tuple[str, dict[str, float]]:
    """Signal level of a history, and its features by name; see `make_series` for columns and errors."""
    series = make_series(history, loss)
    return series.level, describe(series)


def describe(series: Series) -> dict[str, float]:
    """Features of a series by name, without features that are undefined for it."""
    values = vector(series)
    return {name: float(value) for name, value in zip(NAMES, values, strict=True) if not np.isnan(value)}


def vector(series: Series) -> Array:
    """Features in the order of NAMES, NaN where the series does not define them."""
    names = ["d", "g", *series.others]
    series_values = np.stack([series.advantage, series.belief, *series.others.values()])
    rough = coarse(series_values)
    stats = _statistics(series_values, rough)
    values = np.full(len(NAMES), np.nan)
    for row, name in enumerate(names):
        values[_PLACES[name]] = stats[_PICKS[name], row]
    _put(values, _shares(series.advantage, series.belief))
    _put(values, _joint(series_values[:2], rough[:2], stats[_STATS.index("trend_half"), :2]))
    _put(values, _extra(series.others))
    if not series.scaled:
        values[_SCALED] = np.nan
    return np.asarray(np.round(values, DECIMALS))


def _put(values: Array, named: Mapping[str, float]) -> None:
    for name, value in named.items():
        values[INDEX[name]] = value


def _statistics(values: Array, rough: Array) -> Array:
    """Statistics (stats, series) as in _STATS, from means over windows (`values`) and over coarse windows (`rough`)."""
    tail = quantiles(values[:, TAIL], QUANTILES)
    late = rough[:, HALF_COARSE]
    start = values[:, START].mean(axis=1)
    median = tail[3]
    stats = {
        "rough": roughness(late),
        **dict(zip(("trend", "trend_half", "trend_1", "trend_2", "trend_3"), _trends(rough), strict=True)),
        "tail_min": tail[0],
        "tail_median": median,
        "tail_max": tail[6],
        "tail_iqr": _amplitude(tail[4] - tail[2]),
        "tail_range": _amplitude(tail[6] - tail[0]),
        "min": values.min(axis=1),
        "max": values.max(axis=1),
        "start": start,
        "change": median - start,
        "end": values[:, END].mean(axis=1) - median,
        "tail_sd": _amplitude(late.std(axis=1)),
        "step": _amplitude(np.abs(np.diff(late)).mean(axis=1)),
        "q05": tail[1],
        "q25": tail[2],
        "q50": median,
        "q75": tail[4],
        "q95": tail[5],
        "start_median": quantiles(values[:, START], (0.5,))[0],
        "middle": quantiles(values[:, MIDDLE], (0.5,))[0],
        "low": rough.min(axis=1),
    }
    return np.stack([stats[name] for name in _STATS])


def _trends(rough: Array) -> list[Array]:
    whole = slice(0, rough.shape[1])
    return trends(rough, (whole, HALF_COARSE, *THIRDS))


def _amplitude(size: Array) -> Array:
    """log10 of an amplitude, because amplitudes span decades. Amplitudes below AMPLITUDE_FLOOR count as this value."""
    return np.asarray(np.log10(np.maximum(size, AMPLITUDE_FLOOR)))


def _shares(u: Array, b: Array) -> dict[str, float]:
    """Shares of time in which `u` (advantage) and `b` (belief) are in certain ranges; median and spread of u / 2 + b.

    normalisation.py defines u and b; low values mean that D has won. "ratio_iqr" is log10 of a quotient: the spread of
    u / 2, divided by the spread of b.
    """
    low_u, low_b, tail_u, tail_b = u < WON_LEVEL, b < WON_LEVEL, u[TAIL], b[TAIL]
    both = tail_u / 2 + tail_b
    iqr = np.diff(quantiles(np.stack([tail_u, tail_b, both]), (0.25, 0.75)), axis=0)[0]
    sizes = _amplitude(iqr * np.array([1.0, 2.0, 1.0]))
    return {
        "d_won": float(low_u.mean()),
        "d_won_tail": float(low_u[TAIL].mean()),
        "d_near_zero_tail": float((tail_u < 0.1).mean()),
        "d_near_level_tail": float((np.abs(tail_u - 1) < 0.15).mean()),
        "d_above_level_tail": float((tail_u > 1).mean()),
        "g_below_half_tail": float((tail_b < 0.5).mean()),
        "both_won": float((low_u & low_b).mean()),
        "sum_tail": float(np.median(both)),
        "sum_iqr": float(sizes[2]),
        "ratio_iqr": float(sizes[0] - sizes[1]),
    }


def _joint(fine: Array, rough: Array, late_trends: Array) -> dict[str, float]:
    """How advantage and belief move together.

    The features are correlations between both series, and "scissors", the weaker of their two downward trends. Two
    correlations are between levels. The others are between changes: from window to window, or from coarse window to
    coarse window. For "d_first" and "g_first", one series is shifted by one coarse window.
    """
    (du, db), (dcu, dcb) = np.diff(fine), np.diff(rough)
    pairs = {
        "changes": (du, db),
        "changes_half": (du[HALF], db[HALF]),
        "changes_tail": (du[TAIL], db[TAIL]),
        "changes_coarse": (dcu, dcb),
        "changes_coarse_half": (dcu[HALF_COARSE], dcb[HALF_COARSE]),
        "levels": (rough[0], rough[1]),
        "levels_half": (rough[0, HALF_COARSE], rough[1, HALF_COARSE]),
        "d_first": (dcu[:-1], dcb[1:]),
        "g_first": (dcu[1:], dcb[:-1]),
    }
    return {**correlations(pairs), "scissors": float(-late_trends.max())}


def _extra(others: Mapping[str, Array]) -> dict[str, float]:
    """Shares of time in which D's outputs have a much smaller sd on generated images than on real images (ratio below
    1/2 or 0.7), and combinations of diversity columns.
    """
    features = {}
    if "spread" in others:
        spread = others["spread"]
        features["spread_low_share"] = float((spread < -1).mean())
        features["spread_low_tail"] = float((spread[TAIL] < -1).mean())
        features["spread_low_half"] = float((spread[HALF] < -0.5).mean())
    if "div_pair" in others:
        pair = others["div_pair"][TAIL]
        if "div_nn" in others:
            features["near_to_pair"] = float(np.median(others["div_nn"][TAIL]) - np.median(pair))
        if "cov_batch" in others:
            features["cover_of_pair"] = float(np.median(others["cov_batch"][TAIL] * np.minimum(pair, 1)))
    return features
