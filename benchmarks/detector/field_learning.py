"""The two models of the field detector, their calibration, thresholds and scope.

The line: L2-regularised logistic regression on the small runs of this suite and the older perceptrons. The forest:
extra-trees on logs of other people that may be fitted to, and on their beginnings. Choices of features and models are
stated in docs/detector.md with the number of variants that were compared.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from detector_learning import EDGE_DECIMALS, LEAF_DECIMALS, edges_of, write_tree
from field_corpus import Array, FieldLog, Rows
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression

from gan_bench.collapse.field import CLIP, LONG, MODELS, Assessor, rank
from gan_bench.collapse.field_features import LEVEL, NAMES
from gan_bench.collapse.trees import code, edge_table, write_forest

PENALTY = 0.1
FOREST: dict[str, Any] = {"n_estimators": 200, "min_samples_leaf": 5, "max_features": "sqrt"}
#: The line reads levels alone.
LINE = np.isin(NAMES, [*LEVEL, "d_negative"])
#: Share of failures that probabilities are stated for, among logs without a deciding sign (15 of 64 known logs have
#: failed). It is fixed, so that a left-out group does not shift all probabilities.
PRIOR = 0.25
#: Most alarms among fine logs.
ALARMS = 0.1
#: Share of a diagonal matrix in the covariance of known logs.
SHRINKAGE = 0.5
LENGTHS = ("short", "long")
QUANTILES = np.linspace(0.0, 1.0, 21)
DECIMALS = 5


def balanced(failed: Array, weight: Array) -> Array:
    """Weights with the same sum for failed and fine examples; mean 1."""
    out = weight.astype(np.float64)
    for label in (False, True):
        out[failed == label] /= out[failed == label].sum()
    return np.asarray(out * len(out) / 2)


def fit_line(rows: Rows, scope_rows: Array) -> dict[str, Any]:
    """The line on standardised level features. `scope_rows`: further features that the standard units come from."""
    weight = balanced(rows.failed, np.ones(len(rows.failed)))
    values = np.concatenate([rows.values, scope_rows])
    shares = np.concatenate([weight / weight.sum(), np.zeros(len(scope_rows))])
    if len(scope_rows):  # shape features are used for the distance alone: both corpora count alike
        even = np.concatenate(
            [np.full(len(weight), 0.5 / len(weight)), np.full(len(scope_rows), 0.5 / len(scope_rows))]
        )
    else:
        even = shares
    mean, sd = np.zeros(len(NAMES)), np.ones(len(NAMES))
    for j, column in enumerate(values.T):
        known, w = ~np.isnan(column), shares if LINE[j] else even
        mean[j] = np.average(column[known], weights=w[known])
        sd[j] = np.sqrt(np.average((column[known] - mean[j]) ** 2, weights=w[known])) + 1e-6
    standard = np.nan_to_num(np.clip((rows.values - mean) / sd, -CLIP, CLIP))
    model = LogisticRegression(C=PENALTY, max_iter=3000).fit(standard[:, LINE], rows.failed, sample_weight=weight)
    weights = np.zeros(len(NAMES))
    weights[LINE] = model.coef_[0]
    return {
        "mean": np.round(mean, DECIMALS).tolist(),
        "sd": np.round(sd, DECIMALS).tolist(),
        "weights": np.round(weights, DECIMALS).tolist(),
        "offset": round(float(model.intercept_[0]), DECIMALS),
    }


def fit_forest(rows: Rows) -> dict[str, Any]:
    """Edges and trees; the last column of `rows.values` is the weight of a row."""
    values, weight = rows.values[:, :-1], balanced(rows.failed, rows.values[:, -1])
    edges = edges_of(values)
    forest = ExtraTreesClassifier(**FOREST, random_state=0)
    forest.fit(code(values, edge_table(edges)).astype(np.float32), rows.failed, sample_weight=weight)
    places = np.arange(len(NAMES))
    trees = write_forest([write_tree(tree.tree_, LEAF_DECIMALS, places) for tree in forest.estimators_])
    return {"edges": dict(zip(NAMES, edges, strict=True)), "trees": trees, "leaf_decimals": LEAF_DECIMALS}


def fit_scope(line: dict[str, Any], own: Array, field: Array) -> list[list[float]]:
    """Inverse root of the shrunk covariance of standardised features, both corpora with the same weight."""
    mean, sd = np.array(line["mean"]), np.array(line["sd"])
    parts = [np.nan_to_num(np.clip((values - mean) / sd, -CLIP, CLIP)) for values in (own, field)]
    covariance = sum(np.cov(part.T, bias=True) + np.outer(part.mean(0), part.mean(0)) for part in parts) / 2
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * np.eye(len(mean)) * np.trace(covariance) / len(mean)
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors / np.sqrt(values)) @ vectors.T
    return np.round(root, EDGE_DECIMALS).tolist()


def fit_models(own: Rows, field: Rows, without: Sequence[str] = ()) -> dict[str, Any]:
    """Line, forest and scope without the groups named."""
    kept = ~np.isin(field.group, without)
    rows = Rows(field.values[kept], field.failed[kept], field.group[kept])
    line = fit_line(own, rows.values[:, :-1])
    return {"line": line, **fit_forest(rows), "precision_root": fit_scope(line, own.values, rows.values[:, :-1])}


def calibrate_ranks(scores: Array, failed: Array) -> dict[str, Any]:
    """Ranks of both scores among known logs, and the line from their sum to a logit.

    Args:
        scores: (logs, MODELS), each from models that did not see the log's group.
    """
    ranks = {name: np.round(np.quantile(column, QUANTILES), DECIMALS).tolist()
             for name, column in zip(MODELS, scores.T, strict=True)}  # fmt: skip
    total = np.array([sum(rank(float(s), ranks[n]) for n, s in zip(MODELS, row, strict=True)) - 1 for row in scores])
    weight = np.where(failed, PRIOR / failed.mean(), (1 - PRIOR) / (1 - failed.mean()))
    model = LogisticRegression(C=100.0).fit(total[:, None], failed, sample_weight=weight)
    return {"ranks": ranks, "calibration": {"slope": round(float(model.coef_[0, 0]), DECIMALS),
                                            "offset": round(float(model.intercept_[0]), DECIMALS)}}  # fmt: skip


def conformal(p: Array) -> float:
    """Split conformal threshold: a further healthy log exceeds it with a probability of at most ALARMS."""
    place = int(np.ceil((1 - ALARMS) * (len(p) + 1)))
    return round(float(np.sort(p)[place - 1]), 4) if place <= len(p) else 1.0


def length_of(log: FieldLog) -> str:
    return "long" if len(log.d) >= LONG else "short"


def assessor(document: dict[str, Any]) -> Assessor:
    """An assessor of models alone; what is not fitted yet is neutral."""
    empty = {"advertised": ALARMS, "signs": {}, "ranks": {}, "calibration": {}, "thresholds": {}, "scope": {}}
    return Assessor({**empty, "errors": {}, **document})
