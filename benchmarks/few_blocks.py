"""False rejections of Friedman's test with few blocks; coverage of the interval of Kendall's tau with few cells.

    python benchmarks/few_blocks.py

The script prints two tables and writes them into docs/statistics.md. It takes about a minute on one core.
"""

from pathlib import Path

import numpy as np
from scipy import stats

from gan_bench.files import write_text
from gan_bench.stats.estimate.friedman import ALPHA, friedman
from gan_bench.stats.estimate.intervals import correlation_interval
from gan_bench.stats.tables.agreement import FEWEST_FOR_INTERVAL

DOCUMENT = Path(__file__).parents[1] / "docs" / "statistics.md"
SAMPLES = 4000
BLOCKS = (2, 3, 5, 10)
VARIANTS = (2, 3, 4, 5)
CELLS = (2, 3, 5, 7, 10, 20)
CORRELATIONS = (0.0, 0.5, 0.9)


def friedman_rows() -> list[list[str]]:
    """Rows of text: how often, in percent, Friedman's test rejects although all variants are equal.

    The number in brackets is for the F form of the test. There is a row for each number of variants and a column for
    each number of blocks.
    """
    rows = []
    for k in VARIANTS:
        row = [str(k)]
        for n in BLOCKS:
            rng = np.random.default_rng(100 * k + n)
            tests = [friedman(stats.rankdata(rng.normal(size=(n, k)).round(1), axis=1)) for _ in range(SAMPLES)]
            exact = np.mean([test.p < ALPHA for test in tests])
            row.append(f"{100 * exact:.1f} ({100 * np.mean([test.p_f < ALPHA for test in tests]):.1f})")
        rows.append(row)
    return rows


def agreement_rows() -> list[list[str]]:
    """Rows of text: how often, in percent, the interval contains tau, and how often it excludes 0.

    There are two rows for each true tau and a column for each number of cells.
    """
    rows = []
    for correlation in CORRELATIONS:
        tau = 2 / np.pi * np.arcsin(correlation)
        held, excluded = [f"{tau:.2f}", "holds tau"], ["", "excludes 0"]
        for n in CELLS:
            ends = _intervals(n, correlation)
            shown = ends[~np.isnan(ends[:, 0])]
            none = n < FEWEST_FOR_INTERVAL
            held.append("–" if none else f"{100 * ((shown[:, 0] <= tau) & (tau <= shown[:, 1])).mean():.1f}")
            excluded.append("–" if none else f"{100 * ((shown[:, 0] > 0) | (shown[:, 1] < 0)).mean():.1f}")
        rows += [held, excluded]
    return rows


def _intervals(n: int, correlation: float) -> np.ndarray:
    """Intervals (SAMPLES, 2) of tau over n cells.

    NaN if there are fewer than FEWEST_FOR_INTERVAL cells, or if the tau of the drawn cells is 1 or -1.
    """
    if n < FEWEST_FOR_INTERVAL:
        return np.full((SAMPLES, 2), np.nan)
    rng = np.random.default_rng(n)
    x = rng.normal(size=(SAMPLES, n))
    y = correlation * x + np.sqrt(1 - correlation**2) * rng.normal(size=(SAMPLES, n))
    first, second = np.triu_indices(n, 1)
    taus = np.mean(np.sign(x[:, first] - x[:, second]) * np.sign(y[:, first] - y[:, second]), axis=1)
    return np.array([correlation_interval(tau, 0.437, n - 4) for tau in taus])


def markdown(head: list[str], body: list[list[str]], words: int) -> str:
    lines = [head, [*["---"] * words, *["---:"] * (len(head) - words)], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    tables = {
        "friedman": markdown(["variants", *(f"{n} blocks" for n in BLOCKS)], friedman_rows(), 1),
        "agreement": markdown(["tau", "interval", *(f"{n} cells" for n in CELLS)], agreement_rows(), 2),
    }
    text = DOCUMENT.read_text()
    for mark, table in tables.items():
        print(table, end="\n\n")
        before, rest = text.split(f"<!-- {mark} -->\n", 1)
        text = before + f"<!-- {mark} -->\n{table}\n" + rest[rest.index("<!-- end -->") :]
    write_text(DOCUMENT, text)


if __name__ == "__main__":
    main()
