"""The verdict on a training run: evidence, counter-evidence, and what to check next.

There is no verdict "healthy". The losses of a collapsed run can look like those of a good run (Arora et al. 2017, arXiv
1706.08224). Most corpus runs that showed no sign had failed nevertheless.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gan_bench.collapse.detector_result import CAPS, SUSPECTED, DetectorResult
from gan_bench.collapse.explanation import NEXT_CHECK, divergence_entry, missing_signals, note, sign_entry
from gan_bench.collapse.rates import recovery
from gan_bench.collapse.sign import Finding, Sign
from gan_bench.collapse.signs import SIGNS, examine
from gan_bench.collapse.trajectory import LOSSES, UNKNOWN, make_trajectory
from gan_bench.errors import UserError

COLLAPSE, HOPPING, CONFIRMED = "collapse_suspected", "mode_hopping_suspected", "collapse_confirmed"
NO_SIGN, POOR_QUALITY, NOT_JUDGED = "no_sign_found", "poor_quality", "not_judged"
#: A failure of any kind, seen in the losses; only `field_verdict` gives this verdict.
FAILURE = "failure_suspected"
VERDICTS = (
    *("diverged", CONFIRMED, "d_overpowering", COLLAPSE, HOPPING, "generator_stalled", POOR_QUALITY, FAILURE),
    *(NO_SIGN, NOT_JUDGED),
)

#: A history that covers at least this share of the planned training counts as complete.
COMPLETE = 0.9

Examined = list[tuple[Sign, Finding | str]]


def judge(
    history: pd.DataFrame,
    loss: Mapping[str, Any] | None = None,
    status: Mapping[str, Any] | None = None,
    samples: Mapping[str, Any] | None = None,
    seen: float = 1.0,
) -> dict[str, Any]:
    """Verdict on a history.

    Args:
        history: columns step, d_loss, g_loss and any other columns of histories (see `normalisation.COLUMNS`).
        loss: FACTS of the loss (family, output, equilibrium, floor, belief); None if unknown.
        status: the run's status.json; None if there is none.
        samples: result of `sample_check`, which can overrule the losses; None if there is none.
        seen: share of the planned training that the history covers, in (0, 1].

    Returns a JSON-able dictionary:
        "verdict": one of VERDICTS. "reason": one sentence that says why.
        "p_collapse" with "interval" (95 %): probability of a collapse. It is at least SUSPECTED if the verdict suspects
            a collapse, and below SUSPECTED for NO_SIGN. It is None if the detector gives no probability, or if the
            verdict overrules the detector; the overruled probability is in the entry "learned_detector".
        "false_alarms": see `DetectorResult.false_alarms`.
        "confidence": the highest confidence that the signals used allow.
        "began_step": smallest first step in the evidence for the verdict.
        "evidence": signs that fired and may decide, the detector if it suspects a collapse, and sample scores.
        "weak_signs": signs that fired but are overruled, or measured to be no better than the base rate.
        "counter_evidence": signs that may decide but did not fire, the detector if it suspects no collapse, and sample
            scores that rule out a collapse.
        "loss_family", "sample_check", "early", "not_applicable", "signals_used", "signals_missing", "next_check" and
            "note".

    Raises:
        UserError: a required column is missing.
    """
    missing = [name for name in ("step", *LOSSES) if name not in history.columns]
    if missing:
        raise UserError(f"history: no column {missing[0]!r}; step, d_loss and g_loss are needed.")
    family = UNKNOWN if loss is None else str(loss.get("family", UNKNOWN))
    if len(history):
        examined = examine(make_trajectory(history, loss))
    else:
        examined = [(sign, "the history has no rows") for sign in SIGNS]
    detector = DetectorResult(history, loss, seen)
    return _document(examined, detector, family, history, dict(status or {}), dict(samples or {}), seen)


def not_judged(reason: str, status: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a run that no rule can judge, such as one without a discriminator: its verdict is NOT_JUDGED.

    A divergence that the trainer reports still counts. `reason` becomes the note.
    """
    diverged = status.get("status") == "diverged"
    return {
        "verdict": "diverged" if diverged else NOT_JUDGED,
        "reason": divergence_entry(status)["says"] if diverged else reason,
        **dict.fromkeys(("p_collapse", "interval", "false_alarms", "confidence")),
        "began_step": status.get("step") if diverged else None,
        "loss_family": None,
        "evidence": [divergence_entry(status)] if diverged else [],
        "weak_signs": [],
        "counter_evidence": [],
        "sample_check": None,
        "early": None,
        "not_applicable": [{"sign": sign.name, "reason": reason} for sign in SIGNS],
        "signals_used": [],
        "signals_missing": [],
        "next_check": NEXT_CHECK["diverged" if diverged else NOT_JUDGED],
        "note": reason,
    }


def decide(examined: Examined, detector: DetectorResult, family: str, samples: Mapping[str, Any]) -> str:
    """The first verdict that applies: divergence, collapse in the samples, D's loss at zero, suspected collapse, other
    signs (D's dominance, stagnation), poor samples. If none applies, the verdict is NO_SIGN. If the detector gives
    no probability and the samples do not rule out a collapse, it is NOT_JUDGED instead.
    """
    claims = [str(sign.supports) for sign, _ in fired_signs(examined) if sign.decides(family)]
    if "diverged" in claims:
        return "diverged"
    sample_vote = samples.get("says")
    if sample_vote == "collapse":
        return CONFIRMED
    if any(sign.name == "d_loss_at_zero" for sign, _ in fired_signs(examined)) and "d_overpowering" in claims:
        return "d_overpowering"
    if sample_vote != "no_collapse" and _suspected(claims, detector):
        return HOPPING if HOPPING in claims else COLLAPSE
    other = next((claim for claim in claims if claim not in (COLLAPSE, HOPPING)), None)
    last = NOT_JUDGED if detector.p is None and sample_vote != "no_collapse" else NO_SIGN
    return other or (POOR_QUALITY if samples.get("poor_quality") else last)


def _suspected(claims: list[str], detector: DetectorResult) -> bool:
    """Whether a collapse is suspected: by the detector, or, if it gives no probability, by a sign."""
    return detector.suspects if detector.p is not None else COLLAPSE in claims or HOPPING in claims


def _overruled(verdict: str, detector: DetectorResult, samples: Mapping[str, Any]) -> bool:
    """Whether the detector's probability is left out: after a divergence, or if the samples contradict it."""
    if verdict == CONFIRMED:
        return not detector.suspects
    return verdict == "diverged" or (detector.suspects and samples.get("says") == "no_collapse")


def _reason(verdict: str, detector: DetectorResult, evidence: list[dict[str, Any]], samples: Mapping[str, Any]) -> str:
    """Why this verdict was given: scores that rule out a collapse, the probability (or its absence), or evidence."""
    acquittal = next((e["says"] for e in samples.get("evidence", ()) if e["vote"] == "no_collapse"), None)
    if verdict == NO_SIGN and acquittal is not None:
        return str(acquittal)
    if verdict in (COLLAPSE, HOPPING, NO_SIGN) and detector.p is not None:
        compared = "at least" if detector.suspects else "below"
        return f"a collapse has a probability of {detector.p:.1%}, which is {compared} {SUSPECTED:.0%}"
    if verdict == NOT_JUDGED:
        return str(detector.document["reason"])
    return str(evidence[0]["says"]) if evidence else verdict


def fired_signs(examined: Examined) -> list[tuple[Sign, Finding]]:
    """Signs that fired, with their findings."""
    return [(sign, finding) for sign, finding in examined if isinstance(finding, Finding) and finding.fired]


def _document(
    examined: Examined,
    detector: DetectorResult,
    family: str,
    history: pd.DataFrame,
    status: dict[str, Any],
    samples: dict[str, Any],
    seen: float,
) -> dict[str, Any]:
    verdict = decide(examined, detector, family, samples)
    if status.get("status") == "diverged":
        verdict = "diverged"
    evidence, weak, counter = _evidence_lists(examined, detector, family, samples, verdict)
    if verdict == "diverged" and not any(entry["supports"] == "diverged" for entry in evidence):
        evidence.insert(0, divergence_entry(status))
    used = {name for sign, finding in examined if isinstance(finding, Finding) for name in sign.signals}
    used |= set(detector.document.get("signals", ()))
    missing = missing_signals(history, examined)
    level = detector.document["level"]
    overruled = _overruled(verdict, detector, samples)
    return {
        "verdict": verdict,
        "reason": _reason(verdict, detector, evidence, samples),
        "p_collapse": None if overruled else detector.p,
        "interval": None if overruled else detector.document["interval"],
        "false_alarms": detector.false_alarms(family),
        "confidence": None if level is None else {"signals": level, "at_most": CAPS[level]},
        "began_step": _began(evidence, verdict),
        "loss_family": family,
        "evidence": evidence,
        "weak_signs": weak,
        "counter_evidence": counter,
        "sample_check": samples or None,
        "early": _early(detector, verdict, seen),
        "not_applicable": [
            {"sign": sign.name, "reason": reason} for sign, reason in examined if isinstance(reason, str) and reason
        ],
        "signals_used": [name for name in history.columns if name in used],
        "signals_missing": missing,
        "next_check": NEXT_CHECK[verdict],
        "note": note(verdict, detector, family, history, status, overruled=overruled),
    }


def _evidence_lists(
    examined: Examined, detector: DetectorResult, family: str, samples: Mapping[str, Any], verdict: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Evidence (entries that support the verdict first), weak or overruled signs, and counter-evidence."""
    evidence, weak, counter = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for sign, finding in examined:
        if not isinstance(finding, Finding):
            continue
        entry = sign_entry(sign, finding, family)
        if not sign.decides(family):
            if finding.fired:
                weak.append(entry)
        elif finding.fired:
            overruled = sign.supports in (COLLAPSE, HOPPING) and verdict not in (COLLAPSE, HOPPING, CONFIRMED)
            (weak if overruled and verdict != "d_overpowering" else evidence).append(entry)
        else:
            counter.append(entry)
    # The finding of a rule already has the first step of the failure. The detector needs further predictions to find
    # this step.
    dated = not any(e["supports"] in (COLLAPSE, HOPPING) and e["began_step"] is not None for e in evidence)
    if (learned := detector.entry(family, dated=dated)) is not None:
        overruled = verdict not in (COLLAPSE, HOPPING, CONFIRMED, "d_overpowering")
        (weak if detector.suspects and overruled else evidence if detector.suspects else counter).append(learned)
    for check in samples.get("evidence", ()):
        entry = {**check, "supports": None, "began_step": None, "corpus": None, "window": [None, None]}
        if check["vote"] == "collapse":
            evidence.append({**entry, "supports": CONFIRMED})
        elif check["vote"] == "no_collapse":
            counter.append(entry)
        elif check["vote"] == "poor_quality":
            evidence.append({**entry, "supports": POOR_QUALITY})
    claims = {COLLAPSE, HOPPING} if verdict in (COLLAPSE, HOPPING) else {verdict}
    evidence.sort(key=lambda entry: (entry["supports"] != verdict, entry["supports"] not in claims))
    return evidence, weak, counter


def _began(evidence: list[dict[str, Any]], verdict: str) -> int | None:
    """Smallest first step in the evidence for the verdict.

    Evidence of a collapse also counts for mode hopping, and evidence of mode hopping for a collapse.
    """
    related = {CONFIRMED: {COLLAPSE, HOPPING, CONFIRMED}, HOPPING: {COLLAPSE, HOPPING}, COLLAPSE: {COLLAPSE, HOPPING}}
    claims = related.get(verdict, {verdict})
    steps = [e["began_step"] for e in evidence if e["supports"] in claims and e["began_step"] is not None]
    return min(steps, default=None)


def _early(detector: DetectorResult, verdict: str, seen: float) -> dict[str, Any] | None:
    """The forecast, and the result of `recovery` if a collapse is suspected or confirmed. None for a complete run."""
    if seen >= COMPLETE:
        return None
    suspected = verdict in (COLLAPSE, HOPPING, CONFIRMED)
    return {
        "seen": round(seen, 4),
        "forecast": detector.document["forecast"],
        "recovery": recovery(seen) if suspected else None,
    }
