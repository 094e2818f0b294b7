"""A folder of pictures is scored like the array of its pixels. No image is scored by a classifier fitted to it."""

import numpy as np
import pytest

from gan_bench.errors import UserError
from gan_bench.features import classifier
from gan_bench.metrics.inputs import evaluate_files, format_table


def images(seed, n=60, shape=(1, 8, 8)):
    """Smooth random images, uint8 (n, *shape)."""
    noise = np.random.default_rng(seed).normal(size=(n, *shape))
    return np.clip(128 + 40 * noise.cumsum(axis=3), 0, 255).astype(np.uint8)


def values(rows):
    return {row["name"]: row["value"] for row in rows}


def test_images_meet_in_the_default_extractor(save):
    real, fake = save("real", images(1, 200)), save("fake", images(2) // 4)
    result = evaluate_files(real, fake)
    assert result["protocol"]["extractor"] == "random_conv (the given real images, 128-d)"
    assert values(result["metrics"])["frechet"] > values(result["floor"])["frechet"]
    assert evaluate_files(real, fake) == result


def test_a_folder_of_pictures_is_the_array_of_its_pixels(save, pictures):
    real, fake = images(1, shape=(3, 8, 8)), images(2, shape=(3, 8, 8))
    from_arrays = evaluate_files(save("real", real), save("fake", fake), extractor="pixels")
    from_folders = evaluate_files(pictures("r", real), pictures("f", fake), extractor="pixels")
    assert from_folders["metrics"] == from_arrays["metrics"]
    assert "the middle 8 x 8 px are kept" in from_folders["protocol"]["picture_rule"]


def test_images_are_adapted_on_request_only_and_the_protocol_says_so(save, pictures):
    sets = pictures("r", images(1, shape=(3, 16, 16))), save("fake", images(2))
    with pytest.raises(UserError, match="differ in size"):
        evaluate_files(*sets, extractor="pixels")
    result = evaluate_files(*sets, extractor="pixels", resize="8", channels=1)
    protocol = result["protocol"]
    assert protocol["images"] == {"real": "16 x 16 px; colour; 8 bits; PNG", "fake": "8 x 8 px; grey"}
    assert protocol["adapted"] == "60 images resized to 8 x 8 px; 60 images turned grey"
    assert f"adapted: {protocol['adapted']}" in format_table(result).splitlines()
    assert "64-d" in protocol["extractor"]


def test_a_classifier_is_fitted_to_one_half_and_scores_on_the_other(save):
    labels = np.arange(240) % 2
    real = images(1, 240) // 4 + 100 * labels[:, None, None, None].astype(np.uint8)
    result = evaluate_files(
        save("real", real),
        save("fake", real[:120]),
        extractor="classifier",
        real_labels=save("labels", labels),
    )
    assert result["protocol"]["n_real_available"] == 120
    assert result["protocol"]["real_scored"] == "the half that the extractor was not fitted to"
    assert result["protocol"]["extractor"] == "classifier (half of the given real images, 100.0 % test accuracy)"
    assert values(result["metrics"])["inception_score"] == pytest.approx(2, rel=0.05)


def test_no_image_that_a_classifier_has_learnt_from_is_scored(save, monkeypatch):
    real, labels = images(1, 101), np.arange(101) % 2
    seen = {}
    fit, extract = classifier.fit, classifier.extract

    def recorded_fit(data, *rest):
        seen["learnt"] = data.images("train")
        return fit(data, *rest)

    def recorded_extract(weights, pixels, *rest):
        seen.setdefault("scored", pixels)
        return extract(weights, pixels, *rest)

    monkeypatch.setattr(classifier, "fit", recorded_fit)
    monkeypatch.setattr(classifier, "extract", recorded_extract)
    paths = save("real", real), save("fake", images(2))
    evaluate_files(*paths, extractor="classifier", real_labels=save("labels", labels))
    learnt, scored = ({pixels.tobytes() for pixels in seen[key]} for key in ("learnt", "scored"))
    assert not learnt & scored
    assert learnt | scored == {pixels.tobytes() for pixels in real}


def test_mistakes_in_extractors(save):
    real, fake = save("real", images(1)), save("fake", images(2))
    labels = save("labels", np.arange(60) % 2)
    with pytest.raises(UserError, match="extractor 'classifier' needs --real-labels"):
        evaluate_files(real, fake, extractor="classifier")
    with pytest.raises(UserError, match="extractor 'random_conv' does not use labels"):
        evaluate_files(real, fake, real_labels=labels)
    with pytest.raises(UserError, match="unknown features component 'vgg'"):
        evaluate_files(real, fake, extractor="vgg")
    with pytest.raises(UserError, match=r"weights '/nowhere' *: no such file; get it from https"):
        evaluate_files(real, fake, extractor='{"name": "inception", "weights": "/nowhere"}')
    with pytest.raises(UserError, match=r"features: \{broken: Expecting"):
        evaluate_files(real, fake, extractor="{broken")
    with pytest.raises(UserError, match="heigth"):
        evaluate_files(real, fake, extractor='{"name": "random_conv", "heigth": 3}')
    with pytest.raises(UserError, match="computes class probabilities itself"):
        probs = save("probs", np.full((60, 2), 0.5))
        evaluate_files(real, fake, extractor="classifier", real_labels=labels, fake_probs=probs)


def test_an_extractor_with_settings(save):
    result = evaluate_files(
        save("real", images(1)),
        save("fake", images(2)),
        extractor='{"name": "random_conv", "width": 5}',
        metrics=["frechet"],
    )
    assert result["protocol"]["extractor_settings"]["width"] == 5
    assert "20-d" in result["protocol"]["extractor"]
