"""Verdicts have priorities and name their evidence. No verdict says that a run is healthy."""

import json

import numpy as np
import pandas as pd
import pytest
from trajectories import (
    HINGE,
    LEAST_SQUARES,
    MINIMAX,
    NON_SATURATING,
    WASSERSTEIN,
    d_won,
    diverged,
    flat,
    g_falling,
    opposing,
    scissors,
    steady,
)

from gan_bench.collapse import detector_result
from gan_bench.collapse.explanation import NEXT_CHECK
from gan_bench.collapse.samples import sample_check
from gan_bench.collapse.verdict import VERDICTS, judge
from gan_bench.errors import UserError

LN4 = 2 * np.log(2)


def stub(p: float | None, answer: str | None = "unsure", level: str = "losses") -> dict:
    """An artificial result of the learned detector with the threshold .4.

    If `p` is None, the detector has no result.
    """
    rates = {"hits": 9, "of": 93, "share_95": [0.05, 0.17]}
    operating = {"threshold": 0.4, "all": {"n": 428, "positive": 129, **dict.fromkeys(("recall", "precision"), rates)}}
    operating["all"]["false_alarms"] = rates
    silent = {"level": None, "reason": "the loss was not named", "p_collapse": None, "interval": None, "answer": None}
    heard = {"level": level, "reason": None, "p_collapse": p, "interval": [0.2, 0.9], "answer": answer}
    return {**(silent if p is None else heard), "operating": operating, "forecast": None}


@pytest.fixture(autouse=True)
def detector(monkeypatch: pytest.MonkeyPatch):
    """detector(p, ...) sets the result of the learned detector. By default, the detector has no result."""

    def answers(*args: object, **more: object) -> None:
        monkeypatch.setattr(detector_result, "predict", lambda *_: stub(*args, **more))

    answers(None)
    return answers


CASES = [
    (diverged(), NON_SATURATING, "diverged"),
    (diverged(), WASSERSTEIN, "diverged"),
    (d_won(LN4), NON_SATURATING, "d_overpowering"),
    (d_won(0.5), LEAST_SQUARES, "d_overpowering"),
    (d_won(2.0), HINGE, "d_overpowering"),
    (scissors(LN4), NON_SATURATING, "d_overpowering"),
    (scissors(LN4), MINIMAX, "d_overpowering"),
    (scissors(1.0, shift=3.0), WASSERSTEIN, "not_judged"),
    (scissors(LN4), None, "not_judged"),
    (g_falling(), NON_SATURATING, "not_judged"),
    (flat(), NON_SATURATING, "generator_stalled"),
    (flat(), WASSERSTEIN, "generator_stalled"),
    (opposing(), NON_SATURATING, "mode_hopping_suspected"),
    (opposing(), None, "mode_hopping_suspected"),
    (opposing(), MINIMAX, "mode_hopping_suspected"),
    (steady(), NON_SATURATING, "not_judged"),
    (steady(-1.0), WASSERSTEIN, "not_judged"),
]


@pytest.mark.parametrize(("frame", "loss", "verdict"), CASES)
def test_verdict(frame: pd.DataFrame, loss: dict | None, verdict: str) -> None:
    document = judge(frame, loss)
    assert document["verdict"] == verdict
    assert bool(document["evidence"]) == (verdict != "not_judged")
    assert (document["began_step"] is None) == (verdict == "not_judged") and document["reason"]
    assert document["next_check"] == NEXT_CHECK[verdict]
    json.dumps(document, allow_nan=False)


def test_no_verdict_is_called_healthy(detector) -> None:
    assert "healthy" not in VERDICTS and set(NEXT_CHECK) == set(VERDICTS)
    detector(0.1)
    assert "does not mean it worked" in judge(steady(), NON_SATURATING)["note"]


def test_evidence_quotes_the_rule_and_its_measured_rates() -> None:
    entry = judge(d_won(LN4), NON_SATURATING)["evidence"][0]
    assert entry["sign"] == "d_loss_at_zero" and entry["value"] < entry["threshold"] == 0.1
    assert entry["window"] == [141 * 20, 4000] and "ganhacks" in entry["source"]
    pooled = entry["corpus"]["pooled"]
    assert (pooled["fired"], pooled["right"], pooled["n"]) == (23, 23, 286)
    assert entry["corpus"]["family"]["fired"] == 4


def test_a_weak_sign_is_reported_but_carries_nothing() -> None:
    document = judge(g_falling(), NON_SATURATING)
    assert [entry["sign"] for entry in document["weak_signs"]] == ["g_loss_falling"]
    assert document["weak_signs"][0]["supports"] is None
    assert document["weak_signs"][0]["corpus"]["pooled"]["fired_healthy"] == 30
    assert [e["sign"] for e in judge(scissors(1.0, shift=3.0), WASSERSTEIN)["weak_signs"]] == ["scissors_without_level"]


def test_counter_evidence_is_what_could_have_fired_and_did_not() -> None:
    document = judge(opposing(), NON_SATURATING)
    quiet = {entry["sign"]: entry["value"] for entry in document["counter_evidence"]}
    assert set(quiet) == {"non_finite", "d_loss_at_zero", "scissors", "flat_losses"}
    assert quiet["d_loss_at_zero"] == pytest.approx(1.0, abs=0.05)


def test_level_rules_are_listed_as_not_applicable_without_a_level() -> None:
    for loss in (None, WASSERSTEIN):
        document = judge(steady(), loss)
        reasons = {entry["sign"]: entry["reason"] for entry in document["not_applicable"]}
        assert reasons["d_loss_at_zero"].startswith("no equilibrium")
        assert "equilibrium of the loss" in document["signals_missing"]


def test_signals_used_and_missing() -> None:
    losses_only = judge(steady(), NON_SATURATING)
    assert losses_only["signals_used"] == ["d_loss", "g_loss"]
    optional = ["lg_real_sd", "lg_fake_sd", "gn_g", "d_acc", "div_pair", "cov_batch"]
    assert losses_only["signals_missing"] == optional
    more = judge(steady().assign(**dict.fromkeys(optional, 0.9)), NON_SATURATING)
    assert more["signals_used"] == ["d_loss", "g_loss", *optional]
    assert more["signals_missing"] == []


def test_d_outputs_without_spread_on_fakes_are_a_suspected_collapse() -> None:
    frame = steady().assign(lg_real_sd=1.0, lg_fake_sd=0.1)
    document = judge(frame, WASSERSTEIN)
    assert document["verdict"] == "collapse_suspected" and document["evidence"][0]["sign"] == "spread_ratio"


def test_a_fact_leads_and_the_rest_stays_in_evidence() -> None:
    frame = d_won(LN4).assign(lg_real_sd=1.0, lg_fake_sd=0.1)
    document = judge(frame, NON_SATURATING)
    assert document["verdict"] == "d_overpowering"
    assert [entry["sign"] for entry in document["evidence"]] == ["d_loss_at_zero", "spread_ratio"]
    assert document["began_step"] == 67 * 20  # the step at which d_overpowering began


def test_the_detector_is_evidence_with_its_rates_and_its_cap(detector) -> None:
    detector(0.7)
    document = judge(steady(), NON_SATURATING)
    assert (
        document["verdict"] == "collapse_suspected"
        and document["p_collapse"] == 0.7
        and document["interval"] == [0.2, 0.9]
    )
    entry = document["evidence"][0]
    assert (entry["sign"], entry["value"], entry["threshold"]) == ("learned_detector", 0.7, 0.5)
    assert entry["corpus"]["pooled"]["precision"] == pytest.approx(9 / 93, abs=1e-4)
    assert document["false_alarms"] == {"family": "all", "hits": 9, "of": 93, "share": 0.0968, "interval": [0.05, 0.17]}
    assert document["confidence"]["at_most"].startswith("suspected") and "9 of 93" in document["note"]
    detector(0.3)
    calm = judge(steady(), NON_SATURATING)
    assert calm["verdict"] == "no_sign_found" and calm["counter_evidence"][-1]["sign"] == "learned_detector"


def test_a_collapse_began_where_the_detector_first_says_so_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """The artificial detector suspects a collapse if a log of 200 rows is cut at row 110 or later.

    The detector reads the log up to a quarter, and then up to each further eighth. At five eighths it suspects a
    collapse for the first time, so the collapse began after one half.
    """
    monkeypatch.setattr(detector_result, "predict", lambda part, *_: stub(0.9 if len(part["step"]) >= 110 else 0.1))
    document = judge(steady(), NON_SATURATING)
    assert document["began_step"] == steady()["step"][100]
    monkeypatch.setattr(detector_result, "predict", lambda part, *_: stub(0.9 if len(part["step"]) == 200 else 0.1))
    assert judge(steady(), NON_SATURATING)["began_step"] == steady()["step"][175]
    monkeypatch.setattr(detector_result, "predict", lambda part, *_: stub(0.9))
    assert judge(steady(), NON_SATURATING)["began_step"] == steady()["step"][0]


@pytest.mark.parametrize("p", [None, 0.02, 0.2, 0.49, 0.5, 0.97])
@pytest.mark.parametrize("sign", [{}, {"lg_real_sd": 1.0, "lg_fake_sd": 0.1}])
@pytest.mark.parametrize("scores", [{}, {"kl_classes": 2.0}, {"coverage": 0.9}, {"coverage": 0.1}])
def test_a_verdict_and_its_probability_never_contradict_each_other(detector, p, sign: dict, scores: dict) -> None:
    detector(p)
    document = judge(steady().assign(**sign), NON_SATURATING, None, sample_check(rows(**scores), []))
    verdict, shown = document["verdict"], document["p_collapse"]
    if verdict in ("collapse_suspected", "collapse_confirmed"):
        assert shown is None or shown >= 0.5
    if verdict == "no_sign_found":
        assert (shown is not None and shown < 0.5) or document["sample_check"]["says"] == "no_collapse"
    if verdict == "not_judged":
        assert shown is None
    assert document["reason"]


def test_a_rule_for_a_collapse_does_not_overrule_a_probability(detector) -> None:
    frame = steady().assign(lg_real_sd=1.0, lg_fake_sd=0.1)
    assert judge(frame, NON_SATURATING)["verdict"] == "collapse_suspected"  # no result of the detector
    detector(0.2)
    document = judge(frame, NON_SATURATING)
    assert document["verdict"] == "no_sign_found" and document["weak_signs"][0]["sign"] == "spread_ratio"
    assert document["evidence"] == [] and "20.0%" in document["reason"]


def rows(**values: float) -> list[dict]:
    return [{"name": name, "value": value} for name, value in values.items()]


SAMPLES = [
    ({"kl_classes": np.log(2.5)}, "collapse"),
    ({"kl_classes": 0.05}, "open"),
    ({"kl_modes": 0.0}, "open"),
    ({"kl_classes": 0.5}, "open"),
    ({"kl_classes": 0.0, "coverage": 0.08}, "open"),
    ({"precision": 0.9, "recall": 0.8, "coverage": 0.3}, "open"),  # very low coverage prevents "no_collapse"
    ({"kl_modes": np.log(4), "coverage": 0.9}, "collapse"),
    ({"precision": 0.9, "recall": 0.01}, "collapse"),
    ({"precision": 0.1, "recall": 0.01}, "open"),
    ({"precision": 0.9, "recall": 0.8}, "no_collapse"),
    ({"coverage": 0.8}, "no_collapse"),
    ({"coverage": 0.6}, "open"),
    ({"coverage": 0.05}, "open"),
    ({"duplicates": 0.8, "coverage": 0.6}, "collapse"),
    ({"fid": 3.0}, None),
]


@pytest.mark.parametrize(("values", "expected"), SAMPLES)
def test_scores_of_samples_say_collapse_or_none(values: dict, expected: str | None) -> None:
    floor = rows(coverage=0.96, precision=0.8, recall=0.8)
    document = sample_check(rows(**values), floor)
    assert document["says"] == expected
    json.dumps(document, allow_nan=False)
    assert sample_check([{"name": name, "value": None} for name in values], floor)["says"] is None


def test_samples_overrule_losses_in_both_directions(detector) -> None:
    collapsed, fine = sample_check(rows(kl_classes=2.0), []), sample_check(rows(coverage=0.9), [])
    detector(0.1, "no_collapse")
    document = judge(steady(), NON_SATURATING, None, collapsed)
    assert document["verdict"] == "collapse_confirmed" and document["evidence"][0]["sign"] == "classes_in_use"
    detector(0.95, "collapse")
    assert judge(steady(), NON_SATURATING)["verdict"] == "collapse_suspected"
    document = judge(steady(), NON_SATURATING, None, fine)
    assert document["verdict"] == "no_sign_found" and document["weak_signs"][-1]["sign"] == "learned_detector"
    assert "coverage" in [entry["sign"] for entry in document["counter_evidence"]]
    # Scores of samples do not change the verdicts that D has won or that the run has diverged.
    assert judge(d_won(LN4), NON_SATURATING, None, fine)["verdict"] == "d_overpowering"
    assert judge(diverged(), NON_SATURATING, None, collapsed)["verdict"] == "diverged"


def test_an_early_verdict_says_how_often_such_runs_recover(detector) -> None:
    detector(0.9, "collapse")
    early = judge(steady(), NON_SATURATING, seen=0.5)["early"]
    assert early["seen"] == 0.5 and early["recovery"] == {"at": 0.5, "n": 170, "collapsed": 120, "healthy": 11}
    assert judge(steady(), NON_SATURATING)["early"] is None


def test_the_trainer_may_have_seen_the_divergence_alone() -> None:
    status = {"status": "diverged", "reason": "a weight of G is not finite", "step": 37}
    document = judge(steady(rows=1), NON_SATURATING, status)
    assert document["verdict"] == "diverged" and document["began_step"] == 37
    assert "weight of G" in document["evidence"][0]["says"]
    assert judge(steady(rows=1).iloc[:0], NON_SATURATING, status)["verdict"] == "diverged"


def test_a_single_row_has_no_sign_and_says_why() -> None:
    document = judge(steady(rows=1), NON_SATURATING)
    assert document["verdict"] == "not_judged" and document["p_collapse"] is None
    assert all("too few rows" in e["reason"] or "missing" in e["reason"] for e in document["not_applicable"])


def test_a_run_that_ended_early_is_judged_up_to_there() -> None:
    note = judge(steady(), NON_SATURATING, {"status": "timeout"})["note"]
    assert "ended early (timeout)" in note and "step 4000" in note


def test_a_missing_column_is_named() -> None:
    with pytest.raises(UserError, match="no column 'g_loss'"):
        judge(steady().drop(columns="g_loss"))
