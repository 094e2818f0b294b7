"""Every extractor of the folder fulfils the contract; a new file is tested without an edit here."""

import numpy as np
import pytest
import torch
from safetensors.torch import save

from gan_bench import registry
from gan_bench.config.grammar.reference import resolve
from gan_bench.features import Features, extractor_label

EXTRACTORS = registry.components("features")
#: Extractors for any pictures. Extractors that know one data set's modes or need a file have separate tests.
GENERAL = [c for c in EXTRACTORS if not c.facts.get("modes") and not c.facts.get("needs_file")]
SHAPES = [(1, 8, 8), (3, 16, 16), (1, 28, 28), (3, 32, 32), (3, 64, 64)]


def settings_of(name, **changes):
    quick = {"epochs": 1, "width": 4} if name == "classifier" else {}
    resolved = resolve("features", {"name": name, **quick, **changes})
    return {key: value for key, value in resolved.items() if key != "name"}


def fitted(name, data, seed=0, **changes):
    module, settings = registry.load("features", name), settings_of(name, **changes)
    weights, report = module.fit(data, settings, seed)
    return module, settings, weights, report


@pytest.mark.parametrize("extractor", EXTRACTORS, ids=lambda e: e.name)
def test_an_extractor_declares_its_facts(extractor):
    assert extractor.summary.endswith(".")
    assert extractor.paper
    assert isinstance(extractor.facts["needs_labels"], bool)
    assert isinstance(extractor.facts["probabilities"], bool)
    assert isinstance(extractor.facts["deviations"], list)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: "x".join(map(str, s)))
@pytest.mark.parametrize("extractor", GENERAL, ids=lambda e: e.name)
def test_features_of_every_shape(extractor, shape, toy):
    data = toy(shape, labelled=extractor.facts["needs_labels"])
    module, settings, weights, report = fitted(extractor.name, data)
    images = data.images("test")
    before = images.copy()
    found = module.extract(weights, images, settings)
    assert found.features.dtype == np.float32
    assert len(found) == len(images)
    assert np.isfinite(found.features).all()
    assert all(isinstance(tensor, torch.Tensor) for tensor in weights.values())
    assert "seconds" not in report
    np.testing.assert_array_equal(images, before)
    assert (found.log_probs is not None) == extractor.facts["probabilities"]
    if found.log_probs is not None:
        assert found.log_probs.dtype == np.float64
        np.testing.assert_allclose(np.exp(found.log_probs).sum(axis=1), 1.0, rtol=1e-12)


@pytest.mark.parametrize("extractor", GENERAL, ids=lambda e: e.name)
def test_batch_size_changes_rounding_only(extractor, toy):
    data = toy((3, 16, 16))
    module, settings, weights, _ = fitted(extractor.name, data)
    images = data.images("test")
    whole = module.extract(weights, images, settings)
    for batch_size in (1, 7, 89):
        parts = module.extract(weights, images, settings, batch_size=batch_size)
        np.testing.assert_allclose(parts.features, whole.features, atol=1e-4)
    # The features of an image do not depend on the other images.
    alone = module.extract(weights, images[40:43], settings)
    np.testing.assert_allclose(alone.features, whole.features[40:43], atol=1e-4)


@pytest.mark.parametrize("extractor", GENERAL, ids=lambda e: e.name)
def test_two_fits_give_the_same_bytes_and_leave_global_generators_alone(extractor, toy):
    data = toy((1, 8, 8))
    before = torch.get_rng_state().clone()
    first = fitted(extractor.name, data)
    torch.manual_seed(12345)
    second = fitted(extractor.name, data)
    torch.set_rng_state(before)
    fitted(extractor.name, data)
    assert torch.equal(torch.get_rng_state(), before)
    assert save(first[2]) == save(second[2])
    assert first[3] == second[3]


@pytest.mark.parametrize("extractor", GENERAL, ids=lambda e: e.name)
def test_the_seed_decides_the_weights(extractor, toy):
    if not extractor.facts.get("fitted", True):
        return
    weights, other = (fitted(extractor.name, toy((1, 8, 8)), seed)[2] for seed in (0, 1))
    assert not weights or save(weights) != save(other)


@pytest.mark.parametrize("extractor", GENERAL, ids=lambda e: e.name)
def test_only_the_train_split_decides_the_weights(extractor, toy):
    class OtherTest(toy):
        def images(self, split):
            return super().images(split) // (2 if split == "test" else 1)

    here, there = (fitted(extractor.name, data((1, 8, 8)))[2] for data in (toy, OtherTest))
    assert save(here) == save(there)


def test_labels_name_extractor_data_and_accuracy():
    assert extractor_label("classifier", 64, {"test_accuracy": 0.98123}, "digits") == (
        "classifier (digits, 98.1 % test accuracy)"
    )
    assert extractor_label("pixels", 64, {"n_train": 5}, "digits") == "pixels (digits, 64-d)"


def test_features_check_their_shapes():
    with pytest.raises(ValueError, match="features have shape"):
        Features(np.zeros(3))
    with pytest.raises(ValueError, match="log_probs have shape"):
        Features(np.zeros((3, 2)), np.zeros((2, 5)))
    taken = Features(np.arange(6).reshape(3, 2), np.zeros((3, 4))).take(np.array([2, 0]))
    assert taken.features.tolist() == [[4, 5], [0, 1]]
    assert taken.log_probs.shape == (2, 4)
    assert (len(taken), taken.dim) == (2, 2)
