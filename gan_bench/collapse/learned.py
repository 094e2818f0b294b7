"""Probability that a run has collapsed or failed, from a detector that was trained on 508 labelled small runs.

What was learned is read from detector.json, which `benchmarks/train_detector.py` writes; docs/detector.md says how
often it is right. A run of another loss family, of real images or of large networks is not in that corpus.
"""

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.collapse.features import COLUMNS, describe
from gan_bench.collapse.normal import History, NotJudgedError, make_series
from gan_bench.collapse.trees import Forest, code, read_forest
from gan_bench.files import read_json

DETECTOR_FILE = Path(__file__).with_name("detector.json")

#: No answer is given where neither side has this probability.
CONFIDENT = 0.8

#: From this share of training on a run counts as complete, and before the other nothing is forecast.
COMPLETE, TOO_EARLY = 0.9, 0.2


@functools.cache
def detector() -> dict[str, Any]:
    """The whole file: "corpus", "edges" of every feature, "models" and "measured"."""
    found: dict[str, Any] = read_json(DETECTOR_FILE)
    return found


def predict(history: History, loss: Mapping[str, Any] | None, seen: float = 1.0) -> dict[str, Any]:
    """What the detector says of a history with columns step, d_loss, g_loss and any of `normal.COLUMNS`.

    `loss`: FACTS of the loss ("family", "output", "equilibrium"); `seen`: the share of the planned training that the
    history covers. Returns JSON-able
      "level"       "losses", "outputs" or "diversity": the signals used; None where nothing can be said
      "reason"      why not, where "level" is None
      "missing"     columns that the next level needs and that are absent or not finite
      "family"      of the loss, and "family_in_corpus", whether it was trained on
      "p_collapse"  that the run has collapsed as far as it has been seen; "interval", 95 %, of how often runs of a
                    data set not trained on had collapsed that got a probability like this, and "answer": "collapse",
                    "no_collapse", or "unsure" between 20 and 80 % and where such answers were right too seldom
      "p_failure", "failure_interval", "failure_answer"  the same for "failure": collapsed, or never learned
      "forecast"    None, or "at", "p_collapse", "interval", "answer" for the end of training, of a run seen in part
      "operating"   of p_collapse on the corpus: threshold for 10 % false alarms, recall and false alarms by family
    """
    family = None if loss is None else loss.get("family")
    known = family in detector()["corpus"]["families"]
    base: dict[str, Any] = {"level": None, "reason": None, "missing": [], "family": family, "family_in_corpus": known}
    try:
        series = make_series(history, loss)
    except NotJudgedError as reason:
        empty = dict.fromkeys(("p_collapse", "interval", "answer", "p_failure", "failure_interval", "failure_answer"))
        return {**base, **empty, "reason": str(reason), "forecast": None, "operating": None}
    level = series.level
    values = describe(series)
    collapse, failure = (_ask(target, level, values) for target in ("collapse", "failure"))
    return {
        **base,
        "level": level,
        "missing": _missing(history, level),
        **dict(zip(("p_collapse", "interval", "answer"), collapse, strict=True)),
        **dict(zip(("p_failure", "failure_interval", "failure_answer"), failure, strict=True)),
        "forecast": _forecast(values, level, seen),
        "operating": detector()["models"][f"collapse/{level}"]["operating"],
    }


def _forecast(values: Mapping[str, float], level: str, seen: float) -> dict[str, Any] | None:
    if not TOO_EARLY <= seen < COMPLETE:
        return None
    at = min((25, 50, 75), key=lambda share: abs(share - 100 * seen))
    p, interval, answer = _ask("collapse", level, values, f"_after_{at}")
    return {"at": at / 100, "p_collapse": p, "interval": interval, "answer": answer}


def _missing(history: History, level: str) -> list[str]:
    """What the next level needs and the history does not have in a usable form."""
    above = {"losses": "outputs", "outputs": "diversity"}.get(level)
    if above is None:
        return []
    return [name for name in COLUMNS[above] if name not in history or not _finite(history[name])]


def _finite(values: Any) -> bool:
    try:
        return bool(np.isfinite(np.asarray(values, dtype=np.float64)).all())
    except (TypeError, ValueError):
        return False


def _ask(target: str, level: str, values: Mapping[str, float], when: str = "") -> tuple[float, list[float], str]:
    """Calibrated probability, the interval of its calibration bin widened to hold it, and the answer."""
    name = f"{target}{when}/{level}"
    model = detector()["models"][name]
    forest, columns, edges = _model(name)
    raw = float(forest.predict(code(np.array([values[column] for column in columns]), edges)[None])[0])
    p = calibrated(raw, model["calibration"])
    low, high = next((b["interval"] for b in model["bins"] if p < b["to"]), model["bins"][-1]["interval"])
    side = "yes" if p > 0.5 else "no"
    sure = max(p, 1 - p) >= CONFIDENT and side in model["sides"]
    answer = (target if p > 0.5 else f"no_{target}") if sure else "unsure"
    return round(p, 4), [round(min(low, p), 4), round(max(high, p), 4)], answer


@functools.cache
def _model(name: str) -> tuple[Forest, list[str], list[np.ndarray]]:
    stored = detector()
    model = stored["models"][name]
    columns = model["columns"]
    return (
        read_forest(model["trees"], stored["leaf_decimals"]),
        columns,
        [np.asarray(stored["edges"][column]) for column in columns],
    )


def calibrated(raw: float, line: Mapping[str, float]) -> float:
    """Platt 1999: a line in the logit of a forest's share of votes."""
    raw = min(max(raw, 0.01), 0.99)
    return 1 / (1 + math.exp(-(line["slope"] * math.log(raw / (1 - raw)) + line["offset"])))
