"""Distances within and between minibatches agree with closed forms and SciPy."""

import math

import pytest
import torch
from scipy.spatial.distance import cdist, pdist

from gan_bench.train.spread import BatchRows, compare, distances, rows_of

NOISE = torch.Generator().manual_seed(0)
REAL, FAKE = torch.randn((32, 1, 6, 6), generator=NOISE), 0.5 * torch.randn((32, 1, 6, 6), generator=NOISE) + 1


def test_a_minibatch_beside_itself_has_ratios_of_1_no_shift_and_full_coverage():
    assert compare(rows_of(REAL), rows_of(REAL)).tolist() == [1, 1, 1, 0, 1]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_fakes_that_are_all_the_same_have_no_spread_at_all(dtype):
    alike = REAL[3].expand(32, 1, 6, 6).flatten(1).to(dtype)
    pair, nearest, sd, _, covered = compare(BatchRows(alike), rows_of(REAL)).tolist()
    assert pair == nearest == 0 and sd < 1e-6 and 1 / 32 <= covered < 1


def test_points_on_a_line():
    line = rows_of(torch.arange(10.0)[:, None])
    assert line.pair.item() == pytest.approx(11 / 3) and line.nearest.item() == 1
    assert line.sd.item() == pytest.approx(math.sqrt(99 / 12))
    assert line.radii.tolist() == [5, 4, 3, 3, 3, 3, 3, 3, 4, 5]
    # The generated points are 20, 22, ..., 38. For each, the nearest real point is 9, which has the radius 5. Its
    # distance from the generated points is 11 or more.
    found = compare(rows_of(2 * torch.arange(10.0)[:, None] + 20), line)
    torch.testing.assert_close(found, torch.tensor([2, 2, 2, 24.5 / math.sqrt(99 / 12), 0], dtype=torch.float64))
    # The generated points are 14, 15, ..., 23. The distance of 14 from 9 is 5, exactly the radius of 9, so
    # 9 is covered. No other real point has a generated point within its radius.
    assert compare(rows_of(torch.arange(10.0)[:, None] + 14), line)[4] == pytest.approx(0.1)


def test_they_are_the_distances_that_scipy_finds():
    real, fake = REAL.flatten(1).double().numpy(), FAKE.flatten(1).double().numpy()
    within, between = cdist(real, real), cdist(real, fake)
    radii = torch.from_numpy(within).sort(dim=1).values[:, 5].numpy()
    own = cdist(fake, fake)
    own[range(32), range(32)] = math.inf
    within[range(32), range(32)] = math.inf
    expected = [
        pdist(fake).mean() / pdist(real).mean(),
        own.min(1).mean() / within.min(1).mean(),
        math.sqrt(fake.var(0).sum() / real.var(0).sum()),
        math.sqrt(((fake.mean(0) - real.mean(0)) ** 2).sum() / real.var(0).sum()),
        (between.min(1) <= radii).mean(),
    ]
    found = compare(rows_of(FAKE), rows_of(REAL))
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64))
    assert 0 < found[4] < 1


def test_a_common_offset_does_not_blur_small_distances():
    small = REAL.flatten(1).double() * 1e-4
    torch.testing.assert_close(distances(small + 100, small + 100), torch.cdist(small, small), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_number_that_is_not_finite_leaves_no_number(bad):
    broken = FAKE.clone()
    broken[4, 0, 2, 2] = bad
    assert not compare(rows_of(broken), rows_of(REAL)).isfinite().any()


def test_too_few_images_have_no_fifth_neighbour():
    found = compare(rows_of(FAKE[:5]), rows_of(REAL[:5]))
    assert found[:4].isfinite().all() and found[4].isnan()
    assert compare(rows_of(REAL[:6]), rows_of(REAL[:6]))[4] == 1
