"""The field detector: probability that a run has failed, from its two losses alone, for any loss function and network.

It combines two models: a logistic regression on the levels of both losses, trained on small runs, and a forest on all
features, trained on public logs of other projects. The score of each model is replaced by its rank among known logs.

A deciding sign is a fixed rule that raises an alarm by itself (`field_rules`). If such a sign holds, the models are not
used. docs/detector.md says how often the answers are right.
`benchmarks/detector/train_field.py` writes field.json.
"""

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.collapse.field_features import LEVEL, NAMES, Array, describe
from gan_bench.collapse.field_reasons import reasons
from gan_bench.collapse.field_rules import signs_that_hold
from gan_bench.collapse.trees import Forest, code, edge_table, read_forest
from gan_bench.files import read_json

FIELD_FILE = Path(__file__).with_name("field.json")

#: A log with fewer than MIN_ROWS rows is judged only by deciding signs. Logs with fewer than LONG rows have a separate
#: threshold.
MIN_ROWS, LONG = 10, 50
MODELS = ("line", "forest")
_LEVELS = np.isin(NAMES, LEVEL)
#: Standardised features are clipped to [-CLIP, CLIP].
CLIP = 3.0
STATUSES = ("judged", "diverged", "too_short", "out_of_scope")
_MESSAGES = {
    "too_short": f"fewer than {MIN_ROWS} rows",
    "out_of_scope": "unlike any log whose outcome is known",
}


@functools.cache
def field() -> dict[str, Any]:
    """The content of field.json."""
    document: dict[str, Any] = read_json(FIELD_FILE)
    return document


def assess(history: Mapping[str, Any], facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Probability that the run has failed: collapsed, broken down, diverged, or never learned.

    Args:
        history: columns d_loss and g_loss, in the order of steps.
        facts: FACTS of the loss; None if unknown. Only one fact is used: whether the loss is of the Wasserstein family.
            The level of such a loss means nothing.

    Returns a JSON-able dictionary:
        "status": one of STATUSES. "too_short" and "out_of_scope" have no probability and no alarm; "message" says why.
        "p_failure": calibrated probability. "interval": its 95 % interval, from the measured error for logs of this
            length or, if a deciding sign holds, from how often that sign was right.
        "alarm": whether p_failure is above "threshold" or a deciding sign holds. "threshold": None if the models are
            not used. "advertised": the stated upper limit of the share of healthy runs with an alarm.
        "reasons": signs that hold ("sign", "says", "decides", "rates"). If the models are used, the list continues with
            properties of the log that raise or lower the probability ("feature", "says", "pull"), the strongest first.
        "distance": distance to the known logs. "scope": largest distance at which a log of this length is judged.
            Both are None for a log that is too short or has a deciding sign.
    """
    d, g = (np.asarray(history[name], dtype=np.float64) for name in ("d_loss", "g_loss"))
    return Assessor(field()).assess(d, g, critic=facts is not None and facts.get("family") == "wasserstein")


class Assessor:
    """The field detector, from a document in the form of field.json."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._mean, self._sd, self._weights = (np.array(document["line"][key]) for key in ("mean", "sd", "weights"))

    def assess(self, d: Array, g: Array, *, critic: bool = False) -> dict[str, Any]:
        """See the function `assess`. `critic`: whether the loss is of the Wasserstein family."""
        holding = signs_that_hold(d, g)
        deciding = [sign for sign in holding if sign.decides]
        signs = [self._sign_reason(sign) for sign in holding]
        diverged = any(sign.verdict == "diverged" for sign in deciding)
        base: dict[str, Any] = {"status": "judged", "p_failure": None, "interval": None, "alarm": False}
        base |= {"threshold": None, "advertised": self.document["advertised"], "reasons": signs}
        base |= {"distance": None, "scope": None, "message": None}
        size = "long" if len(d) >= LONG else "short"
        if not deciding and len(d) < MIN_ROWS:
            return {**base, "status": "too_short", "message": _MESSAGES["too_short"]}
        if deciding:
            status = "diverged" if diverged else "judged"
            p, interval = max((rates["p"], rates["interval"]) for rates in
                              (self.document["signs"][sign.name] for sign in deciding))  # fmt: skip
            return {**base, "status": status, "p_failure": p, "interval": interval, "alarm": True}
        values = self.features(d, g, critic)
        distance, scope = self.distance(values), float(_at(self.document["scope"], len(d)))
        base |= {"distance": round(distance, 4), "scope": scope}
        if distance > scope:
            return {**base, "status": "out_of_scope", "message": _MESSAGES["out_of_scope"]}
        scores = self.scores(values)
        logit = self.logit(scores)
        p, threshold = _sigmoid(logit), self.document["thresholds"][size]
        interval = self.interval(logit, len(d))
        base |= {"p_failure": round(p, 4), "interval": interval, "alarm": p > threshold, "threshold": threshold}
        return {**base, "reasons": signs + self._properties(d, g, values, scores)}

    def features(self, d: Array, g: Array, critic: bool = False) -> Array:
        values = describe(d, g)
        if critic:
            values[_LEVELS] = np.nan
        return values

    def scores(self, values: Array) -> tuple[float, float]:
        """Logit of the logistic regression ("line"), and mean vote of the forest."""
        line = float(self._standard(values) @ self._weights + self.document["line"]["offset"])
        return line, float(self._forest.predict(code(values[None], self._edges))[0])

    def logit(self, scores: tuple[float, float]) -> float:
        """Logit of the calibrated probability, from the ranks of both scores among known logs."""
        calibration = self.document["calibration"]
        sums = [
            calibration["weights"][name] * (rank(score, self.document["ranks"][name]) - 0.5)
            for name, score in zip(MODELS, scores, strict=True)
        ]
        return float(calibration["slope"] * sum(sums) + calibration["offset"])

    def interval(self, logit: float, rows: int) -> list[float]:
        """95 % interval of the probability with the logit `logit`.

        The logits of its limits are `logit` minus and plus the error measured for logs with `rows` rows.
        """
        error = float(_at(self.document["errors"], rows))
        return [round(_sigmoid(logit - error), 4), round(_sigmoid(logit + error), 4)]

    def distance(self, values: Array) -> float:
        """Mahalanobis distance of the standardised features from the known logs.

        It is divided by sqrt(number of features).
        """
        standard = self._standard(values)
        root = np.array(self.document["precision_root"])
        return float(np.sqrt(((root @ standard) ** 2).mean()))

    def _standard(self, values: Array) -> Array:
        return np.asarray(np.nan_to_num(np.clip((values - self._mean) / self._sd, -CLIP, CLIP)))

    def _sign_reason(self, sign: Any) -> dict[str, Any]:
        return {"sign": sign.name, "says": sign.says, "decides": sign.decides,
                "rates": self.document["signs"][sign.name]["rates"]}  # fmt: skip

    def _properties(self, d: Array, g: Array, values: Array, scores: tuple[float, float]) -> list[dict[str, Any]]:
        """See `reasons`."""
        line, forest = scores
        middle = self.document["ranks"]["forest"][len(self.document["ranks"]["forest"]) // 2]

        def logit_without(part: float) -> float:
            return self.logit((line, middle) if math.isnan(part) else (line - part, forest))

        pulls = self._standard(values) * self._weights
        return reasons(d, g, pulls, logit_without, self.logit(scores), rank(forest, self.document["ranks"]["forest"]))

    @functools.cached_property
    def _forest(self) -> Forest:
        return read_forest(self.document["trees"], self.document["leaf_decimals"])

    @functools.cached_property
    def _edges(self) -> Array:
        return edge_table([self.document["edges"][name] for name in NAMES])


def rank(score: float, quantiles: list[float]) -> float:
    """Share of known logs below a score, by linear interpolation between stored quantiles.

    Beyond the outer quantiles, the rank changes by at most 0.02.
    """
    inside = float(np.interp(score, quantiles, np.linspace(0.02, 0.98, len(quantiles))))
    beyond = score - min(max(score, quantiles[0]), quantiles[-1])
    return inside + 0.02 * math.tanh(beyond)


def _at(by_rows: Mapping[str, float], rows: int) -> float:
    """`by_rows`: number of rows -> value measured for logs with at least this many rows, up to the next number in
    `by_rows`.

    Returns the value for logs with `rows` rows.
    """
    return by_rows[max((limit for limit in by_rows if int(limit) <= max(rows, MIN_ROWS)), key=int)]


def _sigmoid(logit: float) -> float:
    return 1 / (1 + math.exp(-max(min(logit, 30.0), -30.0)))
