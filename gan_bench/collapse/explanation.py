"""The parts of a verdict that are words: lines of evidence, what is missing, what to do next, and the note."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from gan_bench.collapse.rates import sign_rate
from gan_bench.collapse.sign import Finding, Sign
from gan_bench.collapse.trajectory import OPTIONAL

if TYPE_CHECKING:
    from gan_bench.collapse.detector_result import Opinion

NEXT_CHECK = {
    "diverged": "Nothing after the step it began at is a result; repeat with a lower learning rate or a penalty.",
    "collapse_confirmed": "See in the samples which modes are left, and repeat with another seed: a setting that "
    "collapses in every seed is at fault, not the seed.",
    "d_overpowering": "Look at samples, and at D's outputs on real images held out from training: an untrained G, a "
    "collapsed G and a memorising D look alike here.",
    "collapse_suspected": "Measure the diversity of samples against real images (class histogram, recall, coverage, or "
    "pairwise distances in a batch); a clear answer there overrules the losses in both directions.",
    "mode_hopping_suspected": "Score samples of several late steps: a generator that hops shows few modes at each step "
    "and others at the next; then lower the learning rates or pack images.",
    "generator_stalled": "Compare samples of the same noise at two late steps: if they agree, training is over.",
    "no_sign_found": "Score samples against real images (Fréchet distance, coverage): losses alone cannot show that it "
    "worked.",
}


def sign_entry(sign: Sign, found: Finding, family: str) -> dict[str, Any]:
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


def reported(status: Mapping[str, Any]) -> dict[str, Any]:
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


def signals_missing(history: pd.DataFrame, examined: list[tuple[Sign, Finding | str]]) -> list[str]:
    """Columns that some rule could have read, and the loss's level where there is none."""
    absent = [name for name in OPTIONAL if name not in history.columns]
    no_level = any(isinstance(found, str) and "no equilibrium" in found for _, found in examined)
    return absent + (["equilibrium of the loss"] if no_level else [])


def note(verdict: str, opinion: "Opinion", family: str, history: pd.DataFrame, status: Mapping[str, Any]) -> str:
    """What must be known beside the verdict, in sentences."""
    sentences = [_probability(opinion, family)]
    if verdict == "no_sign_found":
        sentences.append("No sign is not a certificate of health.")
    sentences.append("Probabilities and rates are of a corpus of small networks; they need not carry over to yours.")
    if status.get("status") in ("failed", "timeout"):
        last = f"step {int(history['step'].iloc[-1])}" if len(history) else "no step"
        sentences.append(f"The run ended early ({status['status']}); the verdict covers it up to {last}.")
    return " ".join(sentences)


def _probability(opinion: "Opinion", family: str) -> str:
    if opinion.p is None:
        return f"No probability of a collapse: {opinion.document['reason']}."
    low, high = opinion.document["interval"]
    says = (
        f"Probability of a collapse {opinion.p:.2f}: of corpus runs on data not trained on with such a probability, "
        f"between {low:.0%} and {high:.0%} had collapsed."
    )
    alarms = opinion.false_alarms(family)
    if alarms is None or not alarms["of"]:
        return says
    of = "runs" if alarms["family"] == "all" else f"{alarms['family']} runs"
    wrong = f"{alarms['hits']} of {alarms['of']} {of}"
    return f"{says} Above {opinion.threshold:.2f} a collapse is suspected, wrongly in {wrong} without one."
