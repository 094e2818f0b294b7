"""The best variants follow from intervals of each variant's difference from the best other variant."""

import numpy as np
import pytest

from gan_bench.stats.estimate import best as module
from gan_bench.stats.estimate.best import best, summarise


def _best(*rows):
    badness = np.array(rows, dtype=float)
    return best(summarise(badness, ~np.isnan(badness)))


def test_by_hand():
    """Two variants have n = 4 seeds each, means 1 and 3, and variances of 1.

    With six degrees of freedom, the interval of the difference is 2 +- 2.447 sqrt(1 / 2).
    Its lower end, 0.27, is just above 0.
    """
    row = np.array([-1.0, -1.0, 1.0, 1.0]) * np.sqrt(3) / 2
    found = _best(row + 1, row + 3)
    half = 2.44691 * np.sqrt(0.5)
    assert found.low == pytest.approx([-2 - half, 2 - half], abs=1e-3)
    assert found.high == pytest.approx([-2 + half, 2 + half], abs=1e-3)
    assert found.top.tolist() == [True, False] and found.winner == 0
    assert _best(row + 1, row + 2.7).winner is None


def test_the_true_best_is_excluded_rarely_at_threefold_spreads():
    """One of nine equally good variants has three times the spread of the others.

    Dunnett's method with a pooled spread would exclude it in 15 of 100 studies (docs/statistics.md).
    """
    rng = np.random.default_rng(0)
    sd = np.array([3.0, *[1.0] * 8])[:, None]
    excluded = [not _best(*(sd * rng.standard_normal((9, 3)))).top[0] for _ in range(600)]
    assert np.mean(excluded) < 0.04


def test_only_so_many_rivals_are_compared(monkeypatch):
    rows = [np.array([0.0, 0.1, 0.2]) + 9 * i for i in range(6)]
    whole = _best(*rows)
    monkeypatch.setattr(module, "MOST_RIVALS", 2)
    few = _best(*rows)
    assert few.winner == whole.winner == 0 and few.top.tolist() == whole.top.tolist()


def test_nothing_scored_is_nothing_known():
    found = _best([np.inf, np.inf], [np.nan, np.nan])
    assert found.winner is None and not found.top.any() and np.isnan(found.low).all()
