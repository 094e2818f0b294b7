"""The field detector gives verdicts from losses alone, from more signals, and for runs of a study."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_field import CASES, fine, noise, spiky, write
from trajectories import NON_SATURATING

from gan_bench import paths
from gan_bench.collapse.answer import signs_in_losses, stated_probability, verdict_lines
from gan_bench.collapse.field_verdict import with_failure
from gan_bench.collapse.inputs import Logged, detect_file, judge_logs
from gan_bench.collapse.picture import probability_over_time
from gan_bench.collapse.verdict import judge
from gan_bench.files import write_json
from gan_bench.jobs.detect import detect_cell


def fooled(rows: int = 200) -> pd.DataFrame:
    return pd.DataFrame({"step": np.arange(rows), "d_loss": np.full(rows, 100.0), "g_loss": np.zeros(rows)})


def with_outputs(frame: pd.DataFrame) -> pd.DataFrame:
    """`frame` with columns of D's outputs as in a healthy run."""
    means = {"d_real": 0.6, "d_fake": 0.4, "lg_real_sd": 0.5, "lg_fake_sd": 0.5}
    return frame.assign(**{name: noise(len(frame), mean, 0.03, 9) for name, mean in means.items()})


def test_losses_alone_have_a_probability_of_failure_and_none_of_collapse(tmp_path):
    calm, bad = detect_file(write(tmp_path, "a.csv", fine())), detect_file(write(tmp_path, "b.csv", spiky()))
    assert calm["verdict"] == "no_sign_found" and not calm["evidence"] and calm["next_check"].startswith("Score")
    assert bad["verdict"] == "failure_suspected" and bad["evidence"][0]["sign"] == "field_detector"
    assert bad["p_failure"] == bad["failure"]["p_failure"] > 0.5 and bad["began_step"] is not None
    for document in (calm, bad):
        assert document["p_collapse"] is document["interval"] is None
        assert stated_probability(document)[0] == "failure"
        assert "collapse" not in document["note"] and "a failure is" in verdict_lines(document)[1]
    exploded = {"step": np.arange(100), "d_loss": np.full(100, -8.6), "g_loss": np.geomspace(400, 1e12, 100)}
    assert detect_file(write(tmp_path, "c.csv", exploded))["verdict"] == "diverged"


def test_reasons_are_properties_of_the_log_in_words(tmp_path):
    lines = verdict_lines(detect_file(write(tmp_path, "b.csv", spiky())))
    reasons = [line for line in lines if line.startswith("for a failure")]
    assert len(reasons) == 2 and "D's loss is near zero with rare spikes (right on" in reasons[0]
    lines = verdict_lines(detect_file(write(tmp_path, "a.csv", fine())))
    assert "against a failure: D's loss ends at a median of 1.2 and is below 0.1 in 0% of the log" in lines


def test_a_failure_is_dated_by_the_log_so_far(tmp_path):
    parts = {name: np.append(values[:200], fooled()[name] + 200 * (name == "step")) for name, values in fine().items()}
    document = detect_file(write(tmp_path, "a.csv", parts))
    assert document["verdict"] == "failure_suspected" and 200 <= document["began_step"] <= 300


def test_a_deciding_sign_counts_beside_d_outputs_and_samples_overrule_it():
    frame = with_outputs(fooled())
    judged = judge(frame, NON_SATURATING)
    document = with_failure(judged, frame, NON_SATURATING)
    assert document["p_collapse"] == judged["p_collapse"] is not None and document["interval"] == judged["interval"]
    assert document["evidence"][0]["sign"] == "field_detector" and document["verdict"] != "no_sign_found"
    acquitted = {"says": "no_collapse", "evidence": [], "poor_quality": False}
    judged = judge(frame, NON_SATURATING, None, acquitted)
    document = with_failure(judged, frame, NON_SATURATING)
    assert document["verdict"] == judged["verdict"] and document["evidence"] == judged["evidence"]
    assert document["failure"]["alarm"], "the sign is stated all the same"
    healthy = with_outputs(pd.DataFrame(fine()))
    judged = judge(healthy, NON_SATURATING)
    assert with_failure(judged, healthy, NON_SATURATING)["verdict"] == judged["verdict"]


@pytest.mark.parametrize("says", ["collapse", "no_collapse"])
def test_samples_decide_over_losses_alone(says):
    frame, samples = pd.DataFrame(spiky()), {"says": says, "evidence": [], "poor_quality": False}
    judged = judge(frame, NON_SATURATING, {"status": "ok"}, samples)
    assert with_failure(judged, frame, NON_SATURATING)["verdict"] == judged["verdict"]


def test_a_divergence_that_the_trainer_reports_stands():
    frame = pd.DataFrame(fine())
    status = {"status": "diverged", "step": 400, "reason": "the loss is not finite"}
    document = with_failure(judge(frame, NON_SATURATING, status), frame, NON_SATURATING)
    assert document["verdict"] == "diverged" and document["began_step"] == 400


def judged_run(folder: Path, frame: pd.DataFrame, rows: list[dict], extractor: str = "classifier") -> dict:
    """The content of collapse.json of a run with the given history and scores."""
    run = paths.seed_folder(folder, 0)
    run.mkdir(parents=True)
    frame.to_parquet(run / paths.HISTORY)
    settings = {"method": {"name": "adversarial"}, "loss": {"name": "non_saturating"}, "tricks": [], "penalty": None}
    write_json(run / paths.SETTINGS, settings)
    write_json(run / paths.STATUS, {"status": "ok"})
    protocol = {"extractor_settings": {"name": extractor}}
    write_json(run / paths.METRICS, {"metrics": rows, "floor": [], "protocol": protocol})
    detect_cell(folder, [0])
    return json.loads((run / paths.COLLAPSE).read_text())


def test_a_verdict_of_a_study_has_the_signs_and_words_of_detect(tmp_path: Path):
    """Generated images fool D in this run. In an earlier version, the field detector judged no such runs of a study."""
    frame = with_outputs(fooled())
    document = judged_run(tmp_path / "cell", frame, [])
    log = write(tmp_path, "log.csv", {name: frame[name].to_numpy() for name in frame})
    same = detect_file(log, "ns")
    for key in ("verdict", "p_failure", "failure_interval", "failure", "evidence"):
        assert document[key] == same[key], key
    assert any("D is fooled" in sign for sign in signs_in_losses(document))
    assert verdict_lines(document) == verdict_lines(same)


def test_shares_of_imagenet_classes_are_no_evidence_of_a_collapse(tmp_path: Path):
    """In an earlier version, the shares of ImageNet classes in the samples gave runs on photographs a false verdict.

    The verdict was "collapse_confirmed".
    """
    rows = [{"name": "kl_classes", "value": 3.5}]
    frame = pd.DataFrame(fine())
    assert judged_run(tmp_path / "fitted", frame, rows)["verdict"] == "collapse_confirmed"
    assert judged_run(tmp_path / "pretrained", frame, rows, "efficientnet_lite0")["verdict"] == "no_sign_found"


def test_each_deciding_sign_is_named_in_the_answer(tmp_path):
    for name, (d, g) in CASES.items():
        log = {"step": np.arange(len(d)), "d_loss": d, "g_loss": g}
        document = detect_file(write(tmp_path, f"{name}.csv", log))
        assert document["verdict"] in ("failure_suspected", "diverged", "d_overpowering"), name
        assert document["failure"]["reasons"][0]["sign"] == name
        assert any(line.startswith("for a failure: ") for line in verdict_lines(document)), name


def test_the_picture_ends_with_the_probability_that_is_printed(tmp_path):
    """In an earlier version, the picture showed the probability of the detector of small runs."""
    (judged,) = judge_logs(write(tmp_path, "a.csv", spiky()), Logged())
    step, p, low, high = probability_over_time(judged.history, judged.facts)[-1]
    assert (step, p, [low, high]) == (399, judged.document["p_failure"], judged.document["failure_interval"])
