"""Tables of runs made up without files, for tests of what is computed from them."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gan_bench.stats.tables.score_matrix import Scores, score_matrices
from gan_bench.stats.write.names import RUN_COLUMNS
from gan_bench.stats.write.table_files import whole_numbers

#: What a run's columns hold where a test says nothing.
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
    "metric": "fid",
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
    """One row for each variant and seed: a number, None for an undefined one, or the status of a run without any."""
    rows = []
    for variant, found in values.items():
        for seed, value in enumerate(found):
            own = {"variant": variant, "cell": f"{variant}-cell", "seed": seed}
            own |= {"status": value, "verdict": None} if isinstance(value, str) else {"value": value}
            rows.append({**USUAL, **columns, **own})
    table = pd.DataFrame(rows, columns=list(RUN_COLUMNS))
    return whole_numbers(table.astype({"value": "float64"}))


def one_score(values: Mapping[str, Sequence[Value]], **columns: object) -> Scores:
    """The matrix of one data set and metric."""
    (score,) = score_matrices(run_rows(values, **columns), {})
    return score


def normal_runs(means: Mapping[str, float], seeds: int, spread: float = 1.0, **columns: object) -> pd.DataFrame:
    """Rows with normal values about the means, the same ones at every call."""
    rng = np.random.default_rng(0)
    drawn = {name: (mean + spread * rng.standard_normal(seeds)).tolist() for name, mean in means.items()}
    return run_rows(drawn, **columns)
