"""Which runs of a study count as failed."""

import pandas as pd

from gan_bench.stats.write.names import COLLAPSED, LOST


def failed(runs: pd.DataFrame) -> pd.Series:
    """Mask of the rows of runs.csv whose run has no score, or was judged diverged or collapsed by the detector."""
    return runs["status"].isin(LOST) | runs["verdict"].isin((*COLLAPSED, "diverged"))
