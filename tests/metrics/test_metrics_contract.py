"""Every family of the folder keeps the contract; a new file is tested by being there."""

import numpy as np
import pytest
from golden_inputs import walk
from scipy.special import log_softmax

from gan_bench import registry
from gan_bench.config.reference import resolve
from gan_bench.features import Features
from gan_bench.metrics import DIRECTIONS, values_of

FAMILIES = registry.components("metrics")


def settings_of(family):
    return {key: value for key, value in resolve("metrics", family.name).items() if key != "name"}


def points(seed, n=200, d=12, k=5):
    modes = np.where(np.arange(n) % 10 == seed % 10, -1, np.arange(n) % k)
    return Features(walk(seed, n, d).astype(np.float32), log_softmax(2 * walk(seed + 50, n, k), axis=1), modes, k)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_a_family_declares_its_facts(family):
    assert family.summary.endswith(".")
    assert family.paper
    assert family.facts["needs"] in ("features", "log_probs", "modes")
    assert family.facts["min_n"] >= 1
    assert family.facts["estimator"]
    assert isinstance(family.facts["deviations"], list)
    for value in values_of(family.facts):
        assert value.direction in DIRECTIONS
        assert value.label
        assert value.low is not None
        assert value.high is None or value.low < value.high


def test_no_two_families_share_a_value():
    names = [value.name for family in FAMILIES for value in values_of(family.facts)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_a_family_gives_its_declared_values_in_their_range(family):
    compute = registry.load("metrics", family.name).compute
    for real, fake in ((points(1), points(2)), (points(1), points(1)), (points(1), points(2).take(np.zeros(200, int)))):
        before = real.features.copy(), fake.features.copy(), fake.log_probs.copy()
        values = compute(real, fake, settings_of(family), np.random.default_rng(0))
        assert set(values) == set(family.facts["values"])
        for declared in values_of(family.facts):
            value = values[declared.name]
            assert isinstance(value, float)
            assert np.isfinite(value)
            assert value >= declared.low - 1e-12
            assert declared.high is None or value <= declared.high
        # Same generator, same values; the sets are left as they were.
        assert compute(real, fake, settings_of(family), np.random.default_rng(0)) == values
        for array, copy in zip((real.features, fake.features, fake.log_probs), before, strict=True):
            np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_a_family_says_which_way_is_better(family):
    compute = registry.load("metrics", family.name).compute
    real = points(1)
    good = compute(real, points(2), settings_of(family), np.random.default_rng(0))
    # Collapsed to a few images, all far from the real ones.
    few = points(2).take(np.arange(200) % 3)
    bad = compute(
        real,
        Features(few.features + 9, few.log_probs, few.modes, few.n_modes),
        settings_of(family),
        np.random.default_rng(0),
    )
    headline = values_of(family.facts)[0]
    if headline.direction == "lower":
        assert good[headline.name] < bad[headline.name]
    elif headline.direction == "higher":
        assert good[headline.name] > bad[headline.name]
    else:
        assert abs(good[headline.name] - 0.5) < abs(bad[headline.name] - 0.5)
