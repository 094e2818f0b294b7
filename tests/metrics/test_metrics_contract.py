"""Every metric family (a file of gan_bench/metrics) fulfils the contract; a new file is tested without an edit here."""

import numpy as np
import pytest
from golden_inputs import walk
from scipy.special import log_softmax

from gan_bench import registry
from gan_bench.config.checks.metric_facts import DIRECTIONS, METRIC_NEEDS
from gan_bench.config.grammar.reference import resolve
from gan_bench.features import Features
from gan_bench.metrics import NEEDS, badness, values_of
from gan_bench.metrics.evaluate import evaluate_sets, prepare_real
from gan_bench.stats.estimate.scales import SCALES, default_scale

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
    assert family.facts["needs"] and set(family.facts["needs"]) <= set(NEEDS)
    assert family.facts["min_n"] >= 1
    assert family.facts["estimator"]
    assert isinstance(family.facts["deviations"], list)
    for value in values_of(family.facts):
        assert value.direction in DIRECTIONS
        assert value.label
        assert value.high is None or value.low is None or value.low < value.high
        scale = family.facts["values"][value.name].get("scale") or default_scale(value.low, value.high)
        assert scale in SCALES
        assert scale != "log" or value.low == 0, "a logarithm needs scores above 0"
        assert scale != "logit" or (value.low, value.high) == (0, 1)


def test_no_two_families_share_a_value():
    names = [value.name for family in FAMILIES for value in values_of(family.facts)]
    assert len(names) == len(set(names))


#: Families that need no trained run.
OF_SETS = [family for family in FAMILIES if "run" not in family.facts["needs"]]
PLACE = {"extractor_label": "toy", "split": None}


def values(real, fake, family, **more):
    rows = evaluate_sets(real, fake, [resolve("metrics", family.name)], seed=0, train=points(3, 300), **PLACE, **more)
    return {row["name"]: row["value"] if row["value"] is not None else row["note"] for row in rows}


@pytest.mark.parametrize("family", OF_SETS, ids=lambda f: f.name)
def test_a_family_gives_its_declared_values_in_their_range(family):
    for real, fake in ((points(1), points(2)), (points(1), points(1)), (points(1), points(2).take(np.zeros(200, int)))):
        before = real.features.copy(), fake.features.copy(), fake.log_probs.copy()
        result = values(real, fake, family)
        assert list(result) == list(family.facts["values"])
        assert family.facts["min_n"] > 200 or not all(isinstance(value, str) for value in result.values())
        for declared in values_of(family.facts):
            value = result[declared.name]
            if isinstance(value, str):
                assert value, "a value that these sets do not allow is undefined for a reason"
                continue
            assert np.isfinite(value)
            assert declared.low is None or value >= declared.low - 1e-12
            assert declared.high is None or value <= declared.high
        # The same random seed gives the same values, and the sets stay unchanged.
        assert values(real, fake, family) == result
        for array, copy in zip((real.features, fake.features, fake.log_probs), before, strict=True):
            np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("family", OF_SETS, ids=lambda f: f.name)
def test_a_family_says_which_way_is_better(family):
    real = points(1)
    good = values(real, points(2), family)
    # The bad set repeats three generated images, all far from the real images.
    few = points(2).take(np.arange(200) % 3)
    bad = values(real, Features(few.features + 9, few.log_probs, few.modes, few.n_modes), family)
    headline = values_of(family.facts)[0]
    if isinstance(good[headline.name], str) or isinstance(bad[headline.name], str):
        pytest.skip("not defined for these sets")
    if headline.direction == "lower":
        assert good[headline.name] < bad[headline.name]
    elif headline.direction == "higher":
        assert good[headline.name] > bad[headline.name]
    elif headline.direction == "half":
        assert abs(good[headline.name] - 0.5) < abs(bad[headline.name] - 0.5)


@pytest.mark.parametrize("family", OF_SETS, ids=lambda f: f.name)
def test_what_is_taken_from_the_real_rows_beforehand_changes_no_bit(family):
    real, fake = points(1), points(2)
    known = prepare_real(real, points(3, 300), [resolve("metrics", family.name)])
    assert values(real, fake, family, known=known) == values(real, fake, family)


@pytest.mark.parametrize("family", OF_SETS, ids=lambda f: f.name)
def test_order_and_block_size_change_rounding_only(family):
    real, fake = points(1), points(2)
    if family.facts.get("splits"):
        pytest.skip("subsets of the rows depend on their order")
    order = np.random.default_rng(0).permutation(200)
    expected = values(real, fake, family)
    for result in (values(real.take(order), fake.take(order[::-1]), family), values(real, fake, family, block=64)):
        for name, value in expected.items():
            assert result[name] == (value if isinstance(value, str) else pytest.approx(value, rel=1e-9, abs=1e-12)), (
                name
            )


def test_a_need_has_words_where_a_study_is_checked_and_where_it_is_scored():
    assert set(NEEDS) == set(METRIC_NEEDS)


def test_lower_badness_is_better_for_numbers_and_arrays():
    for direction, best in (("lower", 0.1), ("higher", 0.9), ("half", 0.4)):
        values = [0.9, 0.4, 0.1]
        assert min(values, key=lambda value: badness(value, direction)) == best
        assert values[int(np.argmin(badness(np.array(values), direction)))] == best
