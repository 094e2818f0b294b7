"""Verdicts: their order, what they say of evidence, and that none of them certifies health."""

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

from gan_bench.collapse.verdict import NEXT_CHECK, VERDICTS, judge
from gan_bench.errors import UserError

LN4 = 2 * np.log(2)
CASES = [
    (diverged(), NON_SATURATING, "diverged"),
    (diverged(), WASSERSTEIN, "diverged"),
    (d_won(LN4), NON_SATURATING, "d_overpowering"),
    (d_won(0.5), LEAST_SQUARES, "d_overpowering"),
    (d_won(2.0), HINGE, "d_overpowering"),
    (scissors(LN4), NON_SATURATING, "d_overpowering"),
    (scissors(LN4), MINIMAX, "d_overpowering"),
    (scissors(1.0, shift=3.0), WASSERSTEIN, "no_sign_found"),
    (scissors(LN4), None, "no_sign_found"),
    (g_falling(), NON_SATURATING, "no_sign_found"),
    (flat(), NON_SATURATING, "generator_stalled"),
    (flat(), WASSERSTEIN, "generator_stalled"),
    (opposing(), NON_SATURATING, "collapse_suspected"),
    (opposing(), None, "collapse_suspected"),
    (opposing(), MINIMAX, "no_sign_found"),
    (steady(), NON_SATURATING, "no_sign_found"),
    (steady(-1.0), WASSERSTEIN, "no_sign_found"),
]


@pytest.mark.parametrize(("frame", "loss", "verdict"), CASES)
def test_verdict(frame: pd.DataFrame, loss: dict | None, verdict: str) -> None:
    found = judge(frame, loss)
    assert found["verdict"] == verdict
    assert bool(found["evidence"]) == (verdict != "no_sign_found")
    assert (found["began_step"] is None) == (verdict == "no_sign_found")
    assert found["next_check"] == NEXT_CHECK[verdict]
    json.dumps(found, allow_nan=False)


def test_no_verdict_is_called_healthy() -> None:
    assert "healthy" not in VERDICTS and set(NEXT_CHECK) == set(VERDICTS)
    note = judge(steady(), NON_SATURATING)["note"]
    assert "200 had failed" in note and "not a certificate" in note


def test_evidence_quotes_the_rule_and_its_measured_rates() -> None:
    entry = judge(d_won(LN4), NON_SATURATING)["evidence"][0]
    assert entry["sign"] == "d_loss_at_zero" and entry["value"] < entry["threshold"] == 0.1
    assert entry["window"] == [141 * 20, 4000] and "ganhacks" in entry["source"]
    pooled = entry["corpus"]["pooled"]
    assert (pooled["fired"], pooled["right"], pooled["n"]) == (23, 23, 286)
    assert entry["corpus"]["family"]["fired"] == 4


def test_a_weak_sign_is_reported_but_carries_nothing() -> None:
    found = judge(g_falling(), NON_SATURATING)
    assert [entry["sign"] for entry in found["weak_signs"]] == ["g_loss_falling"]
    assert found["weak_signs"][0]["supports"] is None
    assert found["weak_signs"][0]["corpus"]["pooled"]["fired_healthy"] == 30
    assert [e["sign"] for e in judge(scissors(1.0, shift=3.0), WASSERSTEIN)["weak_signs"]] == ["scissors_without_level"]
    assert [e["sign"] for e in judge(opposing(), MINIMAX)["weak_signs"]] == ["opposing_in_band"]


def test_counter_evidence_is_what_could_have_fired_and_did_not() -> None:
    found = judge(opposing(), NON_SATURATING)
    quiet = {entry["sign"]: entry["value"] for entry in found["counter_evidence"]}
    assert set(quiet) == {"non_finite", "d_loss_at_zero", "scissors", "flat_losses"}
    assert quiet["d_loss_at_zero"] == pytest.approx(1.0, abs=0.05)


def test_level_rules_are_listed_as_not_applicable_without_a_level() -> None:
    for loss in (None, WASSERSTEIN):
        found = judge(steady(), loss)
        reasons = {entry["sign"]: entry["reason"] for entry in found["not_applicable"]}
        assert reasons["d_loss_at_zero"].startswith("no equilibrium")
        assert "equilibrium of the loss" in found["signals_missing"]


def test_signals_used_and_missing() -> None:
    losses_only = judge(steady(), NON_SATURATING)
    assert losses_only["signals_used"] == ["d_loss", "g_loss"]
    assert losses_only["signals_missing"] == ["lg_real_sd", "lg_fake_sd", "gn_g"]
    more = judge(steady().assign(lg_real_sd=1.0, lg_fake_sd=0.9, gn_g=1.0), NON_SATURATING)
    assert more["signals_used"] == ["d_loss", "g_loss", "lg_real_sd", "lg_fake_sd", "gn_g"]
    assert more["signals_missing"] == [] and "output spread" in more["note"]


def test_d_outputs_without_spread_on_fakes_are_a_suspected_collapse() -> None:
    frame = steady().assign(lg_real_sd=1.0, lg_fake_sd=0.1)
    found = judge(frame, WASSERSTEIN)
    assert found["verdict"] == "collapse_suspected" and found["evidence"][0]["sign"] == "spread_ratio"


def test_a_fact_leads_and_the_rest_stays_in_evidence() -> None:
    frame = d_won(LN4).assign(lg_real_sd=1.0, lg_fake_sd=0.1)
    found = judge(frame, NON_SATURATING)
    assert found["verdict"] == "d_overpowering"
    assert [entry["sign"] for entry in found["evidence"]] == ["d_loss_at_zero", "spread_ratio"]
    assert found["began_step"] == 67 * 20  # of d_overpowering, not of the collapse


def test_the_trainer_may_have_seen_the_divergence_alone() -> None:
    status = {"status": "diverged", "reason": "a weight of G is not finite", "step": 37}
    found = judge(steady(rows=1), NON_SATURATING, status)
    assert found["verdict"] == "diverged" and found["began_step"] == 37
    assert "weight of G" in found["evidence"][0]["says"]
    assert judge(steady(rows=1).iloc[:0], NON_SATURATING, status)["verdict"] == "diverged"


def test_a_single_row_has_no_sign_and_says_why() -> None:
    found = judge(steady(rows=1), NON_SATURATING)
    assert found["verdict"] == "no_sign_found"
    assert all("too few rows" in e["reason"] or "missing" in e["reason"] for e in found["not_applicable"])


def test_a_run_that_ended_early_is_judged_up_to_there() -> None:
    note = judge(steady(), NON_SATURATING, {"status": "timeout"})["note"]
    assert "ended early (timeout)" in note and "step 4000" in note


def test_a_missing_column_is_named() -> None:
    with pytest.raises(UserError, match="no column 'g_loss'"):
        judge(steady().drop(columns="g_loss"))
