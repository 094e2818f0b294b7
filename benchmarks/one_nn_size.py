"""How often the 1-NN test rejects two samples of the same normal distribution, by simulation.

    python benchmarks/one_nn_size.py        rewrites the table between the marks in docs/metrics.md (minutes, one core)

For each row of the table, `REPEATS` pairs of samples with n rows in d dimensions are drawn. The row shows the share of
pairs with p <= 0.05, for two p-values. The first is `one_nn_p`, by permutation of the labels. The second is the p-value
of version 0.1.0, a binomial test of the number of rows that are classified correctly.
"""

from pathlib import Path

import numpy as np
from scipy.stats import binomtest
from threadpoolctl import threadpool_limits

from gan_bench.files import write_text
from gan_bench.metrics.one_nn import one_nn

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "metrics.md"
BEGIN, END = "<!-- one-nn size: begin -->\n", "<!-- one-nn size: end -->\n"
DIMENSIONS, SIZES = (2, 8, 64), (50, 200)
REPEATS, LEVEL = 2000, 0.05


def rejections(n: int, d: int) -> tuple[float, float]:
    """Share of pairs rejected by permutation, and by the binomial test. The samples of a pair have one distribution."""
    rng = np.random.default_rng([n, d])
    by_permutation = by_binomial = 0
    for _ in range(REPEATS):
        scores = one_nn(rng.standard_normal((n, d)), rng.standard_normal((n, d)), rng)
        by_permutation += scores["one_nn_p"] <= LEVEL
        by_binomial += binomtest(round(2 * n * scores["one_nn"]), 2 * n).pvalue <= LEVEL
    return by_permutation / REPEATS, by_binomial / REPEATS


def table() -> str:
    error = (LEVEL * (1 - LEVEL) / REPEATS) ** 0.5
    lines = [
        f"P(p ≤ {LEVEL}) for two samples of one normal distribution, {REPEATS:,} pairs (standard error {error:.4f}):",
        "",
        "| d | n | permutation | z | binomial (0.1.0) |",
        "|---|---|---|---|---|",
    ]
    for d in DIMENSIONS:
        for n in SIZES:
            ours, before = rejections(n, d)
            lines.append(f"| {d} | {n} | {ours:.4f} | {(ours - LEVEL) / error:+.1f} | {before:.4f} |")
            print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    with threadpool_limits(1):
        text = table()
    document = DOCUMENT.read_text(encoding="utf-8")
    before, rest = document.split(BEGIN)
    write_text(DOCUMENT, before + BEGIN + text + END + rest.split(END)[1])
