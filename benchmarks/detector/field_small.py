"""Tests the field detector, which reads only the losses, on small runs and on logs with most rows left out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from detector_tables import auroc, recall_at
from field_corpus import FieldLog, Rows
from field_learning import assessor, fit_line
from field_nested import Nested

from gan_bench.collapse.field import Assessor


def small_runs(nested: Nested, own: Rows, runs: pd.DataFrame, field: Rows) -> list[dict[str, Any]]:
    """AUROC and recall at 10 % false alarms, for failure and collapse.

    Runs are grouped in two ways: by data set and loss ("group"), or by the images of the data set alone ("images"). In
    the second way, data sets of the same images count as one. Each way gives two rows, one for each target. The
    logistic regression is fitted without the group of the judged run. The forest was trained on none of these runs.
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


def short_logs(nested: Nested, judge: Callable[[FieldLog], Assessor]) -> list[dict[str, Any]]:
    """One row of results for each number of rows to which logs are thinned.

    Each log is judged by a detector that was made without its group. "moved": median, over logs, of the absolute change
    of the probability by thinning. "moved_95": 95 % quantile of this change. "width": median width of the interval of
    the probability. "inside": number of logs whose interval contains the probability of the full log. "beyond": number
    of logs out of scope.
    """
    rows = []
    for n, ones in nested.thinned().items():
        moved, inside, width, beyond = [], 0, [], 0
        for one in ones:
            answer = judge(one.log).assess(one.log.d, one.log.g)
            beyond += answer["status"] == "out_of_scope"
            reader, whole = judge(one.log), nested.whole[one.log.row["id"]]
            logit, logit_all = (reader.logit(reader.scores(log.features)) for log in (one.log, whole))
            p, p_all = _p(logit), _p(logit_all)
            low, high = reader.interval(logit, len(one.log.d))
            moved.append(abs(p - p_all))
            inside += low <= p_all <= high
            width.append(high - low)
        rows.append({"rows": n, "logs": len(ones), "moved": float(np.median(moved)),
                     "moved_95": float(np.quantile(moved, 0.95)), "width": float(np.median(width)),
                     "inside": inside, "beyond": beyond})  # fmt: skip
    return rows


def _p(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))
