"""The field detector on the small runs, with their groups left out of the line, and the error of short logs."""

from typing import Any

import numpy as np
import pandas as pd
from detector_tables import auroc, recall_at
from field_corpus import Rows
from field_learning import assessor, fit_line
from field_nested import Nested

from gan_bench.collapse.field import Assessor


def small_runs(nested: Nested, own: Rows, runs: pd.DataFrame, field: Rows) -> list[dict[str, Any]]:
    """AUROC and recall at 10 % false alarms of failure and collapse, by what is left out of the line.

    The forest has seen none of these runs.
    """
    rows = []
    for by in ("group", "images"):
        p = np.full(len(runs), np.nan)
        for name in np.unique(runs[by]):
            out = (runs[by] == name).to_numpy()
            line = fit_line(Rows(own.values[~out], own.failed[~out], own.group[~out]), field.values[:, :-1])
            reader = assessor({**nested.document(None), "line": line})
            p[out] = [reader.logit(reader.scores(values)) for values in own.values[out]]
        for target in ("failure", "collapse"):
            truth = runs[target].to_numpy()
            rows.append({"left out": by, "target": target, "n": len(truth), "positive": int(truth.sum()),
                         "auroc": auroc(p, truth), "recall": recall_at(p, truth)})  # fmt: skip
    return rows


def short_logs(nested: Nested, reader: Assessor) -> list[dict[str, Any]]:
    """For logs thinned to some rows: how far the probability moves, and how often the interval has that of all rows."""
    whole = {one.log.row["id"]: reader.logit(one.scores) for one in nested.scored}
    rows = []
    for n, ones in nested.thinned.items():
        pairs = [(reader.logit(one.scores), whole[one.log.row["id"]]) for one in ones]
        moved = [abs(_p(a) - _p(b)) for a, b in pairs]
        inside = sum(abs(a - b) <= float(reader.document["errors"][str(n)]) for a, b in pairs)
        width = [_p(a + e) - _p(a - e) for a, _ in pairs if (e := float(reader.document["errors"][str(n)]))]
        rows.append({"rows": n, "logs": len(ones), "moved": float(np.median(moved)),
                     "moved_95": float(np.quantile(moved, 0.95)), "width": float(np.median(width)),
                     "inside": inside})  # fmt: skip
    return rows


def _p(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))
