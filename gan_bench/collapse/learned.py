"""Probability that a run has collapsed or failed, from a detector trained on a corpus of labelled small runs.

The trained model is in detector.json, which `benchmarks/detector/train_detector.py` writes. docs/detector_small_runs.md
says how often the detector is right. The corpus has only the loss families named in detector.json, and only small
networks. Its only photographs are 256 pictures of sunflowers.
"""

import functools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gan_bench.collapse.features import COLUMNS, NAMES, vector
from gan_bench.collapse.normalisation import History, NotJudgedError, Series, make_series
from gan_bench.collapse.trees import Codes, Forest, code, edge_table, join, read_forest
from gan_bench.files import read_json

DETECTOR_FILE = Path(__file__).with_name("detector.json")

#: An answer needs a probability of at least this, or of at most 1 minus this; otherwise it is "unsure".
CONFIDENT = 0.8

#: Shares of the planned training: from COMPLETE on, a run counts as complete; below TOO_EARLY, no forecast is made.
COMPLETE, TOO_EARLY = 0.9, 0.2

STATES = ("collapse", "failure")


@functools.cache
def detector() -> dict[str, Any]:
    """The content of detector.json: "corpus", "edges" and "leaf_decimals" (see trees.py), "models" and "measured"."""
    document: dict[str, Any] = read_json(DETECTOR_FILE)
    return document


def predict(history: History, loss: Mapping[str, Any] | None, seen: float = 1.0) -> dict[str, Any]:
    """Result of the detector on a history.

    Args:
        history: columns step, d_loss, g_loss and any of `normalisation.COLUMNS`.
        loss: FACTS of the loss ("family", "output", "equilibrium", "floor", "belief"); None if unknown. Without a
            "belief", only scale-free features are computed from the losses.
        seen: share of the planned training that the history covers, in (0, 1].

    Returns a JSON-able dictionary:
        "level": "losses", "outputs" or "diversity", the most informative kind of signal used; None without a result.
        "signals": the columns used.
        "reason": why there is no result; None if there is one.
        "missing": columns of COLUMNS["diversity"] that are absent, not finite, or not usable with this loss.
        "family": family of the loss. "family_in_corpus": whether the corpus has runs with this family.
        "p_collapse": probability that the run has collapsed so far. "interval": the 95 % interval of the share of
            collapsed runs, among runs of held-out data sets with a similar probability. "answer": "collapse",
            "no_collapse" or "unsure". It is "unsure" if the probability is between 20 and 80 %, or if the answer that
            the probability favours is right too rarely on corpus runs.
        "p_failure", "failure_interval", "failure_answer": the same for a failure. A run that is not healthy is a
            failure (see truth.py).
        "forecast": "p_collapse", "interval" and "answer" for the end of training, and "at", the share of training for
            which the forecast model was trained. None unless `seen` is at least TOO_EARLY and below COMPLETE.
        "operating": the threshold of p_collapse that gives 10 % false alarms on the corpus, with the recall and the
            false alarms of each family at this threshold.

    Intervals, answers and "operating" were measured on runs with all columns of the level; this history may have fewer.
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
    collapse, failure, *later = _answers(
        tuple(f"{target}/{kind}" for target in targets), code(vector(series), _edges())
    )
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
    """Name of the model for a series: its signal level, or "shape" for losses alone without a known scale."""
    return "shape" if series.level == "losses" and not series.scaled else series.level


def _forecast_at(seen: float) -> int | None:
    """Percentage of training (25, 50 or 75) whose forecast model is used; None if no forecast is made."""
    return min((25, 50, 75), key=lambda share: abs(share - 100 * seen)) if TOO_EARLY <= seen < COMPLETE else None


def _answers(models: tuple[str, ...], codes: Codes) -> list[tuple[float, list[float], str]]:
    """For each model: calibrated probability, interval of the bin of this probability, and answer.

    A bin holds similar probabilities. Its interval is widened if it does not contain the probability.
    """
    forest, ends = _forests(models)
    votes = np.split(forest.values(codes), ends)
    return [_calibrated_answer(name, float(tree_votes.mean())) for name, tree_votes in zip(models, votes, strict=True)]


def _calibrated_answer(name: str, raw: float) -> tuple[float, list[float], str]:
    model, target = detector()["models"][name], name.partition("/")[0].partition("_after_")[0]
    p = calibrated(raw, model["calibration"])
    low, high = next((b["interval"] for b in model["bins"] if p < b["to"]), model["bins"][-1]["interval"])
    side = "yes" if p > 0.5 else "no"
    sure = max(p, 1 - p) >= CONFIDENT and side in model["sides"]
    answer = (target if p > 0.5 else f"no_{target}") if sure else "unsure"
    return round(p, 4), [round(min(low, p), 4), round(max(high, p), 4)], answer


@functools.cache
def _forests(models: tuple[str, ...]) -> tuple[Forest, list[int]]:
    """The trees of several models in one table, and the index of the first tree of each model except the first."""
    forests = [_forest(name) for name in models]
    return join(forests), np.cumsum([len(forest.roots) for forest in forests])[:-1].tolist()


@functools.cache
def _forest(name: str) -> Forest:
    stored = detector()
    return read_forest(stored["models"][name]["trees"], stored["leaf_decimals"])


@functools.cache
def _edges() -> np.ndarray:
    return edge_table([detector()["edges"][name] for name in NAMES])


def calibrated(raw: float, line: Mapping[str, float]) -> float:
    """Calibrated probability (Platt 1999): a logistic regression on the logit of the forest's mean vote."""
    raw = min(max(raw, 0.01), 0.99)
    return 1 / (1 + math.exp(-(line["slope"] * math.log(raw / (1 - raw)) + line["offset"])))
