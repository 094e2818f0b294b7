"""Measures how often a detector is right, with intervals, from its scores of runs that it was not trained on."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from gan_bench.collapse.learned import CONFIDENT, calibrated
from gan_bench.stats.estimate.intervals import wilson_interval

#: Columns by which runs are left out of training: all runs with the same value in the column are left out together.
#: GROUP: pairs of data set and loss. FAMILY: loss families; the two critics are one family. DATA_SET: data sets; data
#: sets of the same images have the same value.
GROUP, FAMILY, DATA_SET = "group", "family", "images"

#: Sets of runs for which numbers are computed. OLDER: runs of the older corpus (small perceptrons) on the data sets
#: OLDER_MAIN, for which aims were set. SUITE: runs of gan-bench.
ALL, OLDER, SUITE = "all", "older", "suite"
OLDER_MAIN = ("ring8", "grid25", "digits")

DRAWS = 1000
FALSE_ALARMS = 0.1
BIN_EDGES = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 1.0)
LEAST_IN_BIN = 20
DECIMALS = 4

Array = np.ndarray


def auroc(scores: Array, truth: Array) -> float:
    """AUROC by the Mann-Whitney statistic; NaN if one of the two classes has no run."""
    hits = int(truth.sum())
    if hits in (0, len(truth)):
        return float("nan")
    return float((rankdata(scores)[truth].sum() - hits * (hits + 1) / 2) / (hits * (len(truth) - hits)))


def recall_at(scores: Array, truth: Array) -> float:
    """Recall at the threshold that is the 90 % quantile of the scores of negative runs."""
    return float((scores[truth] > np.quantile(scores[~truth], 1 - FALSE_ALARMS)).mean())


def bootstrap(scores: Array, truth: Array, groups: Array) -> dict[str, list[float]]:
    """95 % percentile intervals of AUROC and recall, from a bootstrap over whole groups."""
    members = [np.flatnonzero(groups == name) for name in np.unique(groups)]
    rng = np.random.Generator(np.random.PCG64(0))
    drawn = []
    for _ in range(DRAWS):
        rows = np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        if truth[rows].any() and not truth[rows].all():
            drawn.append((auroc(scores[rows], truth[rows]), recall_at(scores[rows], truth[rows])))
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    return {"auroc_95": _rounded([low[0], high[0]]), "recall_95": _rounded([low[1], high[1]])}


def calibrate(scores: Array, truth: Array) -> dict[str, float]:
    """Calibration by Platt 1999 with smoothed targets: slope and offset of a line in the logit of the score.

    The line is fitted by Newton's method.
    """
    share = np.clip(scores, 0.01, 0.99)
    x = np.stack([np.log(share / (1 - share)), np.ones(len(share))], axis=1)
    hits, rest = int(truth.sum()), int((~truth).sum())
    aim = np.where(truth, (hits + 1) / (hits + 2), 1 / (rest + 2))

    def cost(line: Array) -> float:
        return float((np.logaddexp(0, x @ line) - aim * (x @ line)).sum())

    line = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ line))
        curvature = (x * (p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, x.T @ (aim - p))
        while cost(line + step) > cost(line) and np.abs(step).max() > 1e-9:
            step = step / 2
        line = line + step
    return {"slope": round(float(line[0]), DECIMALS), "offset": round(float(line[1]), DECIMALS)}


def apply(scores: Array, line: dict[str, float]) -> Array:
    return np.array([calibrated(float(score), line) for score in scores])


def cross_calibrated(scores: Array, truth: Array, groups: Array) -> Array:
    """Probabilities of all runs. Each group is calibrated by a line fitted to the scores of the other groups."""
    found = np.full(len(scores), np.nan)
    for group in np.unique(groups):
        out = groups == group
        found[out] = apply(scores[out], calibrate(scores[~out], truth[~out]))
    return found


def bins(p: Array, truth: Array) -> list[dict[str, Any]]:
    """Number of runs and of hits in bins of the probability, with Wilson 95 % intervals.

    Neighbouring bins are merged until each has at least LEAST_IN_BIN runs.
    """
    found: list[dict[str, Any]] = []
    start = 0.0
    for end in BIN_EDGES[1:]:
        inside = (p >= start) & (p < end if end < 1 else p <= 1)
        if inside.sum() >= LEAST_IN_BIN or end == 1:
            found.append({"from": start, "to": end, "inside": inside})
            start = end
    if len(found) > 1 and found[-1]["inside"].sum() < LEAST_IN_BIN:
        last = found.pop()
        found[-1] = {"from": found[-1]["from"], "to": 1.0, "inside": found[-1]["inside"] | last["inside"]}
    return [_bin(b["from"], b["to"], p[b["inside"]], truth[b["inside"]]) for b in found]


def _bin(start: float, end: float, p: Array, truth: Array) -> dict[str, Any]:
    n, hits = len(p), int(truth.sum())
    return {
        "from": start,
        "to": end,
        "n": n,
        "hits": hits,
        "mean": round(float(p.mean()), DECIMALS) if n else None,
        "interval": _share(hits, n)["share_95"] or [0.0, 1.0],
    }


def operating(p: Array, truth: Array, runs: pd.DataFrame) -> dict[str, Any]:
    """The threshold with 10 % false alarms in all runs, and the rates at this threshold (all runs, loss families)."""
    threshold = round(float(np.quantile(p[~truth], 1 - FALSE_ALARMS)), DECIMALS)
    alarm = p > threshold
    parts = {"all": np.ones(len(p), dtype=bool)}
    parts |= {name: (runs["family"] == name).to_numpy() for name in sorted(set(runs["family"]))}
    return {"threshold": threshold, **{name: alarms(alarm[part], truth[part]) for name, part in parts.items()}}


def alarms(alarm: Array, truth: Array) -> dict[str, Any]:
    return {
        "n": len(truth),
        "positive": int(truth.sum()),
        "recall": _share(int((alarm & truth).sum()), int(truth.sum())),
        "false_alarms": _share(int((alarm & ~truth).sum()), int((~truth).sum())),
        "precision": _share(int((alarm & truth).sum()), int(alarm.sum())),
    }


def by_loss(scores: Array, truth: Array, runs: pd.DataFrame) -> dict[str, Any]:
    """AUROC and alarms for each loss. The threshold is the one with 10 % false alarms on the runs with other losses."""
    found = {}
    for loss in sorted(set(runs["loss"])):
        part = (runs["loss"] == loss).to_numpy()
        threshold = np.quantile(scores[~part & ~truth], 1 - FALSE_ALARMS)
        own, labels = scores[part], truth[part]
        found[loss] = {
            "auroc": round(auroc(own, labels), DECIMALS),
            "auroc_95": _run_bootstrap(own, labels),
            **alarms(own > threshold, labels),
        }
    return found


def _run_bootstrap(scores: Array, truth: Array) -> list[float]:
    """95 % percentile interval of AUROC, from a bootstrap over runs."""
    rng = np.random.Generator(np.random.PCG64(0))
    rows = rng.integers(len(truth), size=(DRAWS, len(truth)))
    drawn = [auroc(scores[r], truth[r]) for r in rows]
    return _rounded(np.nanquantile(drawn, [0.025, 0.975]))


def answers(p: Array, truth: Array) -> dict[str, Any]:
    """Number of answers, how many are right, and AUROC with the score 0.5 for all runs without an answer.

    A run has an answer if `p` or 1 - `p` is at least CONFIDENT.
    """
    sure = np.maximum(p, 1 - p) >= CONFIDENT
    right = int(((p > 0.5) == truth)[sure].sum())
    tied = np.where(sure, p, 0.5)
    return {
        "n": len(p),
        "answered": int(sure.sum()),
        "right": _share(right, int(sure.sum())),
        "yes": _share(int((truth & sure & (p > 0.5)).sum()), int((sure & (p > 0.5)).sum())),
        "no": _share(int((~truth & sure & (p < 0.5)).sum()), int((sure & (p < 0.5)).sum())),
        "auroc_tied": round(auroc(tied, truth), DECIMALS),
    }


def sides(found: dict[str, Any]) -> list[str]:
    """The answers ("yes", "no") that may be given: those that were given and right often enough on unseen data sets."""
    enough = {side: found[side]["of"] >= LEAST_IN_BIN for side in ("yes", "no")}
    return [
        side for side, is_enough in enough.items() if is_enough and found[side]["hits"] >= CONFIDENT * found[side]["of"]
    ]


def parts_of(runs: pd.DataFrame) -> dict[str, Array]:
    return {
        ALL: np.ones(len(runs), dtype=bool),
        OLDER: runs["dataset"].isin(OLDER_MAIN).to_numpy(),
        SUITE: runs["suite"].to_numpy(),
    }


def measure(scores: dict[str, Array], truth: Array, runs: pd.DataFrame) -> dict[str, Any]:
    """All numbers for a target and a model. Each score comes from a forest that was trained without the run's group."""
    groups, images = runs[GROUP].to_numpy(), runs[DATA_SET].to_numpy()
    left_out: dict[str, Any] = {by: {} for by in scores}
    for by, own in scores.items():
        for name, part in parts_of(runs).items():
            left_out[by][name] = {
                "n": int(part.sum()),
                "positive": int(truth[part].sum()),
                **rates(own[part], truth[part], groups[part]),
            }
    within = {}
    for name in np.unique(runs["dataset"]).tolist():
        part = (runs["dataset"] == name).to_numpy()
        area = auroc(scores[DATA_SET][part], truth[part])
        within[name] = {"n": int(part.sum()), "positive": int(truth[part].sum()),
                        "auroc": None if np.isnan(area) else round(area, DECIMALS)}  # fmt: skip
    # Folds of (data set, loss) pairs have data sets in common. The calibration for a data set is therefore fitted to
    # the scores of the other data sets, not to those of the other folds.
    p = {by: cross_calibrated(scores[by], truth, images) for by in (GROUP, DATA_SET)}
    return {
        "left_out": left_out,
        "by_loss": by_loss(scores[GROUP], truth, runs),
        "unseen_data_sets": within,
        "bins": {by: bins(own, truth) for by, own in p.items()},
        "answers": {by: answers(own, truth) for by, own in p.items()},
    }


def rates(scores: Array, truth: Array, groups: Array) -> dict[str, Any]:
    """AUROC and recall with their intervals; all None if all runs, or no runs, are positive."""
    if not 0 < truth.sum() < len(truth):
        return {"auroc": None, "recall": None, "auroc_95": None, "recall_95": None}
    return {
        "auroc": round(auroc(scores, truth), DECIMALS),
        "recall": round(recall_at(scores, truth), DECIMALS),
        **bootstrap(scores, truth, groups),
    }


def on_unseen(scores: Array, truth: Array, line: dict[str, float]) -> dict[str, Any]:
    """Numbers of a model on runs of data sets that it was not trained on; `line` is its calibration."""
    p = apply(scores, line)
    both = 0 < truth.sum() < len(truth)
    return {
        "n": len(truth),
        "positive": int(truth.sum()),
        "auroc": round(auroc(scores, truth), DECIMALS) if both else None,
        "auroc_95": _run_bootstrap(scores, truth) if both else None,
        "recall": round(recall_at(scores, truth), DECIMALS) if both else None,
        "answers": {
            key: value for key, value in answers(p, truth).items() if key in ("answered", "right", "yes", "no")
        },
    }


def _share(part: int, whole: int) -> dict[str, Any]:
    found = wilson_interval(part, whole)
    return {"hits": part, "of": whole, "share_95": None if found is None else _rounded(found)}


def _rounded(values: Any) -> list[float]:
    return [round(float(value), DECIMALS) for value in values]
