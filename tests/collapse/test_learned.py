"""The learned detector: features that mean the same for any log, trees that predict as scikit-learn's, and answers."""

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import roc_auc_score
from trajectories import HINGE, LEAST_SQUARES, MINIMAX, NON_SATURATING, WASSERSTEIN, WITH_LEVEL, noise

from gan_bench.collapse.features import features
from gan_bench.collapse.learned import DETECTOR_FILE, detector, predict
from gan_bench.collapse.normal import COLUMNS, DIVERSITY, OUTPUTS, NotJudgedError
from gan_bench.collapse.trees import read_forest
from gan_bench.files import digest_file

FAMILIES = (*WITH_LEVEL, WASSERSTEIN)


def log(rows: int, loss: dict[str, Any], seed: int = 1, steps: int = 4000) -> dict[str, np.ndarray]:
    """Smooth curves with slow swings, sampled as means over equal spans: the same run at any density of the log."""
    fine = np.arange(1, steps + 1) / steps
    phases = np.random.Generator(np.random.PCG64(seed)).uniform(0, 2 * np.pi, 12)
    swing = [np.sin(2 * np.pi * (i + 2) * fine + phase) for i, phase in enumerate(phases)]
    names = ("d_loss", "g_loss", *COLUMNS["diversity"])
    level = {"d_loss": 1.0, "g_loss": 0.6, "d_real": 0.6, "d_fake": 0.4, "mean_shift": 0.3}
    curves = {n: level.get(n, 0.8) + 0.1 * w + 0.05 * swing[0] for n, w in zip(names, swing, strict=False)}
    if loss is WASSERSTEIN:
        curves["d_loss"] = -curves["d_loss"] * (1 - 0.5 * fine)
    if loss is MINIMAX:
        curves["g_loss"] = -curves["g_loss"]
    if loss is LEAST_SQUARES:
        curves["g_loss"] = curves["g_loss"] / 2
    means = {name: curve.reshape(rows, -1).mean(axis=1) for name, curve in curves.items()}
    return {"step": steps // rows * np.arange(1, rows + 1), **means}


def only(history: dict[str, np.ndarray], *names: str) -> dict[str, np.ndarray]:
    return {name: history[name] for name in ("step", "d_loss", "g_loss", *names)}


@pytest.mark.parametrize("loss", FAMILIES, ids=lambda f: f["family"])
@pytest.mark.parametrize("rows", [100, 400, 1000, 4000])
def test_features_do_not_depend_on_the_density_of_the_log(loss, rows):
    level, usual = features(log(200, loss), loss)
    other_level, other = features(log(rows, loss), loss)
    assert level == other_level == "diversity" and usual.keys() == other.keys()
    differences = {name: abs(usual[name] - other[name]) for name in usual}
    assert max(differences.values()) < 0.15, max(differences, key=differences.get)
    assert np.median(list(differences.values())) < 0.01


def test_uneven_spacing_of_the_rows_is_no_change():
    dense = log(4000, HINGE)
    steps = dense["step"]
    keep = np.concatenate([np.arange(1999), np.arange(1999, 4000, 5)])
    thin = {name: values[keep] for name, values in dense.items()}
    assert len(steps) > len(keep)
    usual, other = (features(only(h), HINGE)[1] for h in (dense, thin))
    assert max(abs(usual[name] - other[name]) for name in usual) < 0.15


def test_scale_and_offset_of_a_critic_do_not_matter():
    base = log(200, WASSERSTEIN)
    scaled = {**base, "d_loss": 1e4 * base["d_loss"], "g_loss": 1e4 * base["g_loss"] + 3e4}
    usual, other = (features(only(h), WASSERSTEIN)[1] for h in (base, scaled))
    assert usual == pytest.approx(other, abs=1e-5)


@pytest.mark.parametrize(("pair", "factor"), [((NON_SATURATING, MINIMAX), 1)], ids=["bce"])
def test_families_meet_in_the_same_units(pair, factor):
    """D(G(z)) = b gives the same belief whether G's loss is -log b or log(1 - b)."""
    b = 0.3 + noise(200, 0.05, 5).clip(-0.2, 0.2)
    step, d_loss = np.arange(1, 201), 1.2 + noise(200, 0.1, 6)
    ns = features({"step": step, "d_loss": d_loss, "g_loss": -np.log(b)}, pair[0])[1]
    minimax = features({"step": step, "d_loss": d_loss, "g_loss": np.log(1 - b)}, pair[1])[1]
    assert ns == pytest.approx(minimax, abs=factor * 1e-4)


def test_missing_columns_lower_the_level_and_leave_the_rest():
    whole = log(200, HINGE)
    level, everything = features(whole, HINGE)
    outputs_level, outputs = features(only(whole, *OUTPUTS), HINGE)
    losses_level, losses = features(only(whole), HINGE)
    assert (level, outputs_level, losses_level) == ("diversity", "outputs", "losses")
    assert losses.items() < outputs.items() < everything.items()
    broken = {**whole, "div_nn": np.full(200, np.nan)}
    assert features(broken, HINGE) == (outputs_level, outputs)
    assert features({**whole, "lg_fake_sd": np.full(200, np.inf)}, HINGE) == (losses_level, losses)
    assert predict(broken, HINGE)["missing"] == ["div_nn"]
    assert predict(only(whole, *DIVERSITY), HINGE)["missing"] == list(OUTPUTS)


@pytest.mark.parametrize("loss", FAMILIES, ids=lambda f: f["family"])
@pytest.mark.parametrize("rows", [10, 200, 100_000])
def test_any_number_of_rows_gets_a_probability(loss, rows):
    step = np.arange(1, rows + 1)
    found = predict({"step": step, "d_loss": 1 + noise(rows, 0.1, 1), "g_loss": noise(rows, 0.1, 2)}, loss)
    assert found["level"] == "losses"
    for p, interval in (("p_collapse", "interval"), ("p_failure", "failure_interval")):
        assert 0 <= found[interval][0] <= found[p] <= found[interval][1] <= 1
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("loss", FAMILIES, ids=lambda f: f["family"])
@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 1e300, 1e-300])
def test_constant_and_huge_columns_are_no_accident(loss, value):
    constant = dict.fromkeys(("d_loss", "g_loss", *COLUMNS["diversity"]), np.full(50, value))
    found = predict({"step": np.arange(50), **constant}, loss)
    if value < 0 and loss is not WASSERSTEIN:
        assert found["level"] is None and "negative" in found["reason"]
    else:
        assert found["level"] == "diversity" and 0 <= found["p_collapse"] <= 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"g_loss": np.full(200, np.nan)}, "finite"),
        ({"step": np.arange(200)[::-1]}, "increase"),
        ({"d_loss": np.array(["?"] * 200)}, "finite"),
        ({"step": np.arange(1, 3), "d_loss": np.ones(2), "g_loss": np.ones(2)}, "too few"),
    ],
    ids=["nan", "backwards", "text", "two rows"],
)
def test_what_cannot_be_judged_says_why(change, reason):
    found = predict({**only(log(200, HINGE)), **change}, HINGE)
    assert found["level"] is None and found["p_collapse"] is None and reason in found["reason"]
    json.dumps(found, allow_nan=False)


def test_a_loss_without_a_known_scale_is_refused():
    assert "not named" in predict(log(200, HINGE), None)["reason"]
    with pytest.raises(NotJudgedError, match="no level"):
        features(log(200, HINGE), {"family": "began", "equilibrium": None})
    assert not predict(log(200, HINGE), {**HINGE, "family": "relativistic"})["family_in_corpus"]


def test_a_run_seen_in_part_gets_a_forecast():
    history = log(200, HINGE)
    assert predict(history, HINGE)["forecast"] is None and predict(history, HINGE, seen=0.1)["forecast"] is None
    forecast = predict(history, HINGE, seen=0.45)["forecast"]
    assert forecast["at"] == 0.5 and forecast["interval"][0] <= forecast["p_collapse"] <= forecast["interval"][1]


def test_answers_abstain_between_and_where_they_were_wrong_too_often():
    for model in detector()["models"].values():
        assert set(model["sides"]) <= {"yes", "no"}
    assert detector()["models"]["failure/losses"]["sides"] == []
    assert predict(only(log(200, HINGE)), HINGE)["failure_answer"] == "unsure"


def test_two_hundred_histories_a_second():
    histories = [log(200, HINGE, seed) for seed in range(40)]
    predict(histories[0], HINGE)
    start = time.process_time()
    for history in histories:
        predict(history, HINGE)
    assert len(histories) / (time.process_time() - start) >= 200


def test_inference_needs_neither_torch_nor_scikit_learn():
    code = (
        "import sys, numpy as np, gan_bench.collapse.learned as l;"
        "l.predict({'step': np.arange(20), 'd_loss': np.ones(20), 'g_loss': np.ones(20)},"
        " {'family': 'wasserstein', 'equilibrium': None});"
        "print('torch' in sys.modules, 'sklearn' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False False\n"


@pytest.fixture(scope="module")
def script(root: Path) -> Any:
    sys.path.insert(0, str(root / "benchmarks"))
    yield _load(root / "benchmarks" / "train_detector.py")
    sys.path.remove(str(root / "benchmarks"))


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("train_detector", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_stored_trees_predict_as_the_training_library(script):
    rng = np.random.Generator(np.random.PCG64(3))
    codes = rng.integers(0, 64, (300, 7))
    truth = (codes[:, 0] + codes[:, 3] + rng.integers(0, 40, 300)) > 80
    forest = ExtraTreesClassifier(20, min_samples_leaf=2, max_leaf_nodes=50, random_state=1).fit(codes, truth)
    stored = json.loads(json.dumps([script.write_tree(tree.tree_, 12) for tree in forest.estimators_]))
    new = rng.integers(0, 64, (500, 7))
    assert read_forest(stored, 12).predict(new) == pytest.approx(forest.predict_proba(new)[:, 1], abs=1e-9)


def test_one_leaf_is_a_tree():
    forest = read_forest([[-251], [5, -1, -1001]], 3)
    assert forest.predict(np.array([[5], [6]])).tolist() == [0.125, 0.625]


def test_the_file_is_small_text():
    assert DETECTOR_FILE.stat().st_size < 1_000_000
    DETECTOR_FILE.read_text(encoding="ascii")


@pytest.fixture(scope="module")
def corpus(script: ModuleType, shared_data: Path) -> Any:
    folder = shared_data / "loss_trajectories"
    if not folder.is_dir():
        pytest.skip("the corpus of loss trajectories is absent")
    return script.Corpus(folder)


def test_the_file_was_trained_on_this_corpus(corpus):
    stored = detector()["corpus"]
    assert stored["sha256"] == {name: digest_file(corpus.folder / name) for name in stored["sha256"]}
    assert (stored["runs"], stored["collapse"], stored["healthy"]) == (428, 129, 110)


@pytest.mark.parametrize("level", ["losses", "outputs", "diversity"])
def test_the_shipped_models_repeat_what_was_measured_on_unseen_data_sets(corpus, script, level):
    """digits256 and stacked, never trained on: AUROC through `predict`, one history at a time."""
    runs = corpus.runs
    for name, measured in detector()["measured"][f"collapse/{level}"]["held_out"].items():
        part = np.flatnonzero((runs["dataset"] == name) & ~runs["diverged"])
        p = []
        for run in part:
            history = only(corpus.history(run), *COLUMNS[level])
            found = predict(history, script.facts(runs["loss"].iloc[run]))
            assert found["level"] == level
            p.append(found["p_collapse"])
        truth = runs["collapse"].to_numpy()[part]
        assert roc_auc_score(truth, p) == pytest.approx(measured["auroc"], abs=0.005)


def test_training_again_gives_the_same_trees(corpus, script):
    task = script.Task(corpus, "collapse_after_50", "diversity")
    edges, trees = task.fit(task.main)
    assert trees == detector()["models"][task.name]["trees"]
    assert [e.tolist() for e in edges] == [detector()["edges"][column] for column in task.columns]


@pytest.mark.parametrize(
    ("level", "least", "unseen"), [("losses", 0.88, 0.82), ("outputs", 0.96, 0.94), ("diversity", 0.98, 0.96)]
)
def test_measured_on_left_out_groups(level, least, unseen):
    left_out = detector()["measured"][f"collapse/{level}"]["left_out"]
    assert left_out["group"]["auroc"] >= least and left_out["dataset"]["auroc"] >= unseen
