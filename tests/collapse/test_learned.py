"""The features of the learned detector depend neither on the number of rows nor on the scale of the losses."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from trajectories import noise

from gan_bench import registry
from gan_bench.collapse.features import INDEX, JOINT, SCALE_FREE, features
from gan_bench.collapse.learned import DETECTOR_FILE, detector, predict
from gan_bench.collapse.normalisation import BELIEFS, COLUMNS, DIVERSITY, OUTPUT_SERIES, OUTPUTS, make_series


def facts(name: str) -> dict[str, Any]:
    return dict(registry.component("losses", name).facts)


NON_SATURATING, MINIMAX, LEAST_SQUARES = facts("non_saturating"), facts("minimax"), facts("least_squares")
HINGE, WASSERSTEIN, BEGAN = facts("hinge"), facts("wasserstein"), facts("began")
WITH_LEVEL = (NON_SATURATING, MINIMAX, LEAST_SQUARES, HINGE, facts("relativistic"))
FAMILIES = (*WITH_LEVEL, WASSERSTEIN)


def log(rows: int, loss: dict[str, Any], seed: int = 1, steps: int = 4000) -> dict[str, np.ndarray]:
    """A log of slowly changing curves that do not depend on `rows`.

    Each of the `rows` rows is a mean over a window of the curves.
    """
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
    level, reference = features(log(200, loss), loss)
    other_level, other = features(log(rows, loss), loss)
    assert level == other_level == "diversity" and reference.keys() == other.keys()
    differences = {name: abs(reference[name] - other[name]) for name in reference}
    assert max(differences.values()) < 0.15, max(differences, key=differences.get)
    assert np.median(list(differences.values())) < 0.01


def test_features_do_not_depend_on_the_spacing_of_the_rows():
    dense = log(4000, HINGE)
    steps = dense["step"]
    keep = np.concatenate([np.arange(1999), np.arange(1999, 4000, 5)])
    thin = {name: values[keep] for name, values in dense.items()}
    assert len(steps) > len(keep)
    reference, other = (features(only(h), HINGE)[1] for h in (dense, thin))
    assert max(abs(reference[name] - other[name]) for name in reference) < 0.15


def test_scale_and_offset_of_a_critic_do_not_matter():
    base = log(200, WASSERSTEIN)
    scaled = {**base, "d_loss": 1e4 * base["d_loss"], "g_loss": 1e4 * base["g_loss"] + 3e4}
    reference, other = (features(only(h), WASSERSTEIN)[1] for h in (base, scaled))
    assert reference == pytest.approx(other, abs=1e-5)


@pytest.mark.parametrize(("pair", "factor"), [((NON_SATURATING, MINIMAX), 1)], ids=["bce"])
def test_minimax_and_non_saturating_have_the_same_units(pair, factor):
    """For D(G(z)) = b, the non-saturating G loss is -log b and the minimax G loss is log(1 - b).

    Logs with either loss give nearly equal features.
    """
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
    assert set(everything) == set(INDEX)


@pytest.mark.parametrize("column", [*OUTPUTS, *DIVERSITY])
def test_every_column_alone_is_used_and_changes_the_result(column):
    """A column added to the losses is used. Its level changes the result, unless the column is a spread."""
    probabilities = set()
    for value in (-1.0, 1.0) if column in ("d_real", "d_fake") else (0.02, 1.0):
        history = {**only(log(200, HINGE)), column: value * (1 + noise(200, 0.05, 3))}
        prediction = predict(history, HINGE)
        assert prediction["level"] == ("outputs" if column in OUTPUTS else "diversity")
        assert prediction["signals"] == ["d_loss", "g_loss", column]
        assert prediction["missing"] == [name for name in COLUMNS["diversity"] if name != column]
        probabilities.add((prediction["p_collapse"], prediction["p_failure"]))
    # A single spread (lg_*) is divided by its median, so a constant factor has no effect.
    assert len(probabilities) == (1 if column.startswith("lg_") else 2)


@pytest.mark.parametrize("column", [*OUTPUTS, *DIVERSITY])
@pytest.mark.parametrize("broken", [np.full(200, np.nan), np.full(200, np.inf), np.array(["?"] * 200)])
def test_all_but_one_column_are_still_used(column, broken):
    whole = log(200, HINGE)
    prediction = predict({**whole, column: broken}, HINGE)
    assert prediction["level"] == "diversity" and prediction["missing"] == [column]
    assert set(prediction["signals"]) == {"d_loss", "g_loss", *COLUMNS["diversity"]} - {column}
    assert prediction == predict({name: values for name, values in whole.items() if name != column}, HINGE)


def test_a_series_needs_exactly_its_columns():
    whole = log(200, NON_SATURATING)
    for name, columns in OUTPUT_SERIES.items():
        assert name in make_series(only(whole, *columns), NON_SATURATING).others
        for left in columns:
            rest = [column for column in columns if column != left]
            assert name not in make_series(only(whole, *rest), NON_SATURATING).others


@pytest.mark.parametrize("loss", WITH_LEVEL, ids=lambda f: f["family"])
@pytest.mark.parametrize("belief", [0.05, 0.3, 0.5, 0.8])
def test_a_declared_belief_is_what_d_thinks(loss, belief):
    """If all outputs of D are equal, G's loss determines D's belief, the probability that generated images are real."""
    torch = pytest.importorskip("torch")
    name = "relativistic" if loss["family"] == "relativistic" else loss["family"]
    module = registry.load("losses", name)
    settings = {key: field.default for key, field in registry.component("losses", name).settings.items()}
    logit = np.log(belief / (1 - belief))
    raw = {"square": belief, "linear": 2 * belief - 1}.get(loss["belief"], logit)
    fake, real = torch.full((4,), raw, dtype=torch.float64), torch.zeros(4, dtype=torch.float64)
    g_loss = module.generator(real if loss.get("generator_needs_real") else None, fake, settings)
    level = loss["equilibrium"]
    assert BELIEFS[loss["belief"]](float(g_loss), level["g_loss"], level["d_loss"]) == pytest.approx(belief)


def test_a_users_loss_has_units_if_it_declares_a_belief():
    """A user's loss, ten times the hinge loss, gives the same p_collapse as hinge if its file declares a belief."""
    declared = {"family": "mine", "output": "raw", "equilibrium": {"d_loss": 20.0, "g_loss": 0.0}, "belief": "linear"}
    history = only(log(200, HINGE))
    scaled = {**history, "d_loss": 10 * history["d_loss"], "g_loss": 10 * history["g_loss"]}
    reference, prediction = predict(history, HINGE), predict(scaled, declared)
    assert prediction["p_collapse"] == reference["p_collapse"] and not prediction["family_in_corpus"]
    silent = {name: value for name, value in declared.items() if name != "belief"}
    free = features(scaled, silent)[1]
    assert set(free) == {f"{which}_{stat}" for which in ("d", "g") for stat in SCALE_FREE} | set(JOINT)
    assert predict(scaled, silent)["p_collapse"] == predict(history, silent)["p_collapse"], "no scale is read"
    assert predict(history, None)["p_collapse"] == predict(history, silent)["p_collapse"]
    assert predict(scaled, {**declared, "belief": "unheard of"})["p_collapse"] == predict(scaled, silent)["p_collapse"]
    assert predict(scaled, {**declared, "equilibrium": None})["p_collapse"] == predict(scaled, silent)["p_collapse"]


def test_began_declares_no_level_and_is_judged_by_what_needs_none():
    history = log(200, HINGE)
    assert predict(history, BEGAN)["level"] == "diversity" and predict(only(history), BEGAN)["level"] == "losses"
    known = {name for name in features(history, BEGAN)[1] if name.startswith(("seen_", "gap_"))}
    assert not known, "D's outputs have no scale either"


@pytest.mark.parametrize("loss", FAMILIES, ids=lambda f: f["family"])
@pytest.mark.parametrize("rows", [10, 200, 100_000])
def test_any_number_of_rows_gets_a_probability(loss, rows):
    step = np.arange(1, rows + 1)
    prediction = predict({"step": step, "d_loss": 1 + noise(rows, 0.1, 1), "g_loss": noise(rows, 0.1, 2)}, loss)
    assert prediction["level"] == "losses"
    for p, interval in (("p_collapse", "interval"), ("p_failure", "failure_interval")):
        assert 0 <= prediction[interval][0] <= prediction[p] <= prediction[interval][1] <= 1
    json.dumps(prediction, allow_nan=False)


@pytest.mark.parametrize("loss", FAMILIES, ids=lambda f: f["family"])
@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 1e300, 1e-300])
def test_constant_and_huge_columns_are_judged(loss, value):
    constant = dict.fromkeys(("d_loss", "g_loss", *COLUMNS["diversity"]), np.full(50, value))
    prediction = predict({"step": np.arange(50), **constant}, loss)
    if value < 0 and loss is not WASSERSTEIN:
        assert prediction["level"] is None and "negative" in prediction["reason"]
    else:
        assert prediction["level"] == "diversity" and 0 <= prediction["p_collapse"] <= 1


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
def test_a_reason_is_given_for_what_cannot_be_judged(change, reason):
    prediction = predict({**only(log(200, HINGE)), **change}, HINGE)
    assert prediction["level"] is None and prediction["p_collapse"] is None and reason in prediction["reason"]
    json.dumps(prediction, allow_nan=False)


def test_a_run_seen_in_part_gets_a_forecast():
    history = log(200, HINGE)
    assert predict(history, HINGE)["forecast"] is None and predict(history, HINGE, seen=0.1)["forecast"] is None
    forecast = predict(history, HINGE, seen=0.45)["forecast"]
    assert forecast["at"] == 0.5 and forecast["interval"][0] <= forecast["p_collapse"] <= forecast["interval"][1]


def test_answers_are_unsure_where_they_were_wrong_too_often():
    for model in detector()["models"].values():
        assert set(model["sides"]) <= {"yes", "no"}
    assert detector()["models"]["failure/losses"]["sides"] == []
    assert predict(only(log(200, HINGE)), HINGE)["failure_answer"] == "unsure"


def seconds(task: Callable[[], object], times: int = 7) -> float:
    """CPU seconds of the fastest of several calls, because a single call may include a garbage collection."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        task()
        taken.append(time.process_time() - start)
    return min(taken)


def test_a_call_takes_milliseconds_and_the_file_opens_fast():
    history = log(200, HINGE, 0)
    assert seconds(lambda: predict(history, HINGE, seen=0.5)) < 0.02, "2.5 ms on an idle machine"
    assert seconds(lambda: json.loads(DETECTOR_FILE.read_text(encoding="ascii"))) < 0.3, "30 ms on an idle machine"


def test_inference_needs_neither_torch_nor_scikit_learn():
    code = (
        "import sys, numpy as np, gan_bench.collapse.learned as l;"
        "l.predict({'step': np.arange(20), 'd_loss': np.ones(20), 'g_loss': np.ones(20)},"
        " {'family': 'wasserstein', 'equilibrium': None});"
        "print('torch' in sys.modules, 'sklearn' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False False\n"
