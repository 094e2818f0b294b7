import numpy as np
import pytest
import torch
import torch.nn.functional as F

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.features import random_conv
from gan_bench.metrics.frechet import frechet_distance

SETTINGS = {k: v for k, v in resolve("features", "random_conv").items() if k != "name"}


def embed(weights, images):
    return random_conv.extract(weights, images, SETTINGS).features


def test_no_feature_dominates_on_the_train_split(toy):
    data = toy((3, 16, 16), n=400, labelled=False)
    weights, report = random_conv.fit(data, SETTINGS, 0)
    features = embed(weights, data.images("train"))
    assert features.shape == (400, 128)
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(features.std(axis=0), 1, atol=1e-3)
    assert report["constant_features"] == 0


def test_weights_follow_the_seed_not_the_number_of_images(toy):
    def directions(n, seed):
        kernel = random_conv.fit(toy((1, 8, 8), n=n), SETTINGS, seed)[0]["conv0.weight"].flatten(1)
        return F.normalize(kernel)

    torch.testing.assert_close(directions(50, 0), directions(300, 0))
    assert not torch.allclose(directions(50, 0), directions(50, 1), atol=0.1)


def test_the_stages_by_hand(toy):
    data = toy((2, 8, 8), n=30)
    weights, report = random_conv.fit(data, SETTINGS, 0)
    assert report["stages"] == 2
    x = (torch.from_numpy(data.images("test")).float() - 127.5) / 127.5
    for k in range(2):
        x = F.avg_pool2d(F.conv2d(x, weights[f"conv{k}.weight"], weights[f"conv{k}.bias"], padding=1).relu(), 2)
    assert x.shape == (30, 32, 2, 2)
    expected = (x.flatten(1) - weights["mean"]) * weights["scale"]
    np.testing.assert_allclose(embed(weights, data.images("test")), expected, atol=1e-5)


@pytest.mark.parametrize(("side", "stages"), [(4, 1), (8, 2), (9, 2), (28, 3), (32, 4), (64, 5)])
def test_stages_leave_two_pixels_or_more(toy, side, stages):
    data = toy((1, side, side + 3), n=20, labelled=False)
    weights, report = random_conv.fit(data, SETTINGS, 0)
    assert report["stages"] == stages
    assert embed(weights, data.images("test")).shape == (20, 128)


def test_images_that_are_all_alike_give_zeros_and_are_counted(toy):
    class Flat(toy):
        def images(self, split):
            return np.full((self.n, *self.shape), 77, np.uint8)

    weights, report = random_conv.fit(Flat((1, 8, 8)), SETTINGS, 0)
    assert report["constant_features"] == 128
    assert not embed(weights, Flat((1, 8, 8)).images("test")).any()


def test_distance_grows_with_noise_blur_of_modes_and_lost_classes(digits):
    weights, _ = random_conv.fit(digits, SETTINGS, 0)
    real, test, labels = embed(weights, digits.images("train")), digits.images("test"), digits.labels("test")
    rng = np.random.default_rng(0)

    def distance(images):
        return frechet_distance(real, embed(weights, images))

    noisy = [np.clip(test + rng.normal(0, sd, test.shape), 0, 255).astype(np.uint8) for sd in (16, 64)]
    floor = distance(test)
    assert floor < distance(noisy[0]) < distance(noisy[1])
    assert 2 * floor < distance(test[labels < 5]) < distance(test[labels < 2])


def test_images_that_are_too_small_are_refused(toy):
    with pytest.raises(UserError, match="needs images of 4 px or more; 'toy' has 3 x 8"):
        random_conv.fit(toy((1, 3, 8)), SETTINGS, 0)
