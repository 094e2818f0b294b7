"""Result of the learned detector on one history, and the step at which a suspected collapse began.

The corpus is the set of labelled small runs on which the detector was trained and measured.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from gan_bench.collapse.features import COLUMNS
from gan_bench.collapse.learned import detector, predict
from gan_bench.collapse.trajectory import LOSSES

EXTRA = COLUMNS["diversity"]

#: Signal level (see `normalisation.LEVELS`) -> highest confidence of a verdict, and why it is no higher.
CAPS = {
    "losses": "suspected: a collapsed run can have the losses of a good one (Arora et al. 2017, arXiv 1706.08224)",
    "outputs": "likely: D's outputs reveal most collapses, but not what the samples look like",
    "diversity": "very likely: a minibatch reveals missing modes if the data have few, not if they have a thousand",
}
#: A collapse is suspected from this probability on.
SUSPECTED = 0.5
#: To find the step at which the suspicion begins, the history is judged from its start up to some of these shares of
#: its rows.
PREFIX_SHARES = tuple(k / 8 for k in range(2, 8))


class DetectorResult:
    """Result of the learned detector on one history.

    `document`: the dictionary that `predict` returns. `suspects`: whether p_collapse is at least SUSPECTED.
    `threshold`: a value of p_collapse. Among the corpus runs without a collapse, 10 % are above it; these are the false
    alarms. The rates in `entry` and `false_alarms` are measured at this threshold.
    """

    def __init__(self, history: pd.DataFrame, loss: Mapping[str, Any] | None, seen: float) -> None:
        # The columns are kept as arrays, because access to the columns of a data frame is slow.
        self._columns = {name: history[name].to_numpy() for name in ("step", *LOSSES, *EXTRA) if name in history}
        self._rows, self._steps, self._loss = len(history), self._columns["step"], loss
        self.document = predict(self._columns, loss, seen)
        self._begun: int | None = None

    @property
    def p(self) -> float | None:
        probability: float | None = self.document["p_collapse"]
        return probability

    @property
    def threshold(self) -> float | None:
        return None if self.p is None else float(self.document["operating"]["threshold"])

    @property
    def suspects(self) -> bool:
        return self.p is not None and self.p >= SUSPECTED

    def entry(self, family: str, *, dated: bool) -> dict[str, Any] | None:
        """An entry of evidence or counter-evidence; None without a probability.

        dated: also find the step at which the suspected collapse began.
        """
        if self.p is None:
            return None
        low, high = self.document["interval"]
        return {
            "sign": "learned_detector",
            "says": f"a detector trained on {detector()['corpus']['runs']} labelled runs gives a probability of "
            f"{self.p:.0%} [{low:.0%}, {high:.0%}] that this run has collapsed",
            "supports": "collapse_suspected" if self.suspects else None,
            "signal": self.document["level"],
            "measure": "calibrated probability of a collapse",
            "value": self.p,
            "comparison": "at least",
            "threshold": SUSPECTED,
            "window": [int(self._steps[0]), int(self._steps[-1])],
            "began_step": self.began() if dated and self.suspects else None,
            "source": "docs/detector_small_runs.md; extra-trees, Geurts et al. 2006",
            "corpus": self._rates(family),
        }

    def began(self) -> int:
        """First step of the part of the history in which the detector's suspicion begins (see PREFIX_SHARES)."""
        if self._begun is None:
            self._begun = int(self._steps[first_suspected_row(self._rows, self._suspects_at)])
        return self._begun

    def _suspects_at(self, end: int) -> bool:
        prediction = predict({name: values[:end] for name, values in self._columns.items()}, self._loss)
        p = prediction["p_collapse"]
        return p is not None and p >= SUSPECTED

    def _rates(self, family: str) -> dict[str, Any]:
        """Precision and recall on runs of data sets that were left out of training; keys as in `sign_rate`."""
        operating = self.document["operating"]
        counts = operating.get(family)
        return {"pooled": _rate(operating["all"]), "family": None if counts is None else _rate(counts), "held_out": {}}

    def false_alarms(self, family: str) -> dict[str, Any] | None:
        """False alarms among the corpus runs without a collapse; None without a probability.

        Returns {"family", "hits", "of", "share", "interval"}. "of" is the number of such runs, and "hits" the number of
        these with a probability above `threshold`. "share" is hits / of, or None if there are no such runs. Only runs
        of this loss family are counted if the corpus has any. Otherwise the runs of all families are counted, and
        "family" is "all".
        """
        if self.p is None:
            return None
        operating = self.document["operating"]
        name = family if family in operating else "all"
        counts = operating[name]["false_alarms"]
        share = counts["hits"] / counts["of"] if counts["of"] else None
        return {
            "family": name,
            "hits": counts["hits"],
            "of": counts["of"],
            "share": None if share is None else round(share, 4),
            "interval": counts["share_95"],
        }


def first_suspected_row(rows: int, suspects: Callable[[int], bool]) -> int:
    """First row of the part of a history in which a lasting suspicion begins.

    The parts are eighths of the history, except that the first two eighths are one part. `suspects(k)`: whether a
    failure is suspected on the first k rows. Bisection needs at most three calls of `suspects` instead of six.
    Bisection assumes that a suspicion, once raised, stays.
    """
    low, high = 0, len(PREFIX_SHARES)
    while low < high:
        middle = (low + high) // 2
        if suspects(round(PREFIX_SHARES[middle] * rows)):
            high = middle
        else:
            low = middle + 1
    # A failure is suspected at PREFIX_SHARES[low] (or at the end), but not at the share before it.
    before = round((PREFIX_SHARES[low - 1] if low else 0) * rows)
    return min(before, rows - 1)


def _rate(counts: Mapping[str, Any]) -> dict[str, Any]:
    precision, recall = counts["precision"], counts["recall"]
    return {
        "target": "collapse",
        "n": counts["n"],
        "base_rate": round(counts["positive"] / counts["n"], 4),
        "fired": precision["of"],
        "right": precision["hits"],
        "precision": round(precision["hits"] / precision["of"], 4) if precision["of"] else None,
        "precision_95": precision["share_95"],
        "recall": round(recall["hits"] / recall["of"], 4) if recall["of"] else None,
        "recall_95": recall["share_95"],
    }
