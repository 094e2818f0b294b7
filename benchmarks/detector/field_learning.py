"""The two models of the field detector, their calibration, thresholds and scope.

The field detector judges logs that have only the losses of D and G. Its first model, the "line", is an L2-regularised
logistic regression. It is trained on the small runs: those of gan-bench, and those of an older corpus of perceptrons.
The second model, the "forest", consists of extra-trees. It is trained on other people's logs with a suitable licence
and on beginnings of these logs. A log is out of scope, and is not judged, if its features are too far from those of
known logs. docs/detector.md says how features and models were chosen, and how many alternatives were compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass
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
#: Mask of the features that the line reads: levels of the losses, and the share of negative losses of D.
LINE = np.isin(NAMES, [*LEVEL, "d_negative"])
#: Name of a choice -> mask of the features that the forest reads.
COLUMNS = {"all": np.ones(len(NAMES), dtype=bool), "shape": ~np.isin(NAMES, LEVEL)}
#: Assumed share of failures among logs without a sign that raises an alarm by itself (15 of 64 such logs have failed).
#: The share is fixed, so that a left-out group does not shift all probabilities.
PRIOR = 0.25
#: Largest share of fine logs with an alarm.
ALARMS = 0.1
#: The covariance of known logs is mixed with a diagonal matrix, which has this weight.
SHRINKAGE = 0.5
LENGTHS = ("short", "long")


@dataclass(frozen=True)
class Choice:
    """A combination of the two models: features of the forest, and weights for the ranks of the two scores."""

    forest: str = "all"
    weights: tuple[float, float] = (1.0, 1.0)


#: SHIPPED: the choice in field.json. CHOICES: all choices, which are compared on the groups that are not left out. In a
#: tie, the first one is taken.
SHIPPED = Choice()
CHOICES = (
    *(Choice(forest=forest, weights=weights) for weights in ((1.0, 1.0), (0.0, 1.0)) for forest in ("all", "shape")),
    Choice(weights=(1.0, 0.0)),
)
QUANTILES = np.linspace(0.0, 1.0, 21)
DECIMALS = 5


def balanced(failed: Array, weight: Array) -> Array:
    """Weights with the same sum for failed and fine examples; mean 1."""
    out = weight.astype(np.float64)
    for label in (False, True):
        out[failed == label] /= out[failed == label].sum()
    return np.asarray(out * len(out) / 2)


def fit_line(rows: Rows, scope_rows: Array) -> dict[str, Any]:
    """Fit the line to standardised features.

    `scope_rows`: features of field logs. They contribute only to the means and sds of the features outside LINE.
    """
    weight = balanced(rows.failed, np.ones(len(rows.failed)))
    values = np.concatenate([rows.values, scope_rows])
    shares = np.concatenate([weight / weight.sum(), np.zeros(len(scope_rows))])
    if len(scope_rows):  # features outside LINE are used only for the distance, in which both corpora weigh the same
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


def fit_forest(rows: Rows, columns: Array = COLUMNS["all"]) -> dict[str, Any]:
    """Edges and trees of a forest on `columns`; the last column of `rows.values` is the weight of a row."""
    values, weight = rows.values[:, :-1], balanced(rows.failed, rows.values[:, -1])
    edges = edges_of(values)
    forest = ExtraTreesClassifier(**FOREST, random_state=0)
    coded = code(values, edge_table(edges)).astype(np.float32)[:, columns]
    forest.fit(coded, rows.failed, sample_weight=weight)
    places = np.flatnonzero(columns)
    trees = write_forest([write_tree(tree.tree_, LEAF_DECIMALS, places) for tree in forest.estimators_])
    return {"edges": dict(zip(NAMES, edges, strict=True)), "trees": trees, "leaf_decimals": LEAF_DECIMALS}


def fit_scope(line: dict[str, Any], own: Array, field: Array) -> list[list[float]]:
    """Inverse square root of the shrunk covariance of standardised features. Both corpora have the same weight."""
    mean, sd = np.array(line["mean"]), np.array(line["sd"])
    parts = [np.nan_to_num(np.clip((values - mean) / sd, -CLIP, CLIP)) for values in (own, field)]
    covariance = sum(np.cov(part.T, bias=True) + np.outer(part.mean(0), part.mean(0)) for part in parts) / 2
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * np.eye(len(mean)) * np.trace(covariance) / len(mean)
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors / np.sqrt(values)) @ vectors.T
    return np.round(root, EDGE_DECIMALS).tolist()


def fit_models(own: Rows, field: Rows, without: Iterable[str] = (), forest: str = "all") -> dict[str, Any]:
    """Line, forest and scope. The field logs of the groups in `without` are not used."""
    kept = ~np.isin(field.group, list(without))
    rows = Rows(field.values[kept], field.failed[kept], field.group[kept])
    line = fit_line(own, rows.values[:, :-1])
    return {
        "line": line,
        **fit_forest(rows, COLUMNS[forest]),
        "precision_root": fit_scope(line, own.values, rows.values[:, :-1]),
    }


def calibrate_ranks(scores: Array, failed: Array, choice: Choice = SHIPPED) -> dict[str, Any]:
    """The table of ranks among known logs, and slope and offset that turn the weighted sum of two ranks into a logit.

    Args:
        scores: (logs, MODELS); each score comes from a model that was trained without the log's group.
    """
    ranks = {name: np.round(np.quantile(column, QUANTILES), DECIMALS).tolist()
             for name, column in zip(MODELS, scores.T, strict=True)}  # fmt: skip
    weights = dict(zip(MODELS, choice.weights, strict=True))
    total = np.array(
        [sum(weights[n] * (rank(float(s), ranks[n]) - 0.5) for n, s in zip(MODELS, row, strict=True)) for row in scores]
    )
    weight = np.where(failed, PRIOR / failed.mean(), (1 - PRIOR) / (1 - failed.mean()))
    model = LogisticRegression(C=100.0).fit(total[:, None], failed, sample_weight=weight)
    return {"ranks": ranks, "calibration": {"weights": weights, "slope": round(float(model.coef_[0, 0]), DECIMALS),
                                            "offset": round(float(model.intercept_[0]), DECIMALS)}}  # fmt: skip


def conformal(values: Array, beyond: float, most: float) -> float:
    """Split conformal threshold: a new value exceeds it with a probability of at most `beyond`.

    Returns `most` if there are too few values for such a threshold.
    """
    place = int(np.ceil((1 - beyond) * (len(values) + 1)))
    return round(float(np.sort(values)[place - 1]), 4) if place <= len(values) else most


def length_of(log: FieldLog) -> str:
    return "long" if len(log.d) >= LONG else "short"


def assessor(document: dict[str, Any]) -> Assessor:
    """An assessor with the parts in `document`; parts that are not fitted yet are empty."""
    empty = {"advertised": ALARMS, "signs": {}, "ranks": {}, "calibration": {}, "thresholds": {}, "scope": {}}
    return Assessor({**empty, "errors": {}, **document})
