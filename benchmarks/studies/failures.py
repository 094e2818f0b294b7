"""Which runs of a study count as failed: runs without a score, and runs whose samples lack classes."""

import pandas as pd

from gan_bench.stats.write.names import LOST

CLASSES = 0.9
"""Smallest number of classes that a good run covers, as a share of the largest number on its data set."""
LARGEST_CLASS = 0.5
"""Largest share of one class among the samples of a good run."""


def lacks_classes(table: pd.DataFrame) -> pd.Series:
    """Mask of the runs whose samples cover too few classes, or have too many samples of one class.

    The limits are CLASSES and LARGEST_CLASS. `table` has one row for each run, with the columns dataset,
    classes_covered and top_class.
    """
    most = table.groupby("dataset")["classes_covered"].transform("max")
    return (table["classes_covered"] < CLASSES * most) | (table["top_class"] > LARGEST_CLASS)


def scores_by_run(runs: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The rows of runs.csv as one row for each run, with a column for each metric, and the column `failed`.

    A run failed if its status is in LOST, if it has no score of `metric`, or if its samples lack classes.
    """
    keys = ["dataset", "cell", "variant", "seed", "status"]
    wide = runs.set_index([*keys, "metric"])["value"].unstack().reset_index()
    lost = wide["status"].isin(LOST) | wide[metric].isna()
    wide["failed"] = lost | lacks_classes(wide)
    return wide
