"""Tables of invented runs, which have no files. Tests compute other tables from these tables."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gan_bench.stats.tables.score_matrix import ScoreMatrix, score_matrices
from gan_bench.stats.write.names import RUN_COLUMNS
from gan_bench.stats.write.table_files import whole_numbers

#: Default values of the columns of a run.
USUAL = {
    "study": "made",
    "dataset": "digits",
    "method": "adversarial",
    "model": "mlp",
    "loss": "non_saturating",
    "penalty": "none",
    "g_optimizer": "adam",
    "d_optimizer": "adam",
    "status": "ok",
    "verdict": "no_sign_found",
    "metric": "frechet",
    "direction": "lower",
    "n_real": 100,
    "n_fake": 100,
    "extractor": "made-up",
    "split": "test",
    "estimator": "plain",
    "images": 1000,
}

Value = float | str | None


def run_rows(values: Mapping[str, Sequence[Value]], **columns: object) -> pd.DataFrame:
    """One row per variant and seed.

    An entry of `values` is a number, None (undefined), or the status of a run without values.
    """
    rows = []
    for variant, outcomes in values.items():
        for seed, outcome in enumerate(outcomes):
            run = {"variant": variant, "cell": f"{variant}-cell", "seed": seed}
            run |= {"status": outcome, "verdict": None} if isinstance(outcome, str) else {"value": outcome}
            rows.append({**USUAL, **columns, **run})
    table = pd.DataFrame(rows, columns=list(RUN_COLUMNS))
    return whole_numbers(table.astype({"value": "float64"}))


def score_matrix(values: Mapping[str, Sequence[Value]], **columns: object) -> ScoreMatrix:
    """The matrix of one data set and metric, with values as in `run_rows`."""
    (matrix,) = score_matrices(run_rows(values, **columns), {})
    return matrix


def normal_runs(means: Mapping[str, float], seeds: int, spread: float = 1.0, **columns: object) -> pd.DataFrame:
    """Rows with values that are normally distributed about the means; each call gives the same rows."""
    rng = np.random.default_rng(0)
    drawn = {name: (mean + spread * rng.standard_normal(seeds)).tolist() for name, mean in means.items()}
    return run_rows(drawn, **columns)
