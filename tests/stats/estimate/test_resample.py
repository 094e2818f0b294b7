"""Bootstrap intervals agree with a textbook and, for the same random draws, with SciPy; the seed decides the draws."""

import numpy as np
import pytest
from scipy import stats

from gan_bench.seeds import generator
from gan_bench.stats.estimate.location import STATISTICS, Statistic, interquartile_mean, mean
from gan_bench.stats.estimate.resample import _acceleration, bca_interval, bootstrap, percentile_interval, resamples

#: Scores of 26 children in a spatial test (Efron and Tibshirani 1993, table 14.1).
SPATIAL = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41]


def _variance(values: np.ndarray) -> np.ndarray:
    return values.var(axis=-1)


def test_bca_of_the_textbooks_variance() -> None:
    """Table 14.2 of Efron and Tibshirani 1993: the variance is 171.5 and the acceleration a = .061.

    The 90 % intervals are (100.8, 233.9) by percentiles and (115.8, 259.6) by BCa.
    """
    values = np.array([SPATIAL], dtype=float)
    assert _variance(values)[0] == pytest.approx(171.5, abs=0.05)
    assert _acceleration(values, _variance)[0] == pytest.approx(0.061, abs=0.0005)
    replicates = bootstrap(values, _variance, resamples(26, count=20_000))
    # The book draws 2000 resamples, so the ends of its intervals have a random error of a few units.
    assert percentile_interval(replicates, 0.9)[0] == pytest.approx((100.8, 233.9), abs=4)
    assert bca_interval(values, replicates, _variance, 0.9)[0] == pytest.approx((115.8, 259.6), abs=6)


@pytest.mark.parametrize("statistic", STATISTICS.values(), ids=STATISTICS)
@pytest.mark.parametrize("n", [5, 12])
def test_both_intervals_are_scipys(statistic: Statistic, n: int) -> None:
    """SciPy draws the same indices from the same random generator, so the ends agree up to rounding."""
    values = np.random.default_rng(1).lognormal(size=n)
    replicates = bootstrap(values[None], statistic, resamples(n))
    ours = {"percentile": percentile_interval(replicates, 0.95)[0]}
    ours["BCa"] = bca_interval(values[None], replicates, statistic, 0.95)[0]
    for method, ends in ours.items():
        theirs = stats.bootstrap(
            (values,),
            lambda sample, axis: statistic(np.moveaxis(sample, axis, -1)),
            n_resamples=2000,
            rng=generator(0, "bootstrap"),
            method=method,
        ).confidence_interval
        assert ends == pytest.approx((theirs.low, theirs.high), rel=1e-9)


def test_the_seed_fixes_the_draws_and_the_global_state_does_not_matter() -> None:
    found = []
    for state in (1, 2):
        resamples.cache_clear()
        np.random.seed(state)  # noqa: NPY002
        found.append(resamples(7, seed=3))
        # `resamples` does not change NumPy's global random state.
        assert np.random.random() == np.random.RandomState(state).random()  # noqa: NPY002
    assert (found[0] == found[1]).all()
    assert (resamples(7, seed=4) != found[0]).any()


def test_a_cells_interval_does_not_depend_on_the_cells_beside_it() -> None:
    values = np.random.default_rng(0).standard_normal((9, 6))
    together = bootstrap(values, interquartile_mean, resamples(6))
    alone = bootstrap(values[3:4], interquartile_mean, resamples(6))
    assert (together[3:4] == alone).all()


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).standard_normal((9, 6))
    whole = bootstrap(values, mean, resamples(6))
    monkeypatch.setattr("gan_bench.stats.estimate.resample.BLOCK", 1)
    assert (bootstrap(values, mean, resamples(6)) == whole).all()


def test_equal_values_have_no_bca_and_a_percentile_of_no_width() -> None:
    values = np.full((1, 12), 3.0)
    replicates = bootstrap(values, mean, resamples(12))
    assert percentile_interval(replicates, 0.95).tolist() == [[3.0, 3.0]]
    assert np.isnan(bca_interval(values, replicates, mean, 0.95)).all()


@pytest.mark.parametrize("statistic", STATISTICS.values(), ids=STATISTICS)
@pytest.mark.parametrize("n", [3, 4, 10, 13])
def test_cells_together_have_the_bits_of_each(statistic: Statistic, n: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many cells computed together have the bits of each cell computed alone.

    Here, "alone" means a pair of the cell and its copy. NumPy would sum a single cell of eight or more seeds in another
    order, which can change the last bit.
    """
    values = np.random.default_rng(n).lognormal(size=(10, n))
    values[3] = values[3, 0]
    drawn = resamples(n)
    pairs = [np.stack([row, row]) for row in values]
    alone = [bootstrap(pair, statistic, drawn) for pair in pairs]
    for block in (2 * drawn.size, 10**8):
        monkeypatch.setattr("gan_bench.stats.estimate.resample.BLOCK", block)
        together = bootstrap(values, statistic, drawn)
        np.testing.assert_array_equal(together, np.stack([found[0] for found in alone]))
    for interval in (
        lambda of, replicates: percentile_interval(replicates, 0.95),
        lambda of, replicates: bca_interval(of, replicates, statistic, 0.95),
    ):
        rows = [interval(pair, found)[0] for pair, found in zip(pairs, alone, strict=True)]
        np.testing.assert_array_equal(interval(values, together), np.stack(rows))


@pytest.mark.filterwarnings("error")
def test_no_bca_interval_where_nothing_is_known_of_the_bias() -> None:
    """If all replicates are on one side of the estimate, the estimated bias is infinite.

    With a nonzero acceleration, the formula of BCa is then infinity / infinity.
    """
    values = np.random.default_rng(0).lognormal(size=(3, 12))
    replicates = bootstrap(values, mean, resamples(12))
    replicates[0], replicates[1] = np.sort(1e9 + replicates[0]), values[1].mean()
    ends = bca_interval(values, replicates, mean, 0.95)
    assert np.isnan(ends[:2]).all() and np.isfinite(ends[2]).all()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("scale", [1e-300, 1e-200, 1e-120, 1e120, 1e150])
def test_the_bca_interval_has_no_scale(scale: float) -> None:
    """If all values are multiplied by a factor, the ends of the interval are multiplied by it too.

    This also holds for very small values, such as p-values near 1e-120, whose cubes are 0 in float64. In an earlier
    version, such cubes led to an index of NaN and an error.
    """
    values = np.random.default_rng(3).lognormal(size=(4, 12))
    for statistic in (mean, interquartile_mean):
        plain, scaled = (
            bca_interval(x, bootstrap(x, statistic, resamples(12)), statistic, 0.95) for x in (values, values * scale)
        )
        assert np.isfinite(plain).all() and scaled / scale == pytest.approx(plain, rel=1e-9)


@pytest.mark.filterwarnings("error")
def test_values_of_all_sizes_beside_each_other_have_an_interval_or_none() -> None:
    rng = np.random.default_rng(4)
    values = 10.0 ** rng.uniform(-320, 0, (300, 20)) * (rng.uniform(size=(300, 20)) < 0.7)
    for statistic in STATISTICS.values():
        ends = bca_interval(values, bootstrap(values, statistic, resamples(20)), statistic, 0.95)
        both = np.isfinite(ends).all(axis=1)
        assert (both | np.isnan(ends).all(axis=1)).all() and (ends[both, 0] <= ends[both, 1]).all() and both.any()
