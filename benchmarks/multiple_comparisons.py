"""Error rates of rules for comparing variants at few seeds, by simulation.

    python benchmarks/multiple_comparisons.py     rewrites the table between the marks in docs/statistics.md (a minute)

All variants have the same mean, so each of them is a true best. A rule errs if it excludes a variant or names a winner.
Three rules are compared:

- Hsu's comparisons with the best (Dunnett's one-sided value, pooled spread);
- the same comparisons with Welch's standard errors and degrees of freedom;
- Games and Howell's rule (`gan_bench.stats.estimate.games_howell`), which the tables use. The tables name no winner
  below three seeds.
"""

import functools
from pathlib import Path

import numpy as np
from scipy import special, stats
from scipy.optimize import brentq

from gan_bench.files import write_text
from gan_bench.stats.estimate.games_howell import critical_value
from gan_bench.stats.estimate.intervals import LEVEL

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "statistics.md"
SIZES = (3, 5, 10)
STUDIES = 8000
LAWS = ("normal", "lognormal")
DF = np.array([1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 15, 20, 30, 60, 120])


def spreads(k: int) -> dict[str, list[list[int]]]:
    """Patterns of the standard deviations of k variants. The table shows the largest rates of each list of patterns."""
    threefold = {(3, *[1] * (k - 1)), (1, *[3] * (k - 1)), tuple(([1, 3] * k)[:k]), tuple([3, 3, *[1] * k][:k])}
    return {"equal": [[1] * k], "threefold": sorted(map(list, threefold))}


@functools.lru_cache
def dunnett(rivals: int) -> np.ndarray:
    """One-sided critical values at DF for `rivals` comparisons with one mean, for equal sizes (correlation 1/2)."""
    z = np.linspace(-8, 8, 401)
    density = stats.norm.pdf(z) * (z[1] - z[0])
    nodes, weights = np.polynomial.legendre.leggauss(60)

    def excess(d: float, df: float) -> float:
        sd = np.sqrt(stats.chi2.ppf((nodes + 1) / 2, df) / df)[:, None]
        below = (density * special.ndtr(z + np.sqrt(2) * d * sd) ** rivals).sum(axis=1)
        return float((weights / 2 * below).sum()) - LEVEL

    return np.array([brentq(excess, 0.5, 90, args=(df,)) for df in DF])


def draw(law: str, sd: list[int], n: int, rng: np.random.Generator) -> np.ndarray:
    """(studies, variants, seeds) with mean 0. The lognormal distribution has skewness 1.75 and is not transformed."""
    noise = rng.standard_normal((STUDIES, len(sd), n))
    if law == "lognormal":
        noise = (np.exp(0.5 * noise) - np.exp(0.125)) / np.sqrt((np.exp(0.25) - 1) * np.exp(0.25))
    return np.array(sd)[:, None] * noise


def errors(values: np.ndarray) -> dict[str, tuple[float, float]]:
    """Rule -> (share of studies that exclude a variant, share of studies with a winner).

    The first share is that of the variant that is excluded most often.
    """
    _, k, n = values.shape
    mean, error = values.mean(axis=2), values.var(axis=2, ddof=1) / n
    t = mean[:, :, None] - mean[:, None, :]
    both = error[:, :, None] + error[:, None, :]
    df = both**2 / ((error**2)[:, :, None] + (error**2)[:, None, :]) * (n - 1)
    one_sided = np.interp(1 / df, 1 / DF[::-1], dunnett(k - 1)[::-1])
    pooled = np.interp(1 / (k * (n - 1)), 1 / DF[::-1], dunnett(k - 1)[::-1])
    excludes = {
        "Hsu, pooled": t > pooled * np.sqrt(2 * error.mean(axis=1))[:, None, None],
        "Hsu, Welch": t > one_sided * np.sqrt(both),
        "Games-Howell": t > critical_value(k, df.ravel()).reshape(df.shape) * np.sqrt(both),
    }
    rates = {}
    for rule, apart in excludes.items():
        excluded = apart.any(axis=2)
        rates[rule] = float(excluded.mean(axis=0).max()), float((excluded.sum(axis=1) == k - 1).mean())
    return rates


def rows() -> list[list[str]]:
    rates: dict[tuple[str, str, str, int], list[tuple[float, float]]] = {}
    for law in LAWS:
        for k in (2, 5, 9):
            for name, patterns in spreads(k).items():
                for n in SIZES:
                    rng = np.random.default_rng(n)
                    results = [errors(draw(law, sd, n, rng)) for sd in patterns]
                    for rule in results[0]:
                        worst = tuple(max(result[rule][i] for result in results) for i in (0, 1))
                        rates.setdefault((rule, law, name, k), []).append((worst[0], worst[1]))
    order = sorted(rates, key=lambda key: ("Hsu, pooled", "Hsu, Welch", "Games-Howell").index(key[0]))
    return [
        [*map(str, key), *(f"{100 * excluded:.1f} / {100 * winner:.1f}" for excluded, winner in rates[key])]
        for key in order
    ]


def main() -> None:
    head = ["rule", "law", "spreads", "variants", *(f"n = {n}" for n in SIZES)]
    lines = [head, [*["---"] * 3, *["---:"] * (len(head) - 3)], *rows()]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    mark, text = "<!-- best -->\n", DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(mark, 1)
    write_text(DOCUMENT, before + f"{mark}{table}\n" + rest[rest.index("<!-- end -->") :])


if __name__ == "__main__":
    main()
