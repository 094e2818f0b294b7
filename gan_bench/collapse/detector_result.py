"""What the learned detector says of a history, in the form that a verdict needs, and since when it says so."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gan_bench.collapse.features import COLUMNS
from gan_bench.collapse.learned import detector, predict
from gan_bench.collapse.trajectory import LOSSES

MORE = COLUMNS["diversity"]

#: How sure a verdict may be at each signal level.
CAPS = {
    "losses": "suspected: a collapsed run can have the losses of a good one (Arora et al. 2017, arXiv 1706.08224)",
    "outputs": "likely: D's outputs show most collapses, and nothing of what the samples look like",
    "diversity": "very likely: a minibatch shows what is missing of few modes, not of a thousand",
}
#: Parts of a history that are judged to find since when it looks collapsed.
SHARES = tuple(k / 8 for k in range(2, 8))


class Opinion:
    """`document` is what `predict` returns; `suspects`: p_collapse is above the threshold of 10 % false alarms."""

    def __init__(self, history: pd.DataFrame, loss: Mapping[str, Any] | None, seen: float) -> None:
        # Columns as arrays: a data frame takes longer to hand out a column than the detector to read it.
        self._columns = {name: history[name].to_numpy() for name in ("step", *LOSSES, *MORE) if name in history}
        self._rows, self._steps, self._loss = len(history), self._columns["step"], loss
        self.document = predict(self._columns, loss, seen)
        self._begun: int | None = None

    @property
    def p(self) -> float | None:
        found: float | None = self.document["p_collapse"]
        return found

    @property
    def threshold(self) -> float | None:
        return None if self.p is None else float(self.document["operating"]["threshold"])

    @property
    def suspects(self) -> bool:
        return self.p is not None and self.p > float(self.threshold or 0)

    @property
    def acquits(self) -> bool:
        """It says "no collapse", and such answers were right often enough on data sets that it had not seen."""
        return self.document["answer"] == "no_collapse"

    def entry(self, family: str, *, dated: bool) -> dict[str, Any] | None:
        """A line of evidence or counter-evidence; None where nothing could be said. `dated`: since when is looked
        for."""
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
            "comparison": "above",
            "threshold": self.threshold,
            "window": [int(self._steps[0]), int(self._steps[-1])],
            "began_step": self.began() if dated and self.suspects else None,
            "source": "docs/detector.md; extra-trees, Geurts et al. 2006",
            "corpus": self._rates(family),
        }

    def began(self) -> int:
        """First eighth of the history from which the detector suspects a collapse of what it has seen, to its end.

        A bisection: it takes a suspicion that has once come to stay, and comes back at three answers in place of six.
        """
        if self._begun is None:
            low, high = 0, len(SHARES)
            while low < high:
                middle = (low + high) // 2
                if self._suspects_at(SHARES[middle]):
                    high = middle
                else:
                    low = middle + 1
            # It was seen by the end of this part and not by the end of the one before.
            before = round((SHARES[low - 1] if low else 0) * self._rows)
            self._begun = int(self._steps[min(before, self._rows - 1)])
        return self._begun

    def _suspects_at(self, share: float) -> bool:
        end = round(share * self._rows)
        found = predict({name: values[:end] for name, values in self._columns.items()}, self._loss)
        p = found["p_collapse"]
        return p is not None and p > found["operating"]["threshold"]

    def _rates(self, family: str) -> dict[str, Any]:
        """Recall and false alarms on runs of data sets that were left out of training, as other signs report theirs."""
        operating = self.document["operating"]
        own = operating.get(family)
        return {"pooled": _rate(operating["all"]), "family": None if own is None else _rate(own), "held_out": {}}

    def false_alarms(self, family: str) -> dict[str, Any] | None:
        """{"family", "hits", "of", "share", "interval"} of runs without collapse that are suspected all the same.

        Of this loss family where it is in the corpus, of all otherwise.
        """
        if self.p is None:
            return None
        operating = self.document["operating"]
        name = family if family in operating else "all"
        found = operating[name]["false_alarms"]
        share = found["hits"] / found["of"] if found["of"] else None
        return {
            "family": name,
            "hits": found["hits"],
            "of": found["of"],
            "share": None if share is None else round(share, 4),
            "interval": found["share_95"],
        }


def _rate(found: Mapping[str, Any]) -> dict[str, Any]:
    right, recalled = found["precision"], found["recall"]
    return {
        "target": "collapse",
        "n": found["n"],
        "base_rate": round(found["positive"] / found["n"], 4),
        "fired": right["of"],
        "right": right["hits"],
        "precision": round(right["hits"] / right["of"], 4) if right["of"] else None,
        "precision_95": right["share_95"],
        "recall": round(recalled["hits"] / recalled["of"], 4) if recalled["of"] else None,
        "recall_95": recalled["share_95"],
    }
