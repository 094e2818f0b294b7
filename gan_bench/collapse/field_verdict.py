"""Combines the verdict of `judge` with the field detector, which reads only the losses.

If only the losses are known, the field detector decides. Otherwise `judge` (gan_bench.collapse.verdict) decides, and
only the deciding signs of the field detector can change the verdict of `judge`. If scores of samples decide, even these
signs are ignored. `with_failure` lists the exceptions.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gan_bench.collapse.detector_result import first_suspected_row
from gan_bench.collapse.explanation import NEXT_CHECK
from gan_bench.collapse.field import assess
from gan_bench.collapse.trajectory import LOSSES
from gan_bench.collapse.verdict import COLLAPSE, CONFIRMED, FAILURE, HOPPING, NO_SIGN, NOT_JUDGED

DIVERGED = "diverged"
MORE_SIGNALS = ("outputs", "diversity")
#: Verdicts of `judge` that an alarm replaces. A verdict in SUSPECTED comes from the detector that was trained only on
#: small runs. It is replaced only if nothing but the losses is known.
CALM, SUSPECTED = (NO_SIGN, NOT_JUDGED), (COLLAPSE, HOPPING)
#: This verdict of `judge` says only that G no longer changes. A deciding sign says more, and replaces it.
STALLED = "generator_stalled"


def losses_decide(document: Mapping[str, Any]) -> bool:
    """Whether the losses alone decide the verdict, without samples, D's outputs or batch diversity."""
    return not _samples_decide(document) and (document.get("confidence") or {}).get("signals") not in MORE_SIGNALS


def _samples_decide(document: Mapping[str, Any]) -> bool:
    return (document.get("sample_check") or {}).get("says") in ("collapse", "no_collapse")


def with_failure(document: dict[str, Any], history: pd.DataFrame, facts: Mapping[str, Any] | None) -> dict[str, Any]:
    """The document of `judge` with the field detector's result, and the resulting verdict.

    New keys are "failure" (the result of `assess`), "p_failure" and "failure_interval". Nothing else changes if the
    document comes from `not_judged`, or if scores of samples confirm a collapse.

    If more signals than the losses are known, a deciding sign becomes evidence. It also sets the verdict if it is a
    divergence, or if `judge` suspects nothing or only a stalled generator. If scores of samples decide, the sign is
    ignored.

    On losses alone, the field detector decides:
      - The entries of the detector of small runs are removed; "p_collapse", "interval" and "false_alarms" become None.
      - A divergence that only the trainer reported stays.
      - A log that is too short or out of scope is NOT_JUDGED, unless the sign d_loss_at_zero is among the evidence.
      - Without an alarm the verdict is NO_SIGN, and signs that fired become weak signs.
      - After an alarm the verdict is DIVERGED if the losses diverged. Otherwise it is FAILURE, unless the verdict of
        `judge` is more precise.
    """
    columns = {name: history[name].to_numpy() for name in LOSSES}
    failure = assess(columns, facts)
    decided = any(reason.get("decides") for reason in failure["reasons"])
    document = {**document, "p_failure": failure["p_failure"], "failure_interval": failure["interval"]}
    document["failure"] = failure
    if document["loss_family"] is None or document["verdict"] == CONFIRMED:
        return document
    if not losses_decide(document):
        decided = decided and not _samples_decide(document)
        return _alarmed(document, history, facts, (*CALM, STALLED)) if decided else document
    document = _without_collapse(document)
    if document["verdict"] == DIVERGED and failure["status"] != DIVERGED:  # the trainer reported a divergence
        return document
    if failure["message"] is not None:
        # The sign d_loss_at_zero compares D's loss with its equilibrium, so it needs no known logs that are similar.
        by_rule = any(entry["sign"] == "d_loss_at_zero" for entry in document["evidence"])
        return document if by_rule else _calm(document, NOT_JUDGED, failure["message"])
    if not failure["alarm"]:
        words = f"the losses give a probability of {failure['p_failure']:.0%} of a failed run"
        return _calm(document, NO_SIGN, f"{words}, which is below {failure['threshold']:.0%}")
    return _alarmed(document, history, facts, (*CALM, *SUSPECTED, *([STALLED] if decided else ())))


def _without_collapse(document: dict[str, Any]) -> dict[str, Any]:
    """The document without the entries, probability and false alarms of the detector of small runs, and a new note."""
    lists = ("evidence", "weak_signs", "counter_evidence")
    other_entries = {name: [entry for entry in document[name] if entry["sign"] != "learned_detector"] for name in lists}
    absent = dict.fromkeys(("p_collapse", "interval", "false_alarms"))
    failure = document["failure"]
    if failure["p_failure"] is None:
        note = f"The probability of a failure is unknown: {failure['message']}."
    else:
        low, high = failure["interval"]
        note = f"Probability of a failure {failure['p_failure']:.2f}, 95 % interval {low:.2f} to {high:.2f}."
    return {**document, **other_entries, **absent, "note": f"{note} How often this is right: docs/detector.md."}


def _calm(document: dict[str, Any], verdict: str, reason: str) -> dict[str, Any]:
    """The document with the verdict NO_SIGN or NOT_JUDGED; its evidence becomes weak signs."""
    weak = [*document["weak_signs"], *document["evidence"]]
    statement = {"verdict": verdict, "reason": reason, "next_check": NEXT_CHECK[verdict]}
    return {**document, **statement, "evidence": [], "weak_signs": weak, "began_step": None}


def _alarmed(
    document: dict[str, Any], history: pd.DataFrame, facts: Mapping[str, Any] | None, replaceable: tuple[str, ...]
) -> dict[str, Any]:
    """The document with the alarm as its first evidence.

    The alarm replaces the verdict of `judge` if this verdict is in `replaceable`, or if the alarm is a divergence.
    """
    failure = document["failure"]
    began = document["began_step"]
    replaced = document["verdict"] in replaceable
    if replaced:
        columns = {name: history[name].to_numpy() for name in LOSSES}
        row = first_suspected_row(
            len(history), lambda end: assess({name: v[:end] for name, v in columns.items()}, facts)["alarm"]
        )
        began = int(history["step"].iloc[row])
    evidence = [_entry(failure, history, began), *document["evidence"]]
    document = {**document, "evidence": evidence, "began_step": began}
    if not replaced and failure["status"] != DIVERGED:
        return document
    verdict = DIVERGED if failure["status"] == DIVERGED else FAILURE
    return {**document, "verdict": verdict, "reason": evidence[0]["says"], "next_check": NEXT_CHECK[verdict]}


def _entry(failure: Mapping[str, Any], history: pd.DataFrame, began: int | None) -> dict[str, Any]:
    """The alarm as an entry of evidence, with the same keys as the entries of `judge`."""
    deciding = [reason["says"] for reason in failure["reasons"] if reason.get("decides")]
    low, high = failure["interval"]
    says = f"the losses give a probability of {failure['p_failure']:.0%} [{low:.0%}, {high:.0%}] of a failed run"
    window = [int(history["step"].iloc[0]), int(history["step"].iloc[-1])]
    return {
        "sign": "field_detector",
        "says": "; ".join([*deciding, says]),
        "supports": DIVERGED if failure["status"] == DIVERGED else FAILURE,
        "signal": "losses",
        "measure": "calibrated probability of a failure",
        "value": failure["p_failure"],
        "comparison": "above",
        "threshold": failure["threshold"],
        "window": window,
        "began_step": began,
        "source": "docs/detector.md",
        "corpus": None,
    }
