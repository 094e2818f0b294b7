"""The verdict on a training run, with evidence, what speaks against it, and what to check next.

"healthy" is not among the verdicts: the losses of a collapsed run can look like those of a good one (Arora et al.
2017, arXiv 1706.08224), and on the corpus most runs without any sign had still failed.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gan_bench.collapse.detector_result import CAPS, Opinion
from gan_bench.collapse.explanation import NEXT_CHECK, note, reported, sign_entry, signals_missing
from gan_bench.collapse.rates import recovery
from gan_bench.collapse.sign import Finding, Sign
from gan_bench.collapse.signs import SIGNS, examine
from gan_bench.collapse.trajectory import LOSSES, UNKNOWN, make_track
from gan_bench.errors import UserError

COLLAPSE, HOPPING, CONFIRMED = "collapse_suspected", "mode_hopping_suspected", "collapse_confirmed"
NO_SIGN = "no_sign_found"
VERDICTS = ("diverged", CONFIRMED, "d_overpowering", COLLAPSE, HOPPING, "generator_stalled", NO_SIGN)

#: From this share of the planned training on a history counts as whole.
WHOLE = 0.9

Examined = list[tuple[Sign, Finding | str]]


def judge(
    history: pd.DataFrame,
    loss: Mapping[str, Any] | None = None,
    status: Mapping[str, Any] | None = None,
    samples: Mapping[str, Any] | None = None,
    seen: float = 1.0,
) -> dict[str, Any]:
    """Verdict on a history with columns step, d_loss, g_loss and any others that a history of ours has.

    `loss`: FACTS of the loss (family, output, equilibrium), None if unknown; `status`: a run's status.json, None if
    there is none; `samples`: what `sample_check` found of its samples, which overrules the losses; `seen`: the share of
    the planned training that the history covers. Returns JSON-able "verdict" (one of VERDICTS), "p_collapse" with
    "interval" (95 %), "false_alarms" of this loss family and "confidence" (what caps it), "began_step", "evidence"
    (signs that fired and decide), "weak_signs" (fired, but measured to be no better than the base rate, or overruled),
    "counter_evidence" (deciding signs that did not fire), "sample_check", "early", "not_applicable", "signals_used",
    "signals_missing", "next_check" and "note". UserError when a needed column is missing.
    """
    missing = [name for name in ("step", *LOSSES) if name not in history.columns]
    if missing:
        raise UserError(f"history: no column {missing[0]!r}; step, d_loss and g_loss are needed.")
    family = UNKNOWN if loss is None else str(loss.get("family", UNKNOWN))
    if len(history):
        examined = examine(make_track(history, loss))
    else:
        examined = [(sign, "the history has no rows") for sign in SIGNS]
    opinion = Opinion(history, loss, seen)
    return _document(examined, opinion, family, history, dict(status or {}), dict(samples or {}), seen)


def not_judged(reason: str, status: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a run that no rule here can judge, as one without a discriminator: its verdict is None.

    A divergence that the trainer reports is one all the same. `reason` becomes the note.
    """
    diverged = status.get("status") == "diverged"
    return {
        "verdict": "diverged" if diverged else None,
        **dict.fromkeys(("p_collapse", "interval", "false_alarms", "confidence")),
        "began_step": status.get("step") if diverged else None,
        "loss_family": None,
        "evidence": [reported(status)] if diverged else [],
        "weak_signs": [],
        "counter_evidence": [],
        "sample_check": None,
        "early": None,
        "not_applicable": [{"sign": sign.name, "reason": reason} for sign in SIGNS],
        "signals_used": [],
        "signals_missing": [],
        "next_check": NEXT_CHECK["diverged" if diverged else NO_SIGN],
        "note": reason,
    }


def decide(examined: Examined, opinion: Opinion, family: str, samples: Mapping[str, Any]) -> str:
    """Facts, then samples, then D's victory, then the suspicion of a collapse, then what moves or stands still."""
    claims = [str(sign.supports) for sign, _ in fired(examined) if sign.decides(family)]
    if "diverged" in claims:
        return "diverged"
    says = samples.get("says")
    if says == "collapse":
        return CONFIRMED
    if any(sign.name == "d_loss_at_zero" for sign, _ in fired(examined)) and "d_overpowering" in claims:
        return "d_overpowering"
    if says != "no_collapse" and _suspected(claims, opinion):
        return HOPPING if HOPPING in claims else COLLAPSE
    return next((claim for claim in claims if claim not in (COLLAPSE, HOPPING)), NO_SIGN)


def _suspected(claims: list[str], opinion: Opinion) -> bool:
    """The detector decides where it has an opinion; a rule alone is enough where it does not acquit."""
    return opinion.suspects or (not opinion.acquits and (COLLAPSE in claims or HOPPING in claims))


def fired(examined: Examined) -> list[tuple[Sign, Finding]]:
    return [(sign, found) for sign, found in examined if isinstance(found, Finding) and found.fired]


def _document(
    examined: Examined,
    opinion: Opinion,
    family: str,
    history: pd.DataFrame,
    status: dict[str, Any],
    samples: dict[str, Any],
    seen: float,
) -> dict[str, Any]:
    verdict = decide(examined, opinion, family, samples)
    if status.get("status") == "diverged":
        verdict = "diverged"
    evidence, weak, quiet = _sorted(examined, opinion, family, samples, verdict)
    if verdict == "diverged" and not any(entry["supports"] == "diverged" for entry in evidence):
        evidence.insert(0, reported(status))
    used = {name for sign, found in examined if isinstance(found, Finding) for name in sign.signals}
    used |= set(opinion.document.get("signals", ()))
    missing = signals_missing(history, examined)
    level = opinion.document["level"]
    return {
        "verdict": verdict,
        "p_collapse": opinion.p,
        "interval": opinion.document["interval"],
        "false_alarms": opinion.false_alarms(family),
        "confidence": None if level is None else {"signals": level, "at_most": CAPS[level]},
        "began_step": _began(evidence, verdict),
        "loss_family": family,
        "evidence": evidence,
        "weak_signs": weak,
        "counter_evidence": quiet,
        "sample_check": samples or None,
        "early": _early(opinion, verdict, seen),
        "not_applicable": [
            {"sign": sign.name, "reason": reason} for sign, reason in examined if isinstance(reason, str) and reason
        ],
        "signals_used": [name for name in history.columns if name in used],
        "signals_missing": missing,
        "next_check": NEXT_CHECK[verdict],
        "note": note(verdict, opinion, family, history, status),
    }


def _sorted(
    examined: Examined, opinion: Opinion, family: str, samples: Mapping[str, Any], verdict: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Evidence with that for the verdict first; weak or overruled signs; what speaks against it."""
    evidence, weak, quiet = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for sign, found in examined:
        if not isinstance(found, Finding):
            continue
        entry = sign_entry(sign, found, family)
        if not sign.decides(family):
            if found.fired:
                weak.append(entry)
        elif found.fired:
            overruled = sign.supports in (COLLAPSE, HOPPING) and verdict not in (COLLAPSE, HOPPING, CONFIRMED)
            (weak if overruled and verdict != "d_overpowering" else evidence).append(entry)
        else:
            quiet.append(entry)
    # A rule says since when at once; the detector must be asked of parts of the history.
    dated = not any(e["supports"] in (COLLAPSE, HOPPING) and e["began_step"] is not None for e in evidence)
    if (learned := opinion.entry(family, dated=dated)) is not None:
        overruled = verdict not in (COLLAPSE, HOPPING, CONFIRMED, "d_overpowering")
        (weak if opinion.suspects and overruled else evidence if opinion.suspects else quiet).append(learned)
    for check in samples.get("evidence", ()):
        entry = {**check, "supports": None, "began_step": None, "corpus": None, "window": [None, None]}
        if check["vote"] == "collapse":
            evidence.append({**entry, "supports": CONFIRMED})
        elif check["vote"] == "no_collapse":
            quiet.append(entry)
    claims = {COLLAPSE, HOPPING} if verdict in (COLLAPSE, HOPPING) else {verdict}
    evidence.sort(key=lambda entry: (entry["supports"] != verdict, entry["supports"] not in claims))
    return evidence, weak, quiet


def _began(evidence: list[dict[str, Any]], verdict: str) -> int | None:
    """The first step that evidence for the verdict names; of a confirmed collapse, that any suspicion names."""
    kin = {CONFIRMED: {COLLAPSE, HOPPING, CONFIRMED}, HOPPING: {COLLAPSE, HOPPING}, COLLAPSE: {COLLAPSE, HOPPING}}
    claims = kin.get(verdict, {verdict})
    steps = [e["began_step"] for e in evidence if e["supports"] in claims and e["began_step"] is not None]
    return min(steps, default=None)


def _early(opinion: Opinion, verdict: str, seen: float) -> dict[str, Any] | None:
    """Of a run that goes on: how it may end, and how often runs recover that had collapsed by now."""
    if seen >= WHOLE:
        return None
    suspected = verdict in (COLLAPSE, HOPPING, CONFIRMED)
    return {
        "seen": round(seen, 4),
        "forecast": opinion.document["forecast"],
        "recovery": recovery(seen) if suspected else None,
    }
