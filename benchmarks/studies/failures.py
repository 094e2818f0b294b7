"""Which runs of a study count as failed: runs without a score, and runs whose samples lack classes."""

import pandas as pd

from gan_bench.stats.write.names import LOST

CLASSES = 0.9
"""Smallest share of the classes that the samples of a good run cover, of the most that any run covers."""
LARGEST_CLASS = 0.5
"""Largest share of one class among the samples of a good run."""


def scores_by_run(runs: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The rows of runs.csv as one row for each run, with a column for each metric, and the column `failed`.

    A run failed if it has no score of `metric`, or if its samples cover less than CLASSES of the classes or have more
    than LARGEST_CLASS in one class.
    """
    keys = ["dataset", "cell", "variant", "seed", "status"]
    wide = runs.set_index([*keys, "metric"])["value"].unstack().reset_index()
    few = wide["classes_covered"] < CLASSES * wide.groupby("dataset")["classes_covered"].transform("max")
    lost = wide["status"].isin(LOST) | wide[metric].isna()
    wide["failed"] = lost | few | (wide["top_class"] > LARGEST_CLASS)
    return wide
