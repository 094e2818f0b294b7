"""The verdict on a stranger's log: the field detector decides where only the losses are known.

Where D's outputs or batch diversity are logged, the verdict of `judge` stands, and the probability of a failure is
added.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gan_bench.collapse.field import assess
from gan_bench.collapse.trajectory import LOSSES
from gan_bench.collapse.verdict import NO_SIGN, NOT_JUDGED

FAILURE, DIVERGED = "failure_suspected", "diverged"
NEXT_CHECK = (
    "Look at samples of the last steps beside earlier ones. If they are worse or alike, go back to the best checkpoint "
    "and lower D's learning rate or add a penalty."
)
MORE_SIGNALS = ("outputs", "diversity")


def with_failure(document: dict[str, Any], history: pd.DataFrame, facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """The document of `judge` with "p_failure" and "failure" (the result of `assess`), and the verdict that follows.

    Of a log with losses alone the field detector gives the probability ("p_collapse" is then "p_failure"). An alarm
    without another verdict is FAILURE. Without an alarm the verdict is NO_SIGN, and signs that fired become weak signs.
    A log that is too short or out of scope is NOT_JUDGED, unless D's loss is near zero by the equilibrium of a named
    loss.
    """
    failure = assess({name: history[name].to_numpy() for name in LOSSES}, facts)
    document = {**document, "p_failure": failure["p_failure"], "failure": failure}
    more = (document["confidence"] or {}).get("signals") in MORE_SIGNALS
    # The rule on a named loss needs no other log.
    by_rule = failure["message"] is not None and any(e["sign"] == "d_loss_at_zero" for e in document["evidence"])
    if document["loss_family"] is None or by_rule or (more and failure["status"] != DIVERGED):
        return document
    document |= {"p_collapse": failure["p_failure"], "interval": failure["interval"]}
    if failure["message"] is not None:
        none = {"p_collapse": None, "interval": None}
        return {**_calm(document), **none, "verdict": NOT_JUDGED, "reason": failure["message"]}
    if not failure["alarm"]:
        words = f"the losses give a probability of {failure['p_failure']:.0%} of a failed run"
        reason = f"{words}, which is below {failure['threshold']:.0%}"
        return {**_calm(document), "verdict": NO_SIGN, "reason": reason}
    evidence = [_entry(failure, history), *document["evidence"]]
    document |= {"evidence": evidence, "reason": evidence[0]["says"]}
    if failure["status"] == DIVERGED:
        return {**document, "verdict": DIVERGED}
    if document["verdict"] in (NO_SIGN, NOT_JUDGED):
        return {**document, "verdict": FAILURE, "next_check": NEXT_CHECK}
    return document


def _calm(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its evidence among the weak signs."""
    weak = [*document["weak_signs"], *document["evidence"]]
    return {**document, "evidence": [], "weak_signs": weak, "began_step": None}


def _entry(failure: Mapping[str, Any], history: pd.DataFrame) -> dict[str, Any]:
    """An entry of evidence in the form of those of `judge`."""
    held = [reason["says"] for reason in failure["reasons"] if reason.get("decides")]
    low, high = failure["interval"]
    says = f"the losses give a probability of {failure['p_failure']:.0%} [{low:.0%}, {high:.0%}] of a failed run"
    window = [int(history["step"].iloc[0]), int(history["step"].iloc[-1])]
    return {
        "sign": "field_detector",
        "says": "; ".join([*held, says]),
        "supports": DIVERGED if failure["status"] == DIVERGED else FAILURE,
        "signal": "losses",
        "measure": "calibrated probability of a failure",
        "value": failure["p_failure"],
        "comparison": "above",
        "threshold": failure["threshold"],
        "window": window,
        "began_step": None,
        "source": "docs/detector.md",
        "corpus": None,
    }
