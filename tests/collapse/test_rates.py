"""The stored error rates of signs and detectors are complete and consistent with each other."""

import pytest

from gan_bench.collapse.rates import all_rates, recovery, sign_rate
from gan_bench.collapse.signs import SIGNS
from gan_bench.stats.estimate.intervals import wilson_interval


def test_every_sign_has_rates_and_no_other() -> None:
    assert set(all_rates()["signs"]) == {sign.name for sign in SIGNS}


@pytest.mark.parametrize("name", [sign.name for sign in SIGNS])
def test_shares_and_intervals_follow_from_the_counts(name: str) -> None:
    rate = sign_rate(name, "unknown")["pooled"]
    assert rate["precision"] == pytest.approx(rate["right"] / rate["fired"], abs=1e-4)
    assert rate["precision_95"] == pytest.approx(wilson_interval(rate["right"], rate["fired"]), abs=1e-4)
    assert rate["fired"] == pytest.approx(rate["fired_failure"] + rate["fired_healthy"], abs=0) or name == "non_finite"


def test_recovery_is_that_of_the_nearest_share() -> None:
    """`recovery(share)` gives the rates that are stored for the nearest share of training.

    Of the runs that are collapsed after a quarter of training, 58 % end collapsed and 14 % end healthy. For runs that
    are collapsed after half of training, these shares are 71 % and 6.5 %.
    """
    assert recovery(0.3)["at"] == 0.25 and recovery(0.45)["at"] == 0.5 and recovery(0.8)["at"] == 0.75
    shares = [(r["collapsed"] / r["n"], r["healthy"] / r["n"]) for r in map(recovery, (0.25, 0.5, 0.75))]
    assert shares == [
        (pytest.approx(0.58, abs=0.02), pytest.approx(0.145, abs=0.005)),
        (pytest.approx(0.71, abs=0.01), pytest.approx(0.065, abs=0.005)),
        (pytest.approx(0.88, abs=0.01), 0),
    ]


def test_a_family_without_runs_has_no_rates() -> None:
    assert sign_rate("scissors", "wasserstein")["family"] is None
    assert sign_rate("scissors", "hinge")["family"]["n"] == 73
