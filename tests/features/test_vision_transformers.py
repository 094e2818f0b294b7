"""DINOv2 and CLIP with random weights agree with timm's own forward pass. Unsuitable files are refused."""

import hashlib

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from gan_bench import registry
from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.features import dinov2
from gan_bench.features._pictures import resized_rgb

NETWORKS = [
    ("dinov2", "vit_small_patch14_dinov2", {"num_classes": 0}, 384),
    ("clip", "vit_base_patch32_clip_quickgelu_224", {"num_classes": 512}, 512),
]


class Pictures:
    shape, name = (3, 20, 30), "pictures"


def settings_of(name, **changes):
    return {key: value for key, value in resolve("features", {"name": name, **changes}).items() if key != "name"}


def images(channels=3):
    return np.random.default_rng(0).integers(0, 256, (3, channels, 20, 30), dtype=np.uint8)


@pytest.fixture(scope="module", params=NETWORKS, ids=[name for name, *_ in NETWORKS])
def case(request, tmp_path_factory):
    """(name of the extractor, timm's network with random weights, file of these weights, number of features)."""
    timm = pytest.importorskip("timm")
    name, model, options, dim = request.param
    torch.manual_seed(0)
    network = timm.create_model(model, pretrained=False, **options).eval()
    file = tmp_path_factory.mktemp(name) / "weights.safetensors"
    save_file({key: value.contiguous() for key, value in network.state_dict().items()}, file)
    return name, network, file, dim


def test_features_are_timms_forward_pass(case):
    name, network, file, dim = case
    module, settings = registry.load("features", name), settings_of(name, weights=str(file))
    weights, report = module.fit(Pictures, settings, 0)
    assert report["weights_sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    points = module.extract(weights, images(), settings)
    assert points.features.shape == (3, dim)
    mean, sd = (torch.tensor(network.pretrained_cfg[key])[:, None, None] for key in ("mean", "std"))
    if name == "dinov2":
        state = dinov2.with_positions(network.state_dict())
        network.set_input_size((224, 224))
        network.load_state_dict(state)
    with torch.no_grad():
        expected = network((resized_rgb(images(), 224) / 255 - mean) / sd)
    np.testing.assert_allclose(points.features, expected.numpy(), rtol=1e-3, atol=1e-4)
    one_by_one = module.extract(weights, images(), settings, batch_size=1)
    np.testing.assert_allclose(one_by_one.features, points.features, atol=1e-4)


def test_position_embeddings_are_those_of_metas_code():
    """The expected numbers are from Meta's interpolate_pos_encoding (dinov2 0.0.1.dev2).

    The embeddings of timm differ by 1 %.
    """
    positions = torch.sin(torch.arange(1370 * 6, dtype=torch.float32)).reshape(1, 1370, 6)
    resized = dinov2.with_positions({"pos_embed": positions})["pos_embed"]
    assert resized.shape == (1, 257, 6)
    assert resized[0, 0, :3].tolist() == pytest.approx([0.0, 0.8414709568, 0.9092974067])
    assert resized[0, 1, :3].tolist() == pytest.approx([0.6932126284, 0.6559077501, 0.0155642983], abs=1e-6)
    assert resized[0, 256, 3:].tolist() == pytest.approx([-0.0353955254, -0.8309480548, -0.8625308275], abs=1e-6)


def test_files_that_do_not_fit_are_refused(case, tmp_path):
    name, _, file, _ = case
    module = registry.load("features", name)
    with pytest.raises(UserError, match="have SHA-256"):
        module.fit(Pictures, settings_of(name, weights=str(file), sha256="0" * 64), 0)
    with pytest.raises(UserError, match="no such file"):
        module.fit(Pictures, settings_of(name, weights=str(tmp_path / "none.pth")), 0)
    other = tmp_path / "other.pth"
    torch.save({"norm.weight": torch.ones(3)}, other)
    digest = hashlib.sha256(other.read_bytes()).hexdigest()
    with pytest.raises(UserError, match="not those of the network"):
        module.fit(Pictures, settings_of(name, weights=str(other), sha256=digest), 0)
    if name == "dinov2":  # a .pth file must be Meta's, unless its SHA-256 is given
        with pytest.raises(UserError, match=f"not {dinov2.PUBLISHED['small']}"):
            module.fit(Pictures, settings_of(name, weights=str(other)), 0)


@pytest.mark.parametrize("name", ["dinov2", "clip"])
def test_without_timm_the_extra_is_named(name, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "timm", None)
    save_file({"norm.weight": torch.ones(3)}, tmp_path / "weights.safetensors")
    settings = settings_of(name, weights=str(tmp_path / "weights.safetensors"))
    with pytest.raises(UserError, match=r"gan-bench\[vit\]"):
        registry.load("features", name).fit(Pictures, settings, 0)
