"""The texts of a verdict: entries of evidence, missing signals, the next check, and the note."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from gan_bench.collapse.rates import sign_rate
from gan_bench.collapse.sign import Finding, Sign
from gan_bench.collapse.trajectory import OPTIONAL

if TYPE_CHECKING:
    from gan_bench.collapse.detector_result import DetectorResult

NEXT_CHECK = {
    "diverged": "Discard everything from the first step of the divergence; repeat with a lower learning rate or a "
    "penalty.",
    "collapse_confirmed": "Look at the samples to see which modes are left, and repeat with another seed: if every "
    "seed collapses, the settings are at fault.",
    "d_overpowering": "Look at samples, and at D's outputs on held-out real images: an untrained G, a collapsed G and "
    "a memorising D have the same losses.",
    "collapse_suspected": "Measure the diversity of samples against real images (class histogram, recall, coverage, or "
    "pairwise distances in a batch); a clear answer there overrules the losses in both directions.",
    "mode_hopping_suspected": "Score samples of several late steps: a generator that hops between modes shows few "
    "modes at each step, and different ones at the next. If so, lower the learning rates or pack images.",
    "generator_stalled": "Compare samples of the same latents at two late steps: if they agree, training has stopped.",
    "failure_suspected": "Compare samples of the last steps with earlier samples: some runs with such losses have good "
    "samples. If the last samples are worse or all alike, go back to the best checkpoint, and lower D's learning rate "
    "or add a penalty.",
    "poor_quality": "Look at samples: few belong to any mode of the data, though their nearest modes are evenly used. "
    "Train longer, or lower the learning rates.",
    "not_judged": "Read the reason, and score samples against real images (Fréchet distance, coverage).",
    "no_sign_found": "Score samples against real images (Fréchet distance, coverage), or check whether the samples are "
    "alike: a collapsed run can have healthy losses.",
}


def sign_entry(sign: Sign, finding: Finding, family: str) -> dict[str, Any]:
    """An entry of evidence or counter-evidence: rule, finding, and how often the rule was right on labelled runs."""
    return {
        "sign": sign.name,
        "says": finding.says,
        "supports": sign.supports if sign.decides(family) else None,
        "signal": ", ".join(sign.signals),
        "measure": sign.measure,
        "value": finding.value,
        "comparison": sign.comparison,
        "threshold": sign.threshold,
        "window": list(finding.window),
        "began_step": finding.began_step,
        "source": sign.source,
        "corpus": sign_rate(sign.name, family),
    }


def divergence_entry(status: Mapping[str, Any]) -> dict[str, Any]:
    """Evidence of a divergence that the status of the run reports and that no rule found in the log."""
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


def missing_signals(history: pd.DataFrame, examined: list[tuple[Sign, Finding | str]]) -> list[str]:
    """Signals that rules could use but that are missing: columns, and the equilibrium of the loss."""
    absent = [name for name in OPTIONAL if name not in history.columns]
    no_level = any(isinstance(finding, str) and "no equilibrium" in finding for _, finding in examined)
    return absent + (["equilibrium of the loss"] if no_level else [])


def note(
    verdict: str,
    result: "DetectorResult",
    family: str,
    history: pd.DataFrame,
    status: Mapping[str, Any],
    *,
    overruled: bool,
) -> str:
    """Sentences that qualify the verdict: its probability, and the limits of the evidence."""
    sentences = ["The verdict overrules the losses." if overruled else _probability(result, family)]
    if verdict == "no_sign_found":
        sentences.append("No warning does not mean it worked.")
    sentences.append("Probabilities and rates were measured on small networks and may not hold for yours.")
    if status.get("status") in ("failed", "timeout"):
        last = f"step {int(history['step'].iloc[-1])}" if len(history) else "no step"
        sentences.append(f"The run ended early ({status['status']}); the verdict covers it up to {last}.")
    return " ".join(sentences)


def _probability(detector: "DetectorResult", family: str) -> str:
    if detector.p is None:
        return f"The probability of a collapse is unknown: {detector.document['reason']}."
    low, high = detector.document["interval"]
    sentence = (
        f"Probability of a collapse {detector.p:.2f}: among held-out corpus runs with a probability near this, "
        f"{low:.0%} to {high:.0%} had collapsed."
    )
    alarms = detector.false_alarms(family)
    if alarms is None or not alarms["of"]:
        return sentence
    runs = "runs" if alarms["family"] == "all" else f"{alarms['family']} runs"
    false_alarms = f"{alarms['hits']} of {alarms['of']} {runs} without a collapse"
    return f"{sentence} At a threshold of {detector.threshold:.2f} the detector was wrong on {false_alarms}."
