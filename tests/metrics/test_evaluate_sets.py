import json

import numpy as np
import pytest
from golden_inputs import walk
from scipy.special import log_softmax
from threadpoolctl import threadpool_limits

from gan_bench import registry
from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.metrics.evaluate import evaluate_sets, null_rows, seeded_rows
from gan_bench.seeds import generator

#: Metric families (files of gan_bench/metrics) of which every value is defined for the artificial sets below.
FAMILIES = """am_score density_coverage frechet_infinity frechet inception_score mmd mode_balance mode_score one_nn
precision_recall sliced_wasserstein wasserstein"""
ALL = [resolve("metrics", name) for name in FAMILIES.split()]
PLACE = {"seed": 0, "extractor_label": "toy (4-d)", "split": "test"}


def points(seed, n=120, d=4, k=3):
    return Features(walk(seed, n, d).astype(np.float32), log_softmax(walk(seed + 50, n, k), axis=1))


def by_name(rows):
    return {row["name"]: row for row in rows}


def test_a_row_for_each_value_with_its_protocol():
    rows = evaluate_sets(points(1), points(2), ALL, **PLACE)
    declared = [name for ref in ALL for name in registry.component("metrics", ref["name"]).facts["values"]]
    assert [row["name"] for row in rows] == declared
    for row in rows:
        assert set(row) == {"name", "value", "n_real", "n_fake", "extractor", "estimator", "split", "note"}
        assert isinstance(row["value"], float)
        assert (row["n_real"], row["n_fake"], row["extractor"], row["split"]) == (120, 120, "toy (4-d)", "test")
        assert row["note"] is None
    json.dumps(rows, allow_nan=False)


def test_a_value_does_not_depend_on_what_else_is_asked():
    together = by_name(evaluate_sets(points(1), points(2), ALL, **PLACE))
    for ref in ALL:
        for row in evaluate_sets(points(1), points(2), [ref], **PLACE):
            assert row == together[row["name"]]


def test_the_seed_fixes_what_is_drawn():
    def splits(seed):
        rows = evaluate_sets(points(1), points(2), ALL, **{**PLACE, "seed": seed})
        return by_name(rows)["inception_score_10"]["value"]

    assert splits(0) == splits(0)
    assert splits(0) != splits(1)


def test_the_machines_threads_change_no_bit():
    real, fake = points(1, n=1500, d=200), points(2, n=1500, d=200)
    with threadpool_limits(2):
        two = evaluate_sets(real, fake, ALL, **PLACE)
    assert two == evaluate_sets(real, fake, ALL, **PLACE)


def test_without_probabilities_the_rows_say_so():
    real, fake = Features(points(1).features), Features(points(2).features)
    rows = by_name(evaluate_sets(real, fake, ALL, **PLACE))
    for name in ("inception_score", "inception_score_10"):
        assert rows[name]["value"] is None
        assert "needs class probabilities" in rows[name]["note"]
    assert rows["frechet"]["value"] > 0


def test_too_few_rows_say_so():
    rows = by_name(evaluate_sets(points(1), points(2).take(np.arange(1)), ALL, **PLACE))
    assert all(row["value"] is None for row in rows.values())
    assert rows["frechet"]["note"] == "needs 2 rows of each set; the smaller has 1"


def test_sets_of_different_size_have_no_one_nn_but_the_others():
    rows = by_name(evaluate_sets(points(1, 130), points(2), ALL, **PLACE))
    assert rows["one_nn"]["value"] is None
    assert "there are 130 and 120" in rows["one_nn"]["note"]
    assert rows["frechet"]["value"] > 0
    assert (rows["frechet"]["n_real"], rows["frechet"]["n_fake"]) == (130, 120)


def test_features_that_never_change_have_values():
    flat = Features(np.ones((120, 4), np.float32))
    rows = by_name(evaluate_sets(flat, flat, ALL, **PLACE))
    assert (rows["frechet"]["value"], rows["one_nn"]["value"]) == (0.0, 0.5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_features_that_are_not_finite_are_refused(bad):
    broken = points(2)
    broken.features[7, 1] = bad
    with pytest.raises(UserError, match=r"1 of 120 rows of generated features are not finite \(the first is row 7\)"):
        evaluate_sets(points(1), broken, ALL, **PLACE)
    with pytest.raises(UserError, match="of real features"):
        evaluate_sets(broken, points(1), ALL, **PLACE)


def test_log_probabilities_must_be_such():
    broken = points(2)
    broken.log_probs[3, 0] = np.nan
    with pytest.raises(UserError, match="NaN or positive"):
        evaluate_sets(points(1), broken, ALL, **PLACE)
    broken.log_probs[3, 0] = -np.inf  # log of a probability of zero, which is valid
    evaluate_sets(points(1), broken, ALL, **PLACE)


def test_dimensions_must_agree():
    with pytest.raises(UserError, match="real features have 4 dimensions and generated features have 5"):
        evaluate_sets(points(1), points(2, d=5), ALL, **PLACE)


USERS = '''
"""A user's own family."""
FACTS = {{"paper": "", "settings": {{"factor": {{"type": "float", "default": 2.0}}}}, "deviations": [],
         "needs": ["features"], "min_n": 3, "estimator": "none",
         "values": {{"own": {{"label": "own", "direction": "lower", "range": [0, None], "unit": ""}}}}}}

def compute(sets, settings, rng):
    return {value}
'''


def users(tmp_path, value):
    path = tmp_path / "own.py"
    path.write_text(USERS.format(value=value))
    return resolve("metrics", {"name": str(path), "factor": 3.0})


def test_a_users_own_family(tmp_path):
    (row,) = evaluate_sets(points(1), points(2), [users(tmp_path, '{"own": settings["factor"]}')], **PLACE)
    assert (row["name"], row["value"], row["estimator"]) == ("own", 3.0, "none")


def test_a_value_that_is_not_finite_becomes_null_with_a_note(tmp_path):
    (row,) = evaluate_sets(points(1), points(2), [users(tmp_path, '{"own": float("inf")}')], **PLACE)
    assert (row["value"], row["note"]) == (None, "the value is inf")


def test_values_that_were_not_declared_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"gives the values other; it declares own"):
        evaluate_sets(points(1), points(2), [users(tmp_path, '{"other": 1.0}')], **PLACE)


def test_null_rows_have_the_names_and_the_reason():
    place = {"n_real": 5, "n_fake": 5, "extractor_label": "x", "split": "test"}
    rows = null_rows(ALL, "because", **place)
    assert [row["name"] for row in rows] == [row["name"] for row in evaluate_sets(points(1), points(2), ALL, **PLACE)]
    assert {(row["value"], row["note"], row["n_real"]) for row in rows} == {(None, "because", 5)}


def test_seeded_rows():
    rows = seeded_rows(100, 30, 0)
    assert len(set(rows)) == 30
    assert (np.diff(rows) > 0).all()
    np.testing.assert_array_equal(rows, seeded_rows(100, 30, 0))
    assert not np.array_equal(rows, seeded_rows(100, 30, 1))
    np.testing.assert_array_equal(seeded_rows(100, 100, 5), np.arange(100))
    # The latents of samples come from the stream "evaluation". The choice of rows must use another stream.
    assert not np.array_equal(rows, np.sort(generator(0, "evaluation").permutation(100)[:30]))


def test_modes_need_an_extractor_that_knows_them():
    (row, *_) = evaluate_sets(points(1), points(2), [resolve("metrics", "modes")], **PLACE)
    assert row["value"] is None and row["note"] == "needs the modes of the data; none given"
