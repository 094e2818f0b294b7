import numpy as np
import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.data import open_data, prepare
from gan_bench.errors import UserError
from gan_bench.features import classifier


def settings(**changes):
    return {k: v for k, v in resolve("features", {"name": "classifier", **changes}).items() if k != "name"}


@pytest.fixture(scope="module")
def fitted(digits):
    return classifier.fit(digits, settings(), 0)


def test_digits_are_told_apart(digits, fitted):
    _, report = fitted
    assert report["test_accuracy"] > 0.98
    assert (report["n_train"], report["n_test"], report["classes"]) == (1258, 539, 10)
    assert report["epochs"] == 30


def test_the_reported_accuracy_is_that_of_the_probabilities(digits, fitted):
    weights, report = fitted
    guesses = classifier.extract(weights, digits.images("test"), settings()).log_probs.argmax(axis=1)
    assert np.mean(guesses == digits.labels("test")) == pytest.approx(report["test_accuracy"], abs=1e-9)


def test_features_have_unit_scale_and_none_is_dead(digits, fitted):
    features = classifier.extract(fitted[0], digits.images("train"), settings()).features
    assert features.shape == (1258, 64)
    assert (np.abs(features.mean(axis=0)) < 0.2).all()
    assert ((features.std(axis=0) > 0.7) & (features.std(axis=0) < 1.4)).all()
    assert (features < 0).any(axis=0).all()  # no ReLU follows the features


def test_probabilities_do_not_underflow_to_certainty(digits, fitted):
    log_probs = classifier.extract(fitted[0], digits.images("test"), settings()).log_probs
    # In float32, the largest log-probability of many images would be exactly 0.
    assert (log_probs < 0).all()


def test_training_leaves_no_trace_of_the_batch(digits, fitted):
    weights, _ = fitted
    before = {name: tensor.clone() for name, tensor in weights.items()}
    classifier.extract(weights, digits.images("test")[:5], settings())
    assert all(torch.equal(weights[name], before[name]) for name in weights)


def test_labels_that_say_nothing_are_not_learnt(toy):
    class Shuffled(toy):
        def labels(self, split):
            return np.random.default_rng([split == "test"]).permutation(super().labels(split))

    _, report = classifier.fit(Shuffled((1, 8, 8), n=300), settings(epochs=5), 0)
    assert report["test_accuracy"] < 0.55


@pytest.mark.parametrize(("n", "batch_size"), [(2, 128), (5, 2), (130, 128)])
def test_few_images_and_partial_batches(toy, n, batch_size):
    weights, report = classifier.fit(toy((1, 8, 8), n=n, n_classes=2), settings(epochs=2, batch_size=batch_size), 0)
    assert all(torch.isfinite(tensor).all() for tensor in weights.values())
    assert report["n_train"] == n


def test_settings_reach_the_network(toy):
    chosen = settings(dim=17, width=5, epochs=1)
    weights, report = classifier.fit(toy((1, 16, 16)), chosen, 0)
    assert weights["body.0.weight"].shape == (5, 1, 3, 3)
    assert classifier.extract(weights, toy((1, 16, 16)).images("test"), chosen).dim == 17
    assert report["epochs"] == 1


def test_the_seed_decides_initial_weights_and_order(toy, monkeypatch):
    data, streams = toy((1, 8, 8)), classifier.generator

    def weights(seed, fixed, **changes):
        monkeypatch.setattr(classifier, "generator", lambda s, purpose: streams(0 if purpose == fixed else s, purpose))
        return classifier.fit(data, settings(epochs=1, **changes), seed)[0]["scores.weight"]

    # The seed sets the initial weights and the order of images. With a learning rate near 0 and the same order, only
    # different initial weights change the result. With the same initial weights and many steps, only a different order
    # does.
    still = {"lr": 1e-9, "fixed": "data"}
    assert not torch.allclose(weights(0, **still), weights(1, **still), atol=0.1)
    moving = {"batch_size": 8, "fixed": "init"}
    assert not torch.allclose(weights(0, **moving), weights(1, **moving), atol=1e-4)


def test_data_without_labels_is_refused(toy):
    with pytest.raises(UserError, match="classifier needs labels and data set 'toy' has none; use random_conv"):
        classifier.fit(toy((1, 8, 8), labelled=False), settings(), 0)


def test_training_images_are_moved_by_whole_pixels():
    image = np.arange(36, dtype=np.uint8).reshape(1, 1, 6, 6)
    moved = classifier._moved(np.repeat(image, 200, axis=0), 1, np.random.default_rng(0))
    assert moved.shape == (200, 1, 6, 6) and moved.dtype == np.uint8
    # Inside the border, each result is the image moved by -1, 0 or 1 in each direction. All nine shifts occur.
    offsets = {(int(one[0, 2, 2]) - 14) for one in moved}
    assert offsets == {6 * y + x for y in (-1, 0, 1) for x in (-1, 0, 1)}
    assert classifier._moved(image, 0, np.random.default_rng(0)) is image


@pytest.mark.slow
@pytest.mark.parametrize(("name", "least"), [("mnist", 0.993), ("fashion_mnist", 0.91)])
def test_accuracy_on_full_data(shared_data, tmp_path, name, least):
    prepare(resolve("data", name), tmp_path, shared_data)
    _, report = classifier.fit(open_data(tmp_path), settings(), 0)
    assert report["test_accuracy"] >= least
