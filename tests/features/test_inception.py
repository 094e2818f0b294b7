"""Features of torch-fidelity's Inception network.

The weights are random, because tests cannot download the real weights.
"""

import io

import numpy as np
import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.data import _download
from gan_bench.errors import UserError
from gan_bench.features import inception
from gan_bench.files import digest_file

network_module = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of random weights with the names and shapes of the network."""
    patch = pytest.MonkeyPatch()
    kind = network_module.FeatureExtractorInceptionV3
    empty = io.BytesIO()
    torch.save({}, empty)
    empty.seek(0)
    patch.setattr(kind, "load_state_dict", lambda self, state: None)
    network = kind("inception", inception.NAMES, feature_extractor_weights_path=empty)
    patch.undo()
    draws = torch.Generator().manual_seed(0)
    state = network.state_dict()
    for name, value in state.items():
        if value.is_floating_point() and value.dim() > 1:
            fan_in = value[0].numel()
            state[name] = torch.randn(value.shape, generator=draws) * (2 / fan_in) ** 0.5
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(state, path)
    return path


def settings_of(**changes):
    return {key: value for key, value in resolve("features", {"name": "inception", **changes}).items() if key != "name"}


def own(path):
    return settings_of(weights=str(path), sha256=digest_file(path))


def test_features_are_those_of_the_library(weights, toy):
    data = toy((3, 16, 16))
    settings = own(weights)
    tensors, report = inception.fit(data, settings, 0)
    images = data.images("test")[:12]
    found = inception.extract(tensors, images, settings)
    library = network_module.FeatureExtractorInceptionV3(
        "x", inception.NAMES, feature_extractor_weights_path=str(weights)
    )
    with torch.no_grad():
        pool, logits = library(torch.from_numpy(np.array(images)))
    np.testing.assert_allclose(found.features, pool.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.log_probs, torch.log_softmax(logits.double(), 1).numpy(), rtol=1e-5, atol=1e-6)
    assert found.features.shape == (12, 2048) and found.log_probs.shape == (12, 1008)
    assert report["weights_sha256"] == digest_file(weights)
    alone = inception.extract(tensors, images[3:5], settings, batch_size=1)
    np.testing.assert_allclose(alone.features, found.features[3:5], rtol=1e-4, atol=1e-5)
    # A grey picture is repeated in three equal channels.
    grey = images[:3, :1]
    np.testing.assert_array_equal(
        inception.extract(tensors, grey, settings).features,
        inception.extract(tensors, np.repeat(grey, 3, axis=1), settings).features,
    )


def test_a_missing_file_is_one_sentence_that_says_where_it_is(toy):
    with pytest.raises(UserError, match=r"'/nowhere/w.pth': no such file; get it from https://github.com/toshas"):
        inception.fit(toy((3, 16, 16)), settings_of(weights="/nowhere/w.pth"), 0)


def test_other_bytes_are_never_loaded(weights, toy, monkeypatch):
    monkeypatch.setattr(torch, "load", lambda *a, **k: pytest.fail("was read"))
    with pytest.raises(UserError, match=r"have SHA-256 .*, not 6726825d"):
        inception.fit(toy((3, 16, 16)), settings_of(weights=str(weights)), 0)


def test_a_file_with_code_in_it_is_refused(toy, tmp_path):
    class Harm:
        def __reduce__(self):
            return (tmp_path.joinpath("harmed").touch, ())

    path = tmp_path / "harm.pth"
    torch.save({"fc.bias": Harm()}, path)
    with pytest.raises(UserError, match="cannot be read as tensors only"):
        inception.fit(toy((3, 16, 16)), own(path), 0)
    assert not (tmp_path / "harmed").exists()


def test_weights_of_another_network_are_refused(toy, tmp_path):
    path = tmp_path / "other.pth"
    torch.save({"weight": torch.zeros(3)}, path)
    with pytest.raises(UserError, match="not those of the network"):
        inception.fit(toy((3, 16, 16)), own(path), 0)


def test_without_a_path_they_are_downloaded_once(weights, toy, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    fetched = []

    def fetch(url, path, sha256):
        fetched.append((url, sha256))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(weights.read_bytes())

    monkeypatch.setattr(inception, "fetch_file", fetch)
    settings = settings_of(sha256=digest_file(weights))
    for _ in range(2):
        inception.fit(toy((3, 16, 16)), settings, 0)
    assert fetched == [(inception.URL, digest_file(weights))]


def test_without_a_network_the_sentence_says_what_to_do(toy, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def fetch(url, path, sha256):
        raise _download.DownloadError("no route")

    monkeypatch.setattr(inception, "fetch_file", fetch)
    with pytest.raises(UserError, match=r"could not be downloaded \(no route\); download https.* and set weights to"):
        inception.fit(toy((3, 16, 16)), settings_of(), 0)
