"""No reported number uses the images set aside for model selection.

If a study sets no images aside, its results have no entries for model selection.
"""

import numpy as np
import pytest

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.files import canonical_json, read_json, write_json
from gan_bench.jobs.sample import chosen_step
from gan_bench.metrics.evaluate import evaluate_run, make_scoring, open_scoring, prepare_scoring
from gan_bench.metrics.evaluate.best import best_generator
from gan_bench.metrics.evaluate.validation import sample_seed, split_parts
from gan_bench.paths import METRICS, SETTINGS, STATUS
from gan_bench.train.generate import sample

REFS = [resolve("metrics", name) for name in ("frechet", "one_nn")]


def _rows(points):
    return {row.tobytes() for row in points.features}


def test_the_two_parts_are_the_split_and_share_no_image(reference):
    pool = reference.real("test")
    reported, aside = split_parts(reference, "test", 0.2)
    assert (len(reported), len(aside)) == (431, 108)
    both = np.concatenate([reported.features, aside.features])
    assert sorted(row.tobytes() for row in both) == sorted(row.tobytes() for row in pool.features)
    again = split_parts(reference, "test", 0.2)
    assert (again[1].features == aside.features).all(), "the same images for every run"
    whole, none = split_parts(reference, "test", None)
    assert (whole.features == pool.features).all() and none is None


@pytest.mark.parametrize("share", [1e-4, 0.9999])
def test_an_empty_part_is_refused(reference, share):
    with pytest.raises(UserError, match=r"evaluation\.validation is .* of the 539 test images"):
        split_parts(reference, "test", share)


def test_a_run_is_scored_on_both_parts_with_samples_of_its_own(make_run, reference):
    run = make_run(g_steps=7)
    result = evaluate_run(run, reference, REFS, "test", None, 3, validation=0.2)
    score = result["validation"][0]
    assert result["best"] == {
        **{"step": 7, "metric": score["name"], "n_generators": 1},
        **{"value": score["value"], "final_value": score["value"]},
    }
    assert [(row["n_real"], row["n_fake"]) for row in result["metrics"]] == [(431, 431)] * len(result["metrics"])
    assert [(row["n_real"], row["n_fake"]) for row in result["validation"]] == [(108, 108)] * len(result["validation"])
    assert [row["name"] for row in result["validation"]] == [row["name"] for row in result["metrics"]]
    assert result["protocol"]["n_validation"] == 108
    first, other = sample(run, 108, 3), sample(run, 108, sample_seed(3))
    assert not {image.tobytes() for image in first} & {image.tobytes() for image in other}
    # The reported scores use exactly the real rows that are not set aside for validation.
    scoring = make_scoring(reference, REFS, "test", None, 0.2)
    assert _rows(scoring.real) == _rows(split_parts(reference, "test", 0.2)[0])
    assert not _rows(scoring.real) & _rows(scoring.validation.real)


def test_without_it_nothing_is_added(make_run, reference):
    assert set(evaluate_run(make_run(), reference, REFS, "test", None, 3)) == {
        *("metrics", "checkpoints", "floor", "protocol")
    }


def test_what_was_prepared_scores_the_same(make_run, reference, tmp_path_factory):
    run, file = make_run(), tmp_path_factory.mktemp("scoring") / "scoring.json"
    prepare_scoring(reference, REFS, "test", 200, file, 0.25)
    stored = open_scoring(file, reference, REFS, "test", 200, 0.25)
    scored = evaluate_run(run, reference, REFS, "test", 200, 1, stored)
    assert canonical_json(scored) == canonical_json(evaluate_run(run, reference, REFS, "test", 200, 1, validation=0.25))
    with pytest.raises(UserError, match="another protocol"):
        open_scoring(file, reference, REFS, "test", 200)


def test_real_images_dealt_out_are_scored_within_each_part(make_run, reference):
    run = make_run()
    settings = read_json(run / SETTINGS)
    write_json(run / SETTINGS, {**settings, "method": resolve("methods", "real_test")})
    result = evaluate_run(run, reference, REFS, "test", None, 3, validation=0.2)
    assert {row["n_real"] for row in result["metrics"]} == {215}
    assert {row["n_real"] for row in result["validation"]} == {54}
    by_name = {row["name"]: row["value"] for row in result["validation"]}
    assert abs(by_name["one_nn"] - 0.5) < 0.2


def test_the_best_generator_is_chosen_by_validation_scores_alone(tmp_path):
    def point(step, reported, validation):
        rows = {"metrics": reported, "validation": validation}
        return {"step": step, **{key: [{"name": "frechet", "value": value}] for key, value in rows.items()}}

    points = [point(10, 9.0, 3.0), point(20, 8.0, 2.0), point(30, 1.0, 2.0), point(40, 1.0, None)]
    document = {**point(None, 0.5, 4.0), "checkpoints": points, "protocol": {"metrics": [{"name": "frechet"}]}}
    best = best_generator(document, 50)
    assert best == {"step": 20, "metric": "frechet", "value": 2.0, "final_value": 4.0, "n_generators": 4}
    assert best_generator({**document, "validation": []}, 50) is None
    write_json(tmp_path / METRICS, document)
    write_json(tmp_path / STATUS, {"g_steps": 50})
    assert chosen_step(tmp_path, "best") == (20, "step 20, the best of 4 generators by validation frechet (2; final 4)")
    assert chosen_step(tmp_path, "50")[0] is None, "the final generator"
    with pytest.raises(UserError, match=r"--step is '7'; valid: final, best, or a step with a kept generator: 50\."):
        chosen_step(tmp_path, "7")
