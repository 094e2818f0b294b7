"""The list of signs of a collapse: no sign claims more than was measured."""

import pytest
from trajectories import NON_SATURATING, diverged, steady

from gan_bench.collapse.rates import all_rates, sign_rate
from gan_bench.collapse.sign import Finding, Sign
from gan_bench.collapse.signs import SIGNS, examine
from gan_bench.collapse.trajectory import make_trajectory
from gan_bench.collapse.verdict import NO_SIGN, VERDICTS


def _earns_a_verdict(rate: dict) -> bool:
    """Whether a sign's precision is significantly above the base rate, with alarms on at most 10 % of healthy runs."""
    alarms_on_healthy = rate["fired_healthy"] / rate["healthy"]
    return rate["precision_95"][0] > rate["base_rate"] and alarms_on_healthy <= 0.1


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.name)
def test_a_sign_carries_a_verdict_exactly_where_it_was_measured_to_deserve_one(sign: Sign) -> None:
    rates = all_rates()["signs"][sign.name]
    assert (sign.supports is not None) == _earns_a_verdict(rates["pooled"])
    for family in sign.weak_in:
        assert not _earns_a_verdict(rates["families"][family])


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.name)
def test_a_sign_says_what_it_is(sign: Sign) -> None:
    assert sign.source and sign.measure and sign.comparison in ("above", "below")
    assert sign.supports is None or sign.supports in set(VERDICTS) - {NO_SIGN}
    assert set(sign_rate(sign.name, "non_saturating")) == {"pooled", "family", "held_out"}


def test_only_non_finite_is_applied_to_a_diverged_run() -> None:
    names = {sign.name for sign, result in examine(make_trajectory(diverged(), None)) if isinstance(result, Finding)}
    assert names == {"non_finite"}


def test_reasons_name_what_is_missing() -> None:
    reasons = {sign.name: text for sign, text in examine(make_trajectory(steady(), None)) if isinstance(text, str)}
    assert "not named" in reasons["d_loss_at_zero"] and "not named" in reasons["scissors"]
    assert "missing" in reasons["spread_ratio"] and "missing" in reasons["g_gradient_gone"]
    assert "missing" in reasons["pair_ratio"] and "missing" in reasons["blind_discriminator"]
    assert len(reasons) == 6


def test_one_form_of_the_scissors_is_applied() -> None:
    findings = {sign.name: result for sign, result in examine(make_trajectory(steady(), NON_SATURATING))}
    assert isinstance(findings["scissors"], Finding) and findings["scissors_without_level"] == ""
