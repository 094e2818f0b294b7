import dataclasses
import json

import numpy as np
import pytest
import torch
from safetensors import safe_open

from gan_bench import paths
from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.features import Features
from gan_bench.features.reference import open_reference, prepare_reference
from gan_bench.files import canonical_json
from gan_bench.metrics.evaluate import evaluate_run, evaluate_sets, floor_rows
from gan_bench.metrics.evaluate.scoring import floor_sets
from gan_bench.metrics.evaluate.sets import seeded_rows
from gan_bench.train.generate import sample
from gan_bench.train.tensors import write_tensors

#: Metric families (files of gan_bench/metrics) of which every value is defined for digits.
FAMILIES = """am_score class_histogram density_coverage frechet_infinity frechet inception_score mmd mode_balance
mode_score one_nn precision_recall sliced_wasserstein wasserstein"""
ALL = [resolve("metrics", name) for name in FAMILIES.split()]


def values(rows):
    return {row["name"]: row["value"] for row in rows}


def test_a_run_is_scored_with_as_many_samples_as_real_images(make_run, reference):
    run = make_run()
    result = evaluate_run(run, reference, ALL, "test", None, 3)
    assert set(result) == {"metrics", "checkpoints", "floor", "protocol"}
    assert result["checkpoints"] == [], "this run kept none"
    for row in result["metrics"] + result["floor"]:
        assert (row["n_real"], row["n_fake"], row["split"]) == (539, 539, "test")
        assert row["extractor"] == reference.label
        assert row["value"] is not None
    # The values equal those computed without `evaluate_run`.
    fake = reference.extract(sample(run, 539, 3))
    rows = evaluate_sets(reference.real("test"), fake, ALL, seed=3, extractor_label=reference.label, split="test")
    assert result["metrics"] == rows
    assert canonical_json(evaluate_run(run, reference, ALL, "test", None, 3)) == canonical_json(result)


def test_noise_scores_worse_than_the_floor(make_run, reference):
    result = evaluate_run(make_run(), reference, ALL, "test", None, 0)
    run, floor = values(result["metrics"]), values(result["floor"])
    assert run["frechet"] > 5 * floor["frechet"]
    assert run["inception_score"] < floor["inception_score"]
    assert run["one_nn"] > 0.9
    assert abs(floor["one_nn"] - 0.5) < 0.06


def test_protocol(make_run, reference):
    protocol = evaluate_run(make_run(), reference, ALL, "test", 200, 5)["protocol"]
    assert (protocol["n_real"], protocol["n_fake"], protocol["seed"], protocol["split"]) == (200, 200, 5, "test")
    assert protocol["extractor_sha256"] == reference.record["sha256"]
    assert protocol["metrics"] == ALL
    assert protocol["floor"] == (
        "200 images of the test split in place of samples, against the 200 scored images of the test split; the "
        "extractor was fitted to neither"
    )


def test_more_samples_than_real_images_are_not_drawn(make_run, reference):
    run = make_run()
    assert evaluate_run(run, reference, ALL, "test", 10_000, 0) == evaluate_run(run, reference, ALL, "test", None, 0)


def test_all_runs_meet_the_same_real_images_and_the_same_floor(make_run, reference):
    run = make_run()
    first, second = (evaluate_run(run, reference, ALL, "test", 150, seed) for seed in (0, 1))
    assert first["floor"] == second["floor"]
    assert values(first["metrics"])["frechet"] != values(second["metrics"])["frechet"]


@pytest.mark.parametrize(
    ("status", "note"),
    [
        ({"status": "diverged", "step": 120, "reason": "d_loss is nan"}, "run diverged at step 120: d_loss is nan"),
        ({"status": "failed", "reason": "out of memory"}, "run failed: out of memory"),
        ({"status": "timeout", "step": 7}, "run timed out at step 7"),
    ],
)
def test_a_run_that_did_not_end_well_has_null_values_and_the_reason(make_run, reference, status, note):
    run = make_run(**status)
    (run / paths.GENERATOR).unlink()
    result = evaluate_run(run, reference, ALL, "test", None, 0)
    assert {(row["value"], row["note"]) for row in result["metrics"]} == {(None, note)}
    assert len(result["metrics"]) == len(result["floor"])
    assert values(result["floor"])["frechet"] > 0
    json.dumps(result, allow_nan=False)


def test_a_generator_that_is_not_finite_has_null_values(make_run, reference):
    result = evaluate_run(make_run(scale=float("nan")), reference, ALL, "test", None, 0)
    notes = {(row["value"], row["note"]) for row in result["metrics"]}
    assert notes == {(None, "the generator gives numbers that are not finite")}


def test_a_missing_generator_of_a_good_run_is_an_error(make_run, reference):
    run = make_run()
    (run / paths.GENERATOR).unlink()
    with pytest.raises(UserError, match="no such file"):
        evaluate_run(run, reference, ALL, "test", None, 0)


@pytest.mark.parametrize("n", [200, 539])
def test_the_floor_scores_images_that_the_classifier_was_not_fitted_to(reference, n):
    """The floor scores no image on which the classifier was trained.

    A classifier is more certain about its training images. Generated images could not reach the score of these images.
    """
    refs = [resolve("metrics", name) for name in ("inception_score", "am_score", "mode_score", "training_neighbours")]
    sets, rows = floor_sets(reference, "test", n), floor_rows(reference, refs, "test", n)
    unseen = {row.tobytes() for row in reference.real("test").features}
    assert all(row.tobytes() in unseen for row in sets.samples.features) and len(sets.samples) == len(sets.real) == n
    assert not {row.tobytes() for row in sets.samples.features} & {row.tobytes() for row in sets.real.features}
    labels = {"seed": 0, "extractor_label": reference.label, "split": "test"}
    expected = values(evaluate_sets(sets.real, sets.samples, refs[:3], **labels))
    assert {name: values(rows)[name] for name in expected} == expected
    # The score of training images would be too good.
    train = reference.real("train").take(seeded_rows(1258, n, 0))
    seen = values(evaluate_sets(sets.real, train, refs[:1], **labels))
    assert values(rows)["inception_score"] < seen["inception_score"]
    notes = {row["note"] for row in rows if row["name"].startswith("train_")}
    assert notes == ({None} if n == 200 else {"the floor's real images are themselves of the train split"})
    assert sets.known_real == (n == 200) and f"{n} scored images of the test split" in sets.text


def test_the_floor_of_an_extractor_without_fit_is_the_other_split(digits, tmp_path):
    prepare_reference(digits, resolve("features", "pixels"), tmp_path)
    sets = floor_sets(open_reference(tmp_path), "test", 100)
    assert sets.text == "train against test split, 100 real images of each" and sets.known_real


def test_the_floor_uses_the_other_split(reference):
    there, back = floor_rows(reference, ALL, "test", 300), floor_rows(reference, ALL, "train", 300)
    assert {row["split"] for row in there} == {"test"}
    assert {row["split"] for row in back} == {"train"}
    assert 0 < values(there)["frechet"] < 5


def test_a_floor_that_cannot_be_had_is_null_with_a_reason(reference):
    rows = floor_rows(reference, ALL, "train", 1000)
    assert {(row["value"], row["note"]) for row in rows} == {
        (None, "the test split has 539 images, the floor needs 1000")
    }


def test_a_memoriser_is_seen_against_the_split_it_copied(make_run, reference, monkeypatch):
    copies = reference.real("train").take(np.arange(300))
    memoriser = dataclasses.replace(reference)
    monkeypatch.setattr(type(memoriser), "extract", lambda *_: copies)
    monkeypatch.setattr(type(memoriser), "real", lambda _, split: Features(copies.features, copies.log_probs))
    result = values(evaluate_run(make_run(), memoriser, ALL, "train", 300, 0)["metrics"])
    assert (result["one_nn"], result["frechet"]) == (0.0, pytest.approx(0.0, abs=1e-9))


def test_mistakes_are_named(make_run, reference):
    with pytest.raises(UserError, match=r"n_samples is 0; valid: 1 or more"):
        evaluate_run(make_run(), reference, ALL, "test", 0, 0)
    with pytest.raises(UserError, match=r"split 'val' is not valid; one of train, test"):
        evaluate_run(make_run(), reference, ALL, "val", None, 0)


def test_what_is_prepared_for_all_runs_gives_the_same_rows(make_run, reference, tmp_path_factory):
    from gan_bench.metrics.evaluate import open_scoring, prepare_scoring

    file = tmp_path_factory.mktemp("scoring") / "scoring.json"
    prepare_scoring(reference, ALL, "test", 200, file)
    scoring = open_scoring(file, reference, ALL, "test", 200)
    run = make_run()
    stored = evaluate_run(run, reference, ALL, "test", 200, 3, scoring)
    assert canonical_json(stored) == canonical_json(evaluate_run(run, reference, ALL, "test", 200, 3))
    # A file of another protocol and a damaged file are refused.
    with pytest.raises(UserError, match="prepared for another protocol"):
        open_scoring(file, reference, ALL, "test", 100)
    tensors = file.with_name("scoring.safetensors")
    tensors.write_bytes(tensors.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match="missing or damaged"):
        open_scoring(file, reference, ALL, "test", 200)


def test_generators_kept_on_the_way_are_scored_too(make_run, reference):
    run = make_run()
    with safe_open(run / paths.GENERATOR, framework="pt") as file:
        metadata = file.metadata()
        final = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    kept = {f"{step}/{name}": factor * value for step, factor in ((5, 0.0), (10, 1.0)) for name, value in final.items()}
    write_tensors(run / paths.CHECKPOINTS, kept | {"discriminator/x": torch.zeros(2)}, metadata)
    result = evaluate_run(run, reference, ALL, "test", 200, 3)
    assert [point["step"] for point in result["checkpoints"]] == [5, 10]
    assert result["checkpoints"][1]["metrics"] == result["metrics"], "the last one is the final generator"
    assert values(result["checkpoints"][0]["metrics"])["frechet"] > values(result["metrics"])["frechet"], (
        "one grey image"
    )
