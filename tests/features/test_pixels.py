import numpy as np

from gan_bench.features import pixels


def test_pixels_are_scaled_by_fixed_constants_and_flattened(toy):
    data = toy((3, 4, 5), n=7)
    weights, _ = pixels.fit(data, {}, 0)
    images = data.images("test")
    images[0, 0, 0, 0], images[0, 1, 0, 0], images[0, 2, 3, 4] = 0, 255, 51
    features = pixels.extract(weights, images, {}).features
    assert features.shape == (7, 60)
    assert (features[0, 0], features[0, 20], features[0, 59]) == (-1, 1, np.float32(-0.6))
    # The features of an image do not depend on the other images.
    np.testing.assert_array_equal(pixels.extract(weights, images[:3], {}).features, features[:3])
