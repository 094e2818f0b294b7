"""The smallest difference between two models that each metric can detect, by simulation.

    python benchmarks/smallest_difference.py     rewrites the table between the marks in docs/metrics.md (minutes)

Real rows, samples and training rows are normal in `DIM` dimensions. A good model has the distribution of the real rows.
There are two kinds of worse models. The samples of the first are shifted in each dimension, by a part of the sd. In the
second, a share of the samples are copies of ten others. The sd of a score at n samples comes from `REPEATS` good
models, which differ only by sampling. Real training runs vary more, so the differences in the table are lower bounds.
With k seeds of each model, a t test at 5 % detects a difference of

    (t(0.975) + t(0.8)) sd sqrt(2 / k),  2 k - 2 degrees of freedom

in four of five studies. Doses (the size of the shift, or the share of copies) are tried in rising order. The table
gives the smallest dose at which the mean score is worse by at least this difference. For a value that cannot rank
models, better and worse both count.
"""

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gan_bench import bits

bits.choose()

import numpy as np
from scipy.stats import t

from gan_bench import registry
from gan_bench.config.grammar.reference import resolve
from gan_bench.features import Features
from gan_bench.files import write_text
from gan_bench.metrics.evaluate import evaluate_sets, prepare_real
from gan_bench.registry import component

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "metrics.md"
BEGIN, END = "<!-- smallest difference: begin -->\n", "<!-- smallest difference: end -->\n"
DIM, SIZES, SEEDS, REPEATS, MEANS = 32, (50, 200), (3, 10), 20, 2
SHIFTS, SHARES = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8), (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
#: Endings of the names of values that are not scores of a model: p-values, spreads, counts and settings.
NO_SCORES = ("_p", "_sd", "_se", "_ties", "_bandwidth")
FAMILIES = [c.name for c in registry.components("metrics") if set(c.facts["needs"]) <= {"features", "train"}]

Maker = Callable[[np.random.Generator, int, float], np.ndarray]


def shifted(rng: np.random.Generator, n: int, dose: float) -> np.ndarray:
    return (rng.standard_normal((n, DIM)) + dose).astype(np.float32)


def repeating(rng: np.random.Generator, n: int, dose: float) -> np.ndarray:
    rows = shifted(rng, n, 0.0)
    repeats = round(dose * n)
    rows[n - repeats :] = rows[np.arange(repeats) % 10]
    return rows


def scores(n: int) -> Callable[[Maker, float, int], dict[str, float]]:
    """Function (maker, dose, seed) -> scores of one model against fixed real and training rows."""
    rng = np.random.default_rng([n, 10**6])  # no model has this seed; [n] would be that of model 0
    real, train = Features(shifted(rng, n, 0.0)), Features(shifted(rng, 4 * n, 0.0))
    refs = [resolve("metrics", name) for name in FAMILIES]
    known = prepare_real(real, train, refs)

    def score(maker: Maker, dose: float, seed: int) -> dict[str, float]:
        fake = Features(maker(np.random.default_rng([n, seed]), n, dose))
        rows = evaluate_sets(
            real, fake, refs, seed=seed, train=train, known=known, extractor_label="normal", split=None
        )
        return {row["name"]: np.nan if row["value"] is None else row["value"] for row in rows}

    return score


def least_doses(n: int) -> dict[str, list[str]]:
    """Value -> table cells for 3 and for 10 seeds: the detected difference, and the smallest doses that cause it."""
    score = scores(n)
    good = [score(shifted, 0.0, seed) for seed in range(REPEATS)]
    curves = {
        maker.__name__: [[score(maker, dose, 1000 + seed) for seed in range(MEANS)] for dose in doses]
        for maker, doses in ((shifted, SHIFTS), (repeating, SHARES))
    }
    columns: dict[str, list[str]] = {}
    for name, fields in declared().items():
        values = np.array([row[name] for row in good])
        for k in SEEDS:
            difference = (t.ppf(0.975, 2 * k - 2) + t.ppf(0.8, 2 * k - 2)) * values.std(ddof=1) * (2 / k) ** 0.5
            cells = [f"{difference:.2g}"]
            for maker, doses in ((shifted, SHIFTS), (repeating, SHARES)):
                means = [np.mean([row[name] for row in rows]) for rows in curves[maker.__name__]]
                gaps = worse(np.array(means), fields["direction"], values.mean())
                large_enough = [dose for dose, gap in zip(doses, gaps, strict=True) if gap >= difference > 0]
                cells.append(f"{large_enough[0]:g}" if large_enough else "–")
            columns.setdefault(name, []).append(" / ".join(cells) if np.isfinite(difference) else "–")
    return columns


def worse(means: np.ndarray, direction: str, good: float) -> np.ndarray:
    """How much worse each mean is than the mean of good models; for a value that cannot rank models, their distance."""
    if direction == "half":
        return np.abs(means - 0.5) - abs(good - 0.5)
    return {"lower": means - good, "higher": good - means, "none": np.abs(means - good)}[direction]


def declared() -> dict[str, dict]:
    """Value -> its FACTS, for the values of FAMILIES, except those whose names end with an entry of NO_SCORES."""
    values = {}
    for name in FAMILIES:
        values |= component("metrics", name).facts["values"]
    return {name: fields for name, fields in values.items() if not name.endswith(NO_SCORES)}


def table() -> str:
    by_size = {n: least_doses(n) for n in SIZES}
    heads = [f"n = {n}, {k} seeds" for n in SIZES for k in SEEDS]
    lines = [
        f"Normal rows in {DIM} dimensions, {REPEATS} models: difference of scores / shift in sd / share of repeats.\n"
        "A dash: no dose up to 0.8 changes the value by this difference.",
        "",
        f"| value | {' | '.join(heads)} |",
        f"| --- |{' --- |' * len(heads)}",
    ]
    for name, fields in declared().items():
        cells = [cell for n in SIZES for cell in by_size[n][name]]
        lines.append(f"| {fields['label']} `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    lines = table()
    head, rest = DOCUMENT.read_text(encoding="utf-8").split(BEGIN)
    write_text(DOCUMENT, head + BEGIN + lines + END + rest.split(END)[1])


if __name__ == "__main__":
    main()
