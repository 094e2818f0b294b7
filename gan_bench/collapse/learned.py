"""Probability that a run has collapsed or failed, from a detector that was trained on labelled small runs.

What was learned is read from detector.json, which `benchmarks/detector/train_detector.py` writes; docs/detector.md says
how often it is right. A run of another loss family, of photographs of any kind, or of large networks is not in that
corpus.
"""

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.collapse.features import COLUMNS, NAMES, vector
from gan_bench.collapse.normal import History, NotJudgedError, Series, make_series
from gan_bench.collapse.trees import Codes, Forest, code, edge_table, join, read_forest
from gan_bench.files import read_json

DETECTOR_FILE = Path(__file__).with_name("detector.json")

#: No answer is given where neither side has this probability.
CONFIDENT = 0.8

#: From this share of training on a run counts as complete, and before the other nothing is forecast.
COMPLETE, TOO_EARLY = 0.9, 0.2

STATES = ("collapse", "failure")


@functools.cache
def detector() -> dict[str, Any]:
    """The whole file: "corpus", "edges" of every feature, "models" and "measured"."""
    found: dict[str, Any] = read_json(DETECTOR_FILE)
    return found


def predict(history: History, loss: Mapping[str, Any] | None, seen: float = 1.0) -> dict[str, Any]:
    """What the detector says of a history with columns step, d_loss, g_loss and any of `normal.COLUMNS`.

    `loss`: FACTS of the loss ("family", "output", "equilibrium", "belief"); of one that declares no "belief", or None,
    only what needs no scale is read off the losses. `seen`: the share of the planned training that the history covers.
    Returns JSON-able
      "level"       "losses", "outputs" or "diversity": the most telling kind of signals used; None where nothing can be
                    said
      "signals"     the columns used
      "reason"      why not, where "level" is None
      "missing"     columns that would have been used and are absent or not finite
      "family"      of the loss, and "family_in_corpus", whether it was trained on
      "p_collapse"  that the run has collapsed as far as it has been seen; "interval", 95 %, of how often runs of a
                    data set not trained on had collapsed that got a probability like this, and "answer": "collapse",
                    "no_collapse", or "unsure" between 20 and 80 % and where such answers were right too seldom
      "p_failure", "failure_interval", "failure_answer"  the same for "failure": collapsed, or never learned
      "forecast"    None, or "at", "p_collapse", "interval", "answer" for the end of training, of a run seen in part
      "operating"   of p_collapse on the corpus: threshold for 10 % false alarms, recall and false alarms by family
    Intervals, answers and "operating" are those of runs with all columns of the level, more than this one may have.
    """
    family = None if loss is None else loss.get("family")
    known = family in detector()["corpus"]["families"]
    base: dict[str, Any] = {"level": None, "signals": [], "reason": None, "missing": [], "family": family}
    base["family_in_corpus"] = known
    try:
        series = make_series(history, loss)
    except NotJudgedError as reason:
        empty = dict.fromkeys(("p_collapse", "interval", "answer", "p_failure", "failure_interval", "failure_answer"))
        return {**base, **empty, "reason": str(reason), "forecast": None, "operating": None}
    at = _forecast_at(seen)
    targets = STATES if at is None else (*STATES, f"collapse_after_{at}")
    kind = model_of(series)
    collapse, failure, *later = _ask(tuple(f"{target}/{kind}" for target in targets), code(vector(series), _edges()))
    forecast = None
    if later:
        forecast = {"at": (at or 0) / 100, **dict(zip(("p_collapse", "interval", "answer"), later[0], strict=True))}
    return {
        **base,
        "level": series.level,
        "signals": list(series.signals),
        "missing": [name for name in COLUMNS["diversity"] if name not in series.signals],
        **dict(zip(("p_collapse", "interval", "answer"), collapse, strict=True)),
        **dict(zip(("p_failure", "failure_interval", "failure_answer"), failure, strict=True)),
        "forecast": forecast,
        "operating": detector()["models"][f"collapse/{kind}"]["operating"],
    }


def model_of(series: Series) -> str:
    """Which of the models of a target reads a series: its level, or "shape" for losses alone of unknown scale."""
    return "shape" if series.level == "losses" and not series.scaled else series.level


def _forecast_at(seen: float) -> int | None:
    """The percentage whose forecast is nearest; None where there is none."""
    return min((25, 50, 75), key=lambda share: abs(share - 100 * seen)) if TOO_EARLY <= seen < COMPLETE else None


def _ask(models: tuple[str, ...], codes: Codes) -> list[tuple[float, list[float], str]]:
    """Of each model: calibrated probability, the interval of its bin widened to hold it, and the answer."""
    forest, ends = _forests(models)
    votes = np.split(forest.values(codes), ends)
    return [_say(name, float(own.mean())) for name, own in zip(models, votes, strict=True)]


def _say(name: str, raw: float) -> tuple[float, list[float], str]:
    model, target = detector()["models"][name], name.partition("/")[0].partition("_after_")[0]
    p = calibrated(raw, model["calibration"])
    low, high = next((b["interval"] for b in model["bins"] if p < b["to"]), model["bins"][-1]["interval"])
    side = "yes" if p > 0.5 else "no"
    sure = max(p, 1 - p) >= CONFIDENT and side in model["sides"]
    answer = (target if p > 0.5 else f"no_{target}") if sure else "unsure"
    return round(p, 4), [round(min(low, p), 4), round(max(high, p), 4)], answer


@functools.cache
def _forests(models: tuple[str, ...]) -> tuple[Forest, list[int]]:
    """The trees of several models in one table, and where each but the first begins."""
    found = [_forest(name) for name in models]
    return join(found), np.cumsum([len(forest.roots) for forest in found])[:-1].tolist()


@functools.cache
def _forest(name: str) -> Forest:
    stored = detector()
    return read_forest(stored["models"][name]["trees"], stored["leaf_decimals"])


@functools.cache
def _edges() -> np.ndarray:
    return edge_table([detector()["edges"][name] for name in NAMES])


def calibrated(raw: float, line: Mapping[str, float]) -> float:
    """Platt 1999: a line in the logit of a forest's share of votes."""
    raw = min(max(raw, 0.01), 0.99)
    return 1 / (1 + math.exp(-(line["slope"] * math.log(raw / (1 - raw)) + line["offset"])))
