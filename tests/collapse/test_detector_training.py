"""The stored trees of the detector predict as scikit-learn's trees do. Tables, trees and error rates agree."""

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier

from gan_bench import registry
from gan_bench.collapse.features import INDEX
from gan_bench.collapse.learned import DETECTOR_FILE, calibrated, detector, predict
from gan_bench.collapse.normalisation import COLUMNS
from gan_bench.collapse.trees import STRIDE, code, edge_table, join, read_forest, write_forest
from gan_bench.files import digest_file


def only(history: dict[str, np.ndarray], *names: str) -> dict[str, np.ndarray]:
    return {name: history[name] for name in ("step", "d_loss", "g_loss", *names)}


@pytest.fixture(scope="module")
def script(root: Path) -> Any:
    sys.path.insert(0, str(root / "benchmarks" / "detector"))
    yield importlib.import_module("detector_learning")
    sys.path.remove(str(root / "benchmarks" / "detector"))


def test_stored_trees_predict_as_the_training_library(script):
    rng = np.random.Generator(np.random.PCG64(3))
    codes = rng.integers(0, 64, (300, 7))
    truth = (codes[:, 0] + codes[:, 3] + rng.integers(0, 40, 300)) > 80
    forest = ExtraTreesClassifier(20, min_samples_leaf=2, max_leaf_nodes=50, random_state=1).fit(codes, truth)
    places = np.arange(7)
    stored = read_forest(write_forest([script.write_tree(tree.tree_, 4, places) for tree in forest.estimators_]), 4)
    new = rng.integers(0, 64, (500, 7))
    predicted = stored.predict(new)
    assert predicted == pytest.approx(forest.predict_proba(new)[:, 1], abs=5e-5)
    assert [stored.values(row).mean() for row in new[:20]] == pytest.approx(predicted[:20], abs=1e-12)
    twice = join([stored, stored])
    assert twice.values(new[3])[:20].tolist() == twice.values(new[3])[20:].tolist() == stored.values(new[3]).tolist()


def test_one_leaf_is_a_tree():
    forest = read_forest(write_forest([[-251], [5, -1, -1001]]), 3)
    assert forest.predict(np.array([[5], [6]])).tolist() == [0.125, 0.625]


def test_codes_count_the_edges_below_and_keep_zero_for_what_is_missing():
    table = edge_table([[0.0, 1.0], []])
    values = np.array([[-1.0, 5.0], [0.0, np.nan], [0.5, -np.inf], [2.0, np.inf], [np.nan, 0.0]])
    assert code(values, table).tolist() == [[1, 1], [1, 0], [2, 1], [3, 1], [0, 1]]
    assert code(np.full(2, np.inf), edge_table([list(range(STRIDE - 2)), []])).max() < STRIDE


def test_the_file_is_small_text():
    assert DETECTOR_FILE.stat().st_size < 1_500_000
    DETECTOR_FILE.read_text(encoding="ascii")


@pytest.fixture(scope="module")
def corpus(script: ModuleType, root: Path, shared_data: Path) -> Any:
    folder = shared_data / "loss_trajectories"
    if not folder.is_dir():
        pytest.skip("the corpus of loss trajectories is absent")
    return importlib.import_module("detector_corpus").Corpus(folder, root / "results" / "reference" / "detector")


def test_the_file_was_trained_on_these_tables(corpus):
    stored = detector()["corpus"]
    for which, folder in (("older", corpus.older), ("suite", corpus.own)):
        assert stored["sha256"][which] == {name: digest_file(folder / name) for name in stored["sha256"][which]}
    older = corpus.runs[~corpus.runs["suite"] & ~corpus.runs["diverged"]]
    main = older[older["dataset"].isin(["ring8", "grid25", "digits"])]
    assert (len(main), main["collapse"].sum(), main["healthy"].sum()) == (428, 129, 110)
    assert stored["runs"] == (~corpus.runs["diverged"]).sum()


@pytest.mark.parametrize("model", ["losses", "outputs", "diversity"])
def test_prediction_of_a_history_is_that_of_the_training_code(corpus, script, model):
    """`predict` on single histories gives what the stored trees give for all these histories at once."""
    task = script.Task(corpus, "collapse", model)
    stored = detector()
    edges = [stored["edges"][name] for name in INDEX]
    some = np.flatnonzero(task.main)[::40]
    mask = np.isin(np.arange(len(task.runs)), some)
    raw = task.ask((edges, stored["models"][task.name]["trees"]), mask)
    line = stored["models"][task.name]["calibration"]
    for run, score in zip(some, raw, strict=True):
        history = only(corpus.history(run), *COLUMNS[model])
        prediction = predict(history, registry.component("losses", _loss(corpus, run)).facts)
        assert prediction["level"] == model and prediction["p_collapse"] == pytest.approx(
            calibrated(score, line), abs=1e-4
        )


def _loss(corpus: Any, run: int) -> str:
    return str(importlib.import_module("detector_corpus").LOSS_FILES[corpus.runs["loss"].iloc[run]])


def test_training_again_gives_the_same_trees(corpus, script):
    task = script.Task(corpus, "collapse_after_50", "diversity")
    edges, trees = task.fit(task.main)
    assert trees == detector()["models"][task.name]["trees"]
    assert dict(zip(INDEX, edges, strict=True)) == detector()["edges"]


def test_labels_from_other_samples_agree(corpus):
    """At least 90 % of the labels stay the same if they are computed from other samples of the same runs."""
    counts = detector()["measured"]["labels"]["other samples"]
    assert counts["collapse"]["of"] == (corpus.runs["suite"] & ~corpus.runs["diverged"]).sum()
    assert all(count["same"] >= 0.9 * count["of"] for count in counts.values())


@pytest.mark.parametrize(
    ("level", "least", "unseen"), [("losses", 0.88, 0.82), ("outputs", 0.96, 0.94), ("diversity", 0.98, 0.96)]
)
def test_measured_on_left_out_groups(level, least, unseen):
    """AUROC reaches its targets on the runs of the older corpus (small perceptrons), for which the targets were set."""
    left_out = detector()["measured"][f"collapse/{level}"]["left_out"]
    assert left_out["group"]["older"]["auroc"] >= least and left_out["images"]["older"]["auroc"] >= unseen
