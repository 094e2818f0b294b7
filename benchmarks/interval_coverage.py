"""Coverage of 95 % intervals at few seeds, by simulation.

    python benchmarks/interval_coverage.py        rewrites the tables between the marks in docs/statistics.md (minutes)

Samples of n values are drawn from a normal, an exponential (skewness 2) and a lognormal distribution (sigma 1, skewness
6). The coverage is the share of intervals of `gan_bench.stats` that contain the distribution's mean, median or
interquartile mean. The interval of P(improvement), the probability that a run of one variant is better than a run of
another, is tested in the same way. The script also counts how often Nemenyi's critical difference separates at least
two of several equal variants.
"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import integrate, stats

from gan_bench.files import write_text
from gan_bench.stats.estimate.friedman import critical_difference
from gan_bench.stats.estimate.improvement import improvement_interval, probability_of_improvement
from gan_bench.stats.estimate.intervals import LEVEL, median_interval, t_interval, trimmed_t_interval
from gan_bench.stats.estimate.location import STATISTICS
from gan_bench.stats.estimate.resample import bca_interval, bootstrap, percentile_interval, resamples

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "statistics.md"
SIZES = (3, 5, 10, 30)
SAMPLES = 4000
LAWS = {"normal": stats.norm(), "exponential": stats.expon(), "lognormal": stats.lognorm(1)}
CLOSED = {"mean": t_interval, "median": median_interval, "iqm": trimmed_t_interval}
CLOSED_NAMES = {"mean": "t", "median": "order statistics", "iqm": "t, trimmed"}
#: True values of P(improvement) at which the coverage is measured.
WINS = (0.5, 0.8, 0.95)

Interval = Callable[[np.ndarray, float], np.ndarray]


def truth(law: stats.distributions.rv_frozen, name: str) -> float:
    """The true value of the statistic; the interquartile mean is the mean of the middle half of the distribution."""
    if name == "mean":
        return float(law.mean())
    if name == "median":
        return float(law.median())
    return float(2 * integrate.quad(law.ppf, 0.25, 0.75)[0])


def draw(law: stats.distributions.rv_frozen, n: int, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(law.ppf(rng.random((SAMPLES, n))))


def covered(ends: np.ndarray, value: float) -> float:
    """Share of intervals that contain the value; NaN if all intervals are NaN."""
    if np.isnan(ends).all():
        return math.nan
    return float(((ends[:, 0] <= value) & (value <= ends[:, 1])).mean())


def rows() -> list[list[str]]:
    rows = []
    for name, statistic in STATISTICS.items():
        for label, law in LAWS.items():
            shares: dict[str, list[float]] = {CLOSED_NAMES[name]: [], "percentile": [], "BCa": []}
            for n in SIZES:
                values = draw(law, n, np.random.default_rng(n))
                replicates = bootstrap(values, statistic, resamples(n))
                ends = [
                    CLOSED[name](values, LEVEL),
                    percentile_interval(replicates, LEVEL),
                    bca_interval(values, replicates, statistic, LEVEL),
                ]
                for method, interval in zip(shares, ends, strict=True):
                    shares[method].append(covered(interval, truth(law, name)))
            rows += [[name, label, method, *map(percent, values)] for method, values in shares.items()]
    return rows


def improvement_rows() -> list[list[str]]:
    """Coverage of the interval of P(improvement), as rows of text.

    Two normal distributions are shifted so that P(improvement) has each value of WINS.
    """
    rows = []
    for win in WINS:
        shift = math.sqrt(2) * stats.norm.ppf(win)
        shares: dict[str, list[float]] = {"score": [], "percentile": []}
        for n in SIZES:
            rng = np.random.default_rng(n)
            a, b = rng.standard_normal((SAMPLES, n)), rng.standard_normal((SAMPLES, n)) + shift
            ends = improvement_interval(probability_of_improvement(a, b), np.array(n), np.array(n), LEVEL)
            shares["score"].append(covered(ends, win))
            shares["percentile"].append(covered(_resampled_pairs(a[:1000], b[:1000], rng), win))
        rows += [[str(win), method, *map(percent, values)] for method, values in shares.items()]
    return rows


def _resampled_pairs(a: np.ndarray, b: np.ndarray, rng: np.random.Generator, count: int = 500) -> np.ndarray:
    n = a.shape[1]
    left, right = rng.integers(0, n, (2, count, n))
    shares = [probability_of_improvement(x[left], y[right]) for x, y in zip(a, b, strict=True)]
    return percentile_interval(np.sort(np.array(shares), axis=1), LEVEL)


def nemenyi_rows() -> list[list[str]]:
    """Rows of text: how often, in percent, Nemenyi's critical difference separates at least two of k equal variants.

    There is a row for each k and a column for each number of blocks.
    """
    rows = []
    for k in (2, 3, 5, 10, 20):
        shares = []
        for n in SIZES:
            rng = np.random.default_rng(n)
            mean = (rng.random((SAMPLES, n, k)).argsort(axis=2).argsort(axis=2) + 1).mean(axis=1)
            shares.append(float((np.ptp(mean, axis=1) >= critical_difference(n, k)).mean()))
        rows.append([str(k), *map(percent, shares)])
    return rows


def percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.1f}"


def markdown(head: list[str], body: list[list[str]], words: int) -> str:
    lines = [head, [*["---"] * words, *["---:"] * (len(head) - words)], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    sizes = [f"n = {n}" for n in SIZES]
    tables = {
        "coverage": markdown(["statistic", "law", "interval", *sizes], rows(), 3),
        "nemenyi": markdown(["variants", *(f"{n} blocks" for n in SIZES)], nemenyi_rows(), 1),
        "improvement": markdown(["P(improvement)", "interval", *sizes], improvement_rows(), 2),
    }
    text = DOCUMENT.read_text()
    for mark, table in tables.items():
        before, rest = text.split(f"<!-- {mark} -->\n", 1)
        text = before + f"<!-- {mark} -->\n{table}\n" + rest[rest.index("<!-- end -->") :]
    write_text(DOCUMENT, text)


if __name__ == "__main__":
    main()
