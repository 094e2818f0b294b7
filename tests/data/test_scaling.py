"""Pixels are scaled to [-1, 1] and back."""

import numpy as np
import pytest
import torch

from gan_bench.data.scaling import to_uint8, to_unit

EVERY = np.arange(256, dtype=np.uint8)


def test_every_pixel_value_comes_back() -> None:
    assert np.array_equal(to_uint8(to_unit(EVERY)), EVERY)
    assert torch.equal(to_uint8(to_unit(torch.arange(256, dtype=torch.uint8))), torch.arange(256, dtype=torch.uint8))


def test_scale_is_the_fixed_one() -> None:
    scaled = to_unit(EVERY)
    assert scaled.dtype == np.float32
    assert scaled[0] == -1 and scaled[255] == 1
    np.testing.assert_allclose(scaled, (EVERY.astype(float) - 127.5) / 127.5, atol=1e-7)


def test_a_pictures_own_range_does_not_matter() -> None:
    assert np.array_equal(to_unit(EVERY[100:120]), to_unit(EVERY)[100:120])


def test_torch_and_numpy_give_the_same_bits() -> None:
    assert np.array_equal(to_unit(torch.from_numpy(EVERY.copy())).numpy(), to_unit(EVERY))
    values = np.linspace(-1.3, 1.3, 5001, dtype=np.float32)
    assert np.array_equal(to_uint8(torch.from_numpy(values)).numpy(), to_uint8(values))


def test_values_outside_the_range_are_clipped_and_halves_go_to_even() -> None:
    assert to_uint8(np.array([-7.0, 7.0, 0.0])).tolist() == [0, 255, 128]
    assert to_uint8(torch.tensor([-7.0, 7.0, 0.0])).tolist() == [0, 255, 128]


def test_narrow_floats_are_widened_first() -> None:
    values = torch.linspace(-1, 1, 300)
    assert torch.equal(to_uint8(values.half()), to_uint8(values.half().float()))
    assert np.array_equal(to_uint8(to_unit(EVERY).astype(np.float64)), EVERY)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        to_uint8(np.array([0.0, bad]))
    with pytest.raises(ValueError, match="finite"):
        to_uint8(torch.tensor([0.0, bad]))


@pytest.mark.parametrize("make", [np.array, torch.tensor])
def test_wrong_types_are_refused(make: type) -> None:
    with pytest.raises(TypeError, match="uint8"):
        to_unit(make([1]))
    with pytest.raises(TypeError, match="floats"):
        to_uint8(make([1, 2]))


def test_shape_is_kept() -> None:
    assert to_unit(np.zeros((2, 3, 4, 5), np.uint8)).shape == (2, 3, 4, 5)
    assert to_uint8(torch.zeros(2, 3, 4, 5)).shape == (2, 3, 4, 5)


def test_points_are_already_in_the_range_of_networks() -> None:
    points = np.array([0.5, -1.0], np.float32)
    assert to_unit(points) is points and to_unit(torch.from_numpy(points)).tolist() == [0.5, -1.0]
