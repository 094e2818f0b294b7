"""The committed rates: complete, and consistent with themselves."""

import pytest

from gan_bench.collapse.rates import COUNTS, all_rates, sign_rate, verdict_counts
from gan_bench.collapse.signs import SIGNS
from gan_bench.collapse.verdict import VERDICTS
from gan_bench.stats.intervals import wilson_interval


def test_every_sign_has_rates_and_no_other() -> None:
    assert set(all_rates()["signs"]) == {sign.name for sign in SIGNS}


@pytest.mark.parametrize("name", [sign.name for sign in SIGNS])
def test_shares_and_intervals_follow_from_the_counts(name: str) -> None:
    rate = sign_rate(name, "unknown")["pooled"]
    assert rate["precision"] == pytest.approx(rate["right"] / rate["fired"], abs=1e-4)
    assert rate["precision_95"] == pytest.approx(wilson_interval(rate["right"], rate["fired"]), abs=1e-4)
    assert rate["fired"] == pytest.approx(rate["fired_failure"] + rate["fired_healthy"], abs=0) or name == "non_finite"


@pytest.mark.parametrize("outputs", [False, True])
def test_verdicts_cover_the_main_corpus(outputs: bool) -> None:
    counts = [verdict_counts(verdict, outputs=outputs) for verdict in VERDICTS]
    assert sum(c["n"] for c in counts) == all_rates()["corpus"]["main"]["n"] == 444
    assert all(set(c) == set(COUNTS) and c["failure"] + c["healthy"] == c["n"] for c in counts)


def test_a_family_without_runs_has_no_rates() -> None:
    assert sign_rate("scissors", "wasserstein")["family"] is None
    assert sign_rate("scissors", "hinge")["family"]["n"] == 73
