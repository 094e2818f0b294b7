"""Train the detector of failures from loss trajectories, and measure it on groups of runs that it has not seen.

    python benchmarks/train_detector.py --corpus FOLDER

FOLDER holds trajectories.npz and runs.parquet. Writes gan_bench/collapse/detector.json and docs/detector.md; the same
corpus and scikit-learn give the same bytes. About four minutes on one core.

Extra-trees (Geurts, Ernst & Wehenkel 2006, Machine Learning 63) on features that mean the same for every loss family.
Trained on the main corpus (ring8, grid25, digits) without diverged runs, which a check for finite numbers finds;
digits256 and stacked are never trained on. Every run counts four times: whole, and cut at 40, 60 and 80 %, labelled
by its state there. A forecast is trained on cuts around its share, labelled by the end. All settings are below; none
is fitted to a left-out group.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from collapse_signs import FACTS, FILES, HELD_OUT, MAIN
from detector_document import render
from detector_tables import DATA_SET, FAMILY, GROUP, apply, bins, calibrate, measure, on_unseen, operating, sides
from sklearn.ensemble import ExtraTreesClassifier

from gan_bench.collapse.features import LEVELS, features
from gan_bench.collapse.learned import DETECTOR_FILE
from gan_bench.collapse.normal import COLUMNS, NotJudgedError
from gan_bench.collapse.track import LOSSES
from gan_bench.collapse.trees import STRIDE, read_forest
from gan_bench.files import canonical_json, digest_file, write_text

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "detector.md"

#: Codes of a feature, decimals of its edges and of a leaf's value.
CODES, EDGE_DECIMALS, LEAF_DECIMALS = STRIDE, 4, 3
FOREST = {"n_estimators": 64, "min_samples_leaf": 6, "max_features": 0.4, "random_state": 0, "n_jobs": 1}
#: Leaves of a tree by signals: large trees where the signal is weak, elsewhere they only take space.
MOST_LEAVES = {"losses": 160, "outputs": 160, "diversity": 40}

#: For "failure" only what is measured against the real data or against itself: levels of the losses, the distance of
#: D's outputs and coverage within a batch depend on how hard the data are, and misled it on an unseen data set.
CARRIES_OVER = ("trend", "rough", "changes", "levels", "first", "scissors", "spread", "div_", "near_to")
#: Shares of training that histories are cut at, by target; "now" = labelled by the state there, else by the end.
CUTS: dict[str, tuple[float, ...]] = {
    "collapse": (0.4, 0.6, 0.8, 1.0),
    "failure": (0.4, 0.6, 0.8, 1.0),
    "collapse_after_25": (0.15, 0.25, 0.35),
    "collapse_after_50": (0.4, 0.5, 0.6),
    "collapse_after_75": (0.65, 0.75, 0.85),
}
ASKED_AT = {"collapse_after_25": 0.25, "collapse_after_50": 0.5, "collapse_after_75": 0.75}
CHECKPOINTS, LAST = 20, 3

#: What the losses axis states beside what collapse_signs.py needs.
G_LEVEL = {"ns": np.log(2), "minimax": -np.log(2), "lsgan": 0.25, "hinge": 0.0}
SIGMOID = ("ns", "minimax")

Array = np.ndarray


def facts(loss: str) -> dict[str, Any]:
    """FACTS of a loss of the corpus."""
    own = FACTS[loss]
    level = None if own["equilibrium"] is None else {**own["equilibrium"], "g_loss": G_LEVEL[loss]}
    return {**own, "equilibrium": level, "output": "sigmoid" if loss in SIGMOID else "raw"}


class Corpus:
    """All runs: `runs` (one row each, with labels), features and states at any share of training."""

    def __init__(self, folder: Path) -> None:
        stored = np.load(folder / FILES[0])
        self.folder = folder
        self.runs = pd.read_parquet(folder / FILES[1])
        self.runs["failure"] = ~self.runs["healthy"]
        self.runs["group"] = self.runs["dataset"] + "/" + self.runs["loss"]
        self.runs["family"] = [FACTS[loss]["family"] for loss in self.runs["loss"]]
        self.channels = list(stored["channels"])
        self.values = stored["traj"].astype(np.float64)
        self.truth = {name: stored["gt"][:, :, i].astype(np.float64) for i, name in enumerate(stored["gt_names"])}
        self._features: dict[float, pd.DataFrame] = {}

    def history(self, run: int, share: float = 1.0) -> dict[str, Array]:
        """The first part of a run's log."""
        rows = round(share * self.values.shape[1])
        names = (*LOSSES, *COLUMNS["diversity"])
        found = {name: self.values[run, :rows, self.channels.index(name)] for name in names}
        every = int(self.runs["g_steps"].iloc[run]) // self.values.shape[1]
        return {"step": every * np.arange(1, rows + 1), **found}

    def features(self, share: float) -> pd.DataFrame:
        """One row per run; empty where a run cannot be judged."""
        if share not in self._features:
            self._features[share] = pd.DataFrame([self._describe(run, share) for run in range(len(self.runs))])
        return self._features[share]

    def _describe(self, run: int, share: float) -> dict[str, float]:
        try:
            return features(self.history(run, share), facts(self.runs["loss"].iloc[run]))[1]
        except NotJudgedError:
            return {}

    def labels(self, target: str, share: float) -> Array:
        """The label of a target for a history cut at `share`: the state there, or for a forecast at the end."""
        if target in ASKED_AT:
            return self.runs["collapse"].to_numpy()
        last = round(share * CHECKPOINTS)
        with np.errstate(invalid="ignore"):
            window = slice(last - LAST + 1, last + 1)
            coverage = self.truth["eff_modes"][:, window].mean(axis=1) / self.runs["ref_eff_modes"].to_numpy()
            quality = self.truth["hq"][:, window].mean(axis=1) / self.runs["ref_hq"].to_numpy()
            pairs = self.truth["pair_ratio"][:, window].mean(axis=1)
            if target == "collapse":
                return (coverage <= 0.5) | (pairs <= 0.3)
            return ~((coverage >= 0.75) & (quality >= 0.5))


class Task:
    """A target at a signal level: what is trained on which rows, with the numbers of the main corpus first."""

    def __init__(self, corpus: Corpus, target: str, level: str) -> None:
        self.name, self.target, self.level = f"{target}/{level}", target, level
        self.runs = corpus.runs
        share = ASKED_AT.get(target, 1.0)
        whole = corpus.features(share)
        self.columns = [name for name in whole.columns if self._takes(name)]
        self.main = (self.runs["dataset"].isin(MAIN) & ~self.runs["diverged"]).to_numpy()
        self.held_out = (self.runs["dataset"].isin(HELD_OUT) & ~self.runs["diverged"]).to_numpy()
        self.asked = whole[self.columns].to_numpy()
        self.shared = [corpus.features(s)[self.columns].to_numpy() for s in CUTS["collapse"]]
        self.truth = self.runs["failure" if target == "failure" else "collapse"].to_numpy()
        self.cuts = [(corpus.features(s)[self.columns].to_numpy(), corpus.labels(target, s)) for s in CUTS[target]]

    def _takes(self, name: str) -> bool:
        output = name.startswith(("spread", "apart"))
        diverse = name.startswith(("div_", "mean_shift", "cov_batch", "near_to", "cover_of"))
        if (output and self.level == "losses") or (diverse and self.level != "diversity"):
            return False
        return self.target != "failure" or (any(part in name for part in CARRIES_OVER) and not name.startswith("apart"))

    def fit(self, runs: Array) -> tuple[list[Array], list[list[int]]]:
        """Edges of the columns, and trees, from the runs that the mask names."""
        edges = edges_of(np.concatenate([values[runs] for values in self.shared]))
        values = np.concatenate([values[runs] for values, _ in self.cuts])
        labels = np.concatenate([labels[runs] for _, labels in self.cuts])
        forest = ExtraTreesClassifier(**FOREST, max_leaf_nodes=MOST_LEAVES[self.level])
        forest.fit(coded(values, edges), labels)
        return edges, [write_tree(tree.tree_, LEAF_DECIMALS) for tree in forest.estimators_]

    def ask(self, fitted: tuple[list[Array], list[list[int]]], runs: Array) -> Array:
        """Scores of the runs that the mask names."""
        edges, trees = fitted
        return read_forest(trees, LEAF_DECIMALS).predict(coded(self.asked[runs], edges))

    def left_out(self, by: str) -> Array:
        """Scores of the main corpus, each from a forest that has not seen the run's group."""
        groups = self.runs[by].to_numpy()
        scores = np.full(len(self.runs), np.nan)
        for group in np.unique(groups[self.main]):
            out = self.main & (groups == group)
            scores[out] = self.ask(self.fit(self.main & ~out), out)
        return scores[self.main]


def edges_of(values: Array) -> list[Array]:
    """Of each column at most CODES - 1 edges between which equally many values lie."""
    found = np.quantile(values, np.arange(1, CODES) / CODES, axis=0, method="inverted_cdf")
    return [np.unique(np.round(column, EDGE_DECIMALS)) for column in found.T]


def coded(values: Array, edges: list[Array]) -> Array:
    """Codes of features (n, columns), as `gan_bench.collapse.trees.code` makes them of one run's."""
    return np.stack([np.searchsorted(e, values[:, j], side="left") for j, e in enumerate(edges)], axis=1)


def write_tree(tree: Any, decimals: int) -> list[int]:
    """A fitted scikit-learn tree on codes, as `gan_bench.collapse.trees` reads it."""
    nodes: list[int] = []
    waiting = [0]
    while waiting:
        node = waiting.pop()
        if tree.children_left[node] < 0:
            votes = tree.value[node][0]
            nodes.append(-1 - round(float(votes[1] / votes.sum()) * 10**decimals))
        else:
            nodes.append(int(tree.feature[node]) * STRIDE + int(np.floor(tree.threshold[node])))
            waiting += [int(tree.children_right[node]), int(tree.children_left[node])]
    return nodes


def train(task: Task) -> tuple[dict[str, Any], dict[str, Any], dict[str, list[float]]]:
    """The model that is shipped, what was measured of its kind on left-out groups, and the edges of its columns."""
    runs, truth = task.runs[task.main], task.truth[task.main]
    scores = {by: task.left_out(by) for by in (GROUP, FAMILY, DATA_SET)}
    fitted = task.fit(task.main)
    # A user's data are an unseen data set: that is what probabilities are calibrated for.
    line = calibrate(scores[DATA_SET], truth)
    p = apply(scores[DATA_SET], line)
    model = {
        "columns": task.columns,
        "trees": fitted[1],
        "calibration": line,
        "bins": bins(p, truth),
        "operating": operating(p, truth, runs),
    }
    measured = measure(scores, truth, runs)
    model["sides"] = sides(measured["answers"][DATA_SET])
    measured["held_out"] = {}
    for name in HELD_OUT:
        part = task.held_out & (task.runs["dataset"] == name).to_numpy()
        measured["held_out"][name] = on_unseen(task.ask(fitted, part), task.truth[part], line)
    return model, measured, dict(zip(task.columns, [e.tolist() for e in fitted[0]], strict=True))


def build(folder: Path) -> dict[str, Any]:
    """The content of detector.json."""
    corpus = Corpus(folder)
    models, measured, edges = {}, {}, {}
    for target in CUTS:
        for level in LEVELS:
            task = Task(corpus, target, level)
            models[task.name], measured[task.name], own = train(task)
            edges |= own
            print(task.name, measured[task.name]["left_out"], flush=True)
    main = corpus.runs[corpus.runs["dataset"].isin(MAIN) & ~corpus.runs["diverged"]]
    return {
        "corpus": {
            "sha256": {name: digest_file(folder / name) for name in FILES},
            "families": sorted(set(corpus.runs["family"])),
            **{"runs": len(main), **{name: int(main[name].sum()) for name in ("collapse", "failure", "healthy")}},
        },
        "leaf_decimals": LEAF_DECIMALS,
        "edges": edges,
        "models": models,
        "measured": measured,
    }


def text(detector: dict[str, Any]) -> str:
    """JSON with a line for every model, feature and table, so that a change of one is seen as such."""
    parts = []
    for key in sorted(detector):
        value = detector[key]
        if isinstance(value, dict):
            lines = ",\n".join(f"{canonical_json(name)}:{canonical_json(value[name])}" for name in sorted(value))
            parts.append(f"{canonical_json(key)}:{{\n{lines}\n}}")
        else:
            parts.append(f"{canonical_json(key)}:{canonical_json(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--corpus", type=Path, required=True, help="folder with trajectories.npz and runs.parquet")
    parser.add_argument("--out", type=Path, default=DETECTOR_FILE, help="where to write the detector")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="where to write the tables")
    arguments = parser.parse_args()
    detector = build(arguments.corpus)
    write_text(arguments.out, text(detector))
    write_text(arguments.document, render(detector))


if __name__ == "__main__":
    main()
