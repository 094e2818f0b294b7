"""The verdict on a training run, with evidence, what speaks against it, and what to check next.

"healthy" is not among the verdicts: the losses of a collapsed run can look like those of a good one (Arora et al.
2017, arXiv 1706.08224), and on the corpus most runs without any sign had still failed.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gan_bench.collapse.rates import sign_rate, verdict_counts
from gan_bench.collapse.sign import Finding, Sign
from gan_bench.collapse.signs import SIGNS, examine
from gan_bench.collapse.track import LOSSES, OPTIONAL, UNKNOWN, make_track
from gan_bench.errors import UserError

VERDICTS = ("diverged", "d_overpowering", "collapse_suspected", "generator_stalled", "no_sign_found")
NO_SIGN = "no_sign_found"

NEXT_CHECK = {
    "diverged": "Nothing after the step it began at is a result; repeat with a lower learning rate or a penalty.",
    "d_overpowering": "Look at samples, and at D's outputs on real images held out from training: an untrained G, a "
    "collapsed G and a memorising D look alike here.",
    "collapse_suspected": "Measure the diversity of samples against real images (coverage, or pairwise distances in a "
    "batch); a clear answer there overrides the losses in both directions.",
    "generator_stalled": "Compare samples of the same noise at two late steps: if they agree, training is over.",
    NO_SIGN: "Score samples against real images (Fréchet distance, coverage): losses alone cannot show that it worked.",
}

Examined = list[tuple[Sign, Finding | str]]


def judge(
    history: pd.DataFrame, loss: Mapping[str, Any] | None = None, status: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Verdict on a history with columns step, d_loss, g_loss and, where logged, lg_real_sd, lg_fake_sd, gn_g.

    `loss`: FACTS of the loss (family, equilibrium), None if unknown; `status`: a run's status.json, None if there is
    none. Returns JSON-able "verdict" (one of VERDICTS), "began_step", "evidence" (signs that fired and decide),
    "weak_signs" (fired, but measured to be no better than the base rate), "counter_evidence" (deciding signs that did
    not fire), "not_applicable", "signals_used", "signals_missing", "next_check" and "note".
    UserError when a needed column is missing.
    """
    missing = [name for name in ("step", *LOSSES) if name not in history.columns]
    if missing:
        raise UserError(f"history: no column {missing[0]!r}; step, d_loss and g_loss are needed.")
    family = UNKNOWN if loss is None else str(loss.get("family", UNKNOWN))
    if len(history):
        examined = examine(make_track(history, loss))
    else:
        examined = [(sign, "the history has no rows") for sign in SIGNS]
    return _document(examined, family, history, dict(status or {}))


def not_judged(reason: str, status: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a run that no rule here can judge, as one without a discriminator: its verdict is None.

    A divergence that the trainer reports is one all the same. `reason` becomes the note.
    """
    diverged = status.get("status") == "diverged"
    return {
        "verdict": "diverged" if diverged else None,
        "began_step": status.get("step") if diverged else None,
        "loss_family": None,
        "evidence": [_reported(status)] if diverged else [],
        "weak_signs": [],
        "counter_evidence": [],
        "not_applicable": [{"sign": sign.name, "reason": reason} for sign in SIGNS],
        "signals_used": [],
        "signals_missing": [],
        "next_check": NEXT_CHECK["diverged" if diverged else NO_SIGN],
        "note": reason,
    }


def decide(examined: Examined, family: str) -> str:
    """The verdict that the first deciding sign carries."""
    return next((str(sign.supports) for sign, _ in _fired(examined) if sign.decides(family)), NO_SIGN)


def _fired(examined: Examined) -> list[tuple[Sign, Finding]]:
    return [(sign, found) for sign, found in examined if isinstance(found, Finding) and found.fired]


def _document(examined: Examined, family: str, history: pd.DataFrame, status: dict[str, Any]) -> dict[str, Any]:
    verdict = decide(examined, family)
    evidence = [_entry(sign, found, family) for sign, found in _fired(examined) if sign.decides(family)]
    if status.get("status") == "diverged" and verdict != "diverged":
        verdict = "diverged"
        evidence.insert(0, _reported(status))
    weak = [_entry(sign, found, family) for sign, found in _fired(examined) if not sign.decides(family)]
    quiet = [(s, f) for s, f in examined if isinstance(f, Finding) and not f.fired and s.decides(family)]
    used = {name for sign, found in examined if isinstance(found, Finding) for name in sign.signals}
    began = [e["began_step"] for e in evidence if e["supports"] == verdict and e["began_step"] is not None]
    return {
        "verdict": verdict,
        "began_step": min(began, default=None),
        "loss_family": family,
        "evidence": evidence,
        "weak_signs": weak,
        "counter_evidence": [_entry(sign, found, family) for sign, found in quiet],
        "not_applicable": [
            {"sign": sign.name, "reason": reason} for sign, reason in examined if isinstance(reason, str) and reason
        ],
        "signals_used": [name for name in (*LOSSES, *OPTIONAL) if name in used],
        "signals_missing": _missing(examined, history),
        "next_check": NEXT_CHECK[verdict],
        "note": _note(verdict, "lg_fake_sd" in used, history, status),
    }


def _entry(sign: Sign, found: Finding, family: str) -> dict[str, Any]:
    """One line of evidence: the rule, what it found and how often it was right on the corpus."""
    return {
        "sign": sign.name,
        "says": found.says,
        "supports": sign.supports if sign.decides(family) else None,
        "signal": ", ".join(sign.signals),
        "measure": sign.measure,
        "value": found.value,
        "comparison": sign.comparison,
        "threshold": sign.threshold,
        "window": list(found.window),
        "began_step": found.began_step,
        "source": sign.source,
        "corpus": sign_rate(sign.name, family),
    }


def _reported(status: Mapping[str, Any]) -> dict[str, Any]:
    """Evidence of a divergence that the trainer saw before it reached a log point."""
    step = status.get("step")
    return {
        "sign": "reported_by_trainer",
        "says": f"training stopped as diverged: {status.get('reason') or 'no reason given'}",
        "supports": "diverged",
        "signal": "status",
        "measure": "status of the run",
        "value": None,
        "comparison": "is",
        "threshold": None,
        "window": [step, step],
        "began_step": step,
        "source": "status of the run",
        "corpus": None,
    }


def _missing(examined: Examined, history: pd.DataFrame) -> list[str]:
    absent = [name for name in OPTIONAL if name not in history.columns]
    no_level = any(isinstance(found, str) and "no equilibrium" in found for _, found in examined)
    return absent + (["equilibrium of the loss"] if no_level else [])


def _note(verdict: str, outputs: bool, history: pd.DataFrame, status: Mapping[str, Any]) -> str:
    counts = verdict_counts(verdict, outputs=outputs)
    signals = "the losses and D's output spread" if outputs else "the losses alone"
    sentences = [
        f"From {signals}, {counts['n']} runs of the corpus get this verdict: {counts['failure']} had failed "
        f"({counts['collapse']} of them collapsed), {counts['healthy']} were healthy."
    ]
    if verdict == NO_SIGN:
        sentences.append("No sign is not a certificate of health.")
    sentences.append("The corpus is small networks on 2-D points and 8x8 digits; its rates need not carry over.")
    if status.get("status") in ("failed", "timeout"):
        last = f"step {int(history['step'].iloc[-1])}" if len(history) else "no step"
        sentences.append(f"The run ended early ({status['status']}); the verdict covers it up to {last}.")
    return " ".join(sentences)
