"""Forests that predict the outcome of a run from the features of its log.

The forests are extra-trees (Geurts, Ernst & Wehenkel 2006, Machine Learning 63) on features with the same meaning for
every loss family. Each target, such as "collapse", has four models. They differ in the columns that the log must have:

- "shape": losses, whose scale may be unknown;
- "losses": losses whose scale is known;
- "outputs": the same, and at least one column of D's outputs;
- "diversity": the same as for "losses", and at least one column of batch diversity.

The models "outputs" and "diversity" are also trained on copies of each run with random columns removed, so that they
work with any subset of these columns. Missing features have a separate code.
"""

from typing import Any

import numpy as np
from detector_corpus import SCALE, Array, Corpus, needed
from sklearn.ensemble import ExtraTreesClassifier

from gan_bench.collapse.features import NAMES
from gan_bench.collapse.normalisation import COLUMNS, DIVERSITY, OUTPUTS
from gan_bench.collapse.trees import STRIDE, Forest, code, edge_table, read_forest, write_forest

#: Values of a feature are divided into intervals by edges; the number of a value's interval is its code.
#: EDGE_DECIMALS, LEAF_DECIMALS: decimals of edges, and of a leaf's value.
EDGE_DECIMALS, LEAF_DECIMALS = 4, 3
FOREST: dict[str, Any] = {"n_estimators": 64, "min_samples_leaf": 6, "class_weight": "balanced"}
#: Model -> share of the features among which a split is chosen; they are drawn at random for each split.
FEATURES = {"shape": 0.6, "losses": 0.6, "outputs": 0.3, "diversity": 0.3}
#: Largest number of leaves of a tree, by model. Large trees help only if the signal is weak.
MOST_LEAVES = {"shape": 120, "losses": 160, "outputs": 160, "diversity": 80}
MODELS = tuple(MOST_LEAVES)

#: The target "failure" uses only features whose names contain one of these strings and do not begin with "apart". Such
#: features are relative to the real data, or to other values of the same run. The other features (levels of the losses,
#: the distance of D's outputs, coverage within a batch) depend on the difficulty of the data, and misled the model on
#: unseen data sets.
CARRIES_OVER = ("trend", "rough", "changes", "levels", "first", "scissors", "spread", "div_", "near_to")
#: Target -> shares of training at which histories are cut. Each cut history is a training example. Its label is that of
#: the run at the cut if the cuts are STATES, and otherwise that of the run at the end of training.
STATES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
CUTS: dict[str, tuple[float, ...]] = {
    "collapse": STATES,
    "failure": STATES,
    "collapse_after_25": (0.15, 0.25, 0.35),
    "collapse_after_50": (0.4, 0.5, 0.6),
    "collapse_after_75": (0.65, 0.75, 0.85),
}
ASKED_AT = {"collapse_after_25": 0.25, "collapse_after_50": 0.5, "collapse_after_75": 0.75}

#: Number of copies of each complete row; random columns are removed from each copy.
PARTLY = 2
NEEDED = needed()
ORDER = COLUMNS["diversity"]


def kept(columns: tuple[str, ...], scaled: bool = True) -> Array:
    """(features,) whether each feature can be computed from the losses and these columns.

    `scaled`: whether the scale of the losses is known.
    """
    gone = np.array([name not in columns for name in ORDER])
    return ~(NEEDED & gone).any(axis=1) & (scaled | ~SCALE)


#: Model -> mask of the features that it uses if all of its columns are logged.
WHOLE = {
    "shape": kept((), scaled=False),
    "losses": kept(()),
    "outputs": kept(OUTPUTS),
    "diversity": kept(OUTPUTS + DIVERSITY),
}


def partial_rows(model: str, rows: int) -> list[Array]:
    """PARTLY masks (rows, features) of the features that remain after random columns of each row are removed.

    The masks do not depend on which rows are used for training.
    """
    if model in ("shape", "losses"):
        return []
    rng = np.random.Generator(np.random.PCG64(list(MOST_LEAVES).index(model)))
    own = OUTPUTS if model == "outputs" else DIVERSITY
    found = []
    for _ in range(PARTLY):
        masks = []
        for _ in range(rows):
            # Keep one column, all columns but one, or a random number of columns. For "diversity", a third of the rows
            # have no column of D's outputs.
            most = len(own)
            size = int(rng.choice([1, most - 1, rng.integers(1, most + 1)]))
            columns = set(rng.permutation(own)[:size].tolist())
            if model == "diversity" and rng.random() > 1 / 3:
                columns |= set(rng.permutation(OUTPUTS)[: int(rng.integers(1, len(OUTPUTS) + 1))].tolist())
            masks.append(kept(tuple(columns), scaled=bool(rng.random() > 0.1)))
        found.append(np.stack(masks))
    return found


class Task:
    """Training data of one model for one target: features and labels of the runs at each cut."""

    def __init__(self, corpus: Corpus, target: str, model: str) -> None:
        self.name, self.target, self.model = f"{target}/{model}", target, model
        self.runs = corpus.runs
        self.used = np.array([self._takes(i) for i in range(len(NAMES))])
        self.asked = corpus.features(ASKED_AT.get(target, 1.0))
        judged = ~np.isnan(self.asked).all(axis=1)
        self.main = ~self.runs["diverged"].to_numpy() & judged
        self.shared = [corpus.features(share) for share in STATES[1::2]]
        self.truth = self.runs["failure" if target == "failure" else "collapse"].to_numpy()
        self.cuts = []
        shares = CUTS[target]
        if model in ("outputs", "diversity") and shares == STATES:
            shares = STATES[1::2]  # using all cuts does not improve these models
        for share in shares:
            label = self.truth if target in ASKED_AT else corpus.state(target, share)
            self.cuts.append((corpus.features(share), label))
        self.masks = partial_rows(model, len(self.cuts) * len(self.runs))

    def _takes(self, feature: int) -> bool:
        if not WHOLE[self.model][feature]:
            return False
        name = NAMES[feature]
        return self.target != "failure" or (any(part in name for part in CARRIES_OVER) and not name.startswith("apart"))

    def fit(self, runs: Array, weights: Array | None = None) -> tuple[list[list[float]], str]:
        """Train on the runs in the mask `runs`; returns the edges of all features and the text of the trees."""
        edges = edges_of(np.concatenate([values[runs] for values in self.shared]))
        whole = np.concatenate([values for values, _ in self.cuts])
        labels = np.concatenate([labels for _, labels in self.cuts])
        # A run that is too short to be judged at a cut has no features at this cut.
        rows = np.tile(runs, len(self.cuts)) & ~np.isnan(whole).all(axis=1)
        seen = [np.where(WHOLE[self.model], whole, np.nan), *(np.where(mask, whole, np.nan) for mask in self.masks)]
        codes = np.concatenate([code(part[rows], edge_table(edges)) for part in seen])
        forest = ExtraTreesClassifier(
            **FOREST, max_features=FEATURES[self.model], max_leaf_nodes=MOST_LEAVES[self.model], random_state=0
        )
        places = np.flatnonzero(self.used)
        weight = None if weights is None else np.tile(np.tile(weights, len(self.cuts))[rows], len(seen))
        forest.fit(codes[:, places].astype(np.float32), np.tile(labels[rows], len(seen)), sample_weight=weight)
        return edges, write_forest([write_tree(tree.tree_, LEAF_DECIMALS, places) for tree in forest.estimators_])

    def ask(self, fitted: tuple[list[list[float]], str], runs: Array, mask: Array | None = None) -> Array:
        """Scores of the runs in the mask `runs`, from the features in `mask`, or from all features of the model."""
        edges, text = fitted
        values = np.where(WHOLE[self.model] if mask is None else mask, self.asked[runs], np.nan)
        forest: Forest = read_forest(text, LEAF_DECIMALS)
        return forest.predict(code(values, edge_table(edges)))


def edges_of(values: Array) -> list[list[float]]:
    """At most STRIDE - 2 edges for each column, with about equally many values between neighbouring edges."""
    found = []
    for column in values.T:
        own = column[~np.isnan(column)]
        at = np.arange(1, STRIDE - 1) / (STRIDE - 1)
        edges = np.quantile(own, at, method="inverted_cdf") if len(own) else np.empty(0)
        found.append(np.unique(np.round(edges, EDGE_DECIMALS)).tolist())
    return found


def write_tree(tree: Any, decimals: int, places: Array) -> list[int]:
    """A fitted scikit-learn tree as the list of nodes that `gan_bench.collapse.trees` reads.

    The tree's columns are codes of the features at `places`.
    """
    nodes: list[int] = []
    waiting = [0]
    left, right, column, cut = (
        getattr(tree, name).tolist() for name in ("children_left", "children_right", "feature", "threshold")
    )
    while waiting:
        node = waiting.pop()
        if left[node] < 0:
            votes = tree.value[node][0]
            nodes.append(-1 - round(float(votes[1] / votes.sum()) * 10**decimals))
        else:
            nodes.append(int(places[column[node]]) * STRIDE + int(np.floor(cut[node])))
            waiting += [right[node], left[node]]
    return nodes
