"""The extractor whose modes are the clusters (bins) of k-means."""

import numpy as np
import pytest
import torch
from safetensors.torch import save
from sklearn.cluster import KMeans

from gan_bench.config.grammar.reference import resolve
from gan_bench.data.scaling import to_unit
from gan_bench.errors import UserError
from gan_bench.features import kmeans


def settings(**changes):
    return {k: v for k, v in resolve("features", {"name": "kmeans", **changes}).items() if k != "name"}


@pytest.mark.parametrize("space", ["pixels", "random_conv"])
def test_separate_groups_of_images_are_the_bins(space, toy):
    """The three classes of Toy images differ in the position of the bright area."""
    data, chosen = toy((1, 16, 16), labelled=False), settings(k=3, space=space)
    weights, report = kmeans.fit(data, chosen, 0)
    found = kmeans.extract(weights, data.images("test"), chosen)
    kinds = np.arange(data.n) % 3
    assert report["n_modes"] == found.n_modes == 3 and found.modes.dtype == np.int64
    assert all(len(set(found.modes[kinds == kind])) == 1 for kind in range(3)) and len(set(found.modes)) == 3
    assert found.log_probs is None and found.features.dtype == np.float32


def test_an_image_is_in_the_bin_of_its_nearest_centre(toy):
    data, chosen = toy((1, 8, 8), labelled=False), settings(k=7, space="pixels")
    weights, _ = kmeans.fit(data, chosen, 0)
    images = np.random.default_rng(1).integers(0, 256, (50, 1, 8, 8)).astype(np.uint8)
    found = kmeans.extract(weights, images, chosen)
    apart = np.linalg.norm(to_unit(images).reshape(50, 1, -1) - weights["centres"].numpy()[None], axis=2)
    assert found.modes.tolist() == apart.argmin(axis=1).tolist()


def test_bins_are_as_close_as_scikit_learn_finds_them(toy):
    data, chosen = toy((1, 8, 8), labelled=False), settings(k=5, space="pixels", starts=10)
    points = to_unit(data.images("train")).reshape(data.n, -1).astype(np.float64)
    centres = kmeans.fit(data, chosen, 0)[0]["centres"].numpy()
    ours = np.square(points[:, None] - centres[None]).sum(axis=2).min(axis=1).sum()
    assert ours <= 1.02 * KMeans(5, n_init=10, random_state=0).fit(points).inertia_


def test_two_fits_give_the_same_bytes_and_a_seed_others(toy):
    data = toy((1, 8, 8), labelled=False)
    fits = [kmeans.fit(data, settings(k=6, seed=seed), seed)[0] for seed in (0, 0, 1)]
    assert save(fits[0]) == save(fits[1]) != save(fits[2])


def test_equal_images_are_no_accident(toy):
    class Equal(toy):
        def images(self, split):
            return np.full((20, 1, 8, 8), 7, np.uint8)

    chosen = settings(k=3, space="pixels")
    weights, report = kmeans.fit(Equal((1, 8, 8), labelled=False), chosen, 0)
    assert torch.isfinite(weights["centres"]).all() and report["smallest_bin"] == 0


def test_more_bins_than_images_are_refused(toy):
    with pytest.raises(UserError, match="91 training images"):
        kmeans.fit(toy((1, 8, 8), labelled=False), settings(k=91), 0)
