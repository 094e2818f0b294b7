"""Our metrics equal those of other libraries. If not, a test shows the reason."""

import warnings

import numpy as np
import pytest
import torch
from golden_inputs import GOLDEN, case, fake_logits, legacy, walk
from scipy.special import log_softmax

from gan_bench.metrics.density_coverage import density_coverage
from gan_bench.metrics.frechet import frechet_distance
from gan_bench.metrics.inception_score import inception_score
from gan_bench.metrics.one_nn import one_nn
from gan_bench.metrics.precision_recall import precision_recall
from gan_bench.metrics.sliced_wasserstein import projected, unit_vectors
from gan_bench.metrics.wasserstein import wasserstein

CASES = GOLDEN["cases"]
FULL_RANK = ["A_small", "B_medium", "C_unequal", "F_integer_ties", "H_large_mean"]


def imported(name):
    """Import a library that may print warnings. If it is not installed, the test is skipped."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


def tensors(name):
    return tuple(torch.from_numpy(points) for points in case(name))


def gaussians(name):
    return tuple((points.mean(axis=0), np.cov(points, rowvar=False)) for points in case(name))


@pytest.mark.parametrize("name", FULL_RANK)
def test_frechet_distance_against_pytorch_fid(name):
    theirs = imported("pytorch_fid.fid_score")
    (m_r, s_r), (m_f, s_f) = gaussians(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library uses a function that SciPy will remove
        assert frechet_distance(*case(name)) == pytest.approx(
            theirs.calculate_frechet_distance(m_r, s_r, m_f, s_f), rel=1e-10
        )


@pytest.mark.parametrize("name", FULL_RANK)
def test_frechet_distance_against_torch_fidelity(name):
    theirs = imported("torch_fidelity.metric_fid")
    statistics = [theirs.fid_features_to_statistics(points) for points in tensors(name)]
    published = theirs.fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]
    assert frechet_distance(*case(name)) == pytest.approx(float(published), rel=1e-10)


@pytest.mark.parametrize("name", ["D_singular_N_lt_d", "I_collapsed_fake"])
def test_theirs_is_too_low_for_singular_covariances_because_roots_of_rounding_errors_enter(name):
    theirs = imported("torch_fidelity.metric_fid")
    statistics = [theirs.fid_features_to_statistics(points) for points in tensors(name)]
    published = float(theirs.fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"])
    ours = frechet_distance(*case(name))
    assert ours == pytest.approx(CASES[name]["fid"], rel=1e-10)
    assert published == pytest.approx(ours, rel=1e-5)
    assert published < ours * (1 - 1e-9)


def test_theirs_loses_digits_of_float32_features_because_they_are_averaged_in_float32():
    theirs = imported("torch_fidelity.metric_fid")
    real, fake = (points.astype(np.float32) for points in case("H_large_mean"))
    statistics = [theirs.fid_features_to_statistics(torch.from_numpy(points)) for points in (real, fake)]
    published = float(theirs.fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"])
    exact = frechet_distance(real.astype(np.float64), fake.astype(np.float64))
    assert abs(frechet_distance(real, fake) / exact - 1) < 1e-12
    assert abs(published / exact - 1) > 1e-5


def test_inception_score_against_torch_fidelity():
    theirs = imported("torch_fidelity.metric_isc")
    published = theirs.isc_features_to_metric(torch.from_numpy(fake_logits()), splits=1)
    log_probs = log_softmax(fake_logits(), axis=1)
    assert inception_score(log_probs) == pytest.approx(published["inception_score_mean"], rel=1e-12)
    ten = theirs.isc_features_to_metric(torch.from_numpy(fake_logits()), splits=10)
    parts = np.array_split(log_probs[legacy(2020).permutation(1000)], 10)
    scores = [inception_score(part) for part in parts]
    assert [np.mean(scores), np.std(scores)] == pytest.approx(
        [ten["inception_score_mean"], ten["inception_score_std"]], rel=1e-12
    )


def test_theirs_has_another_spread_because_torchmetrics_divides_by_one_less():
    image = imported("torchmetrics.image.inception")

    class Same(torch.nn.Module):
        def forward(self, logits):
            return logits

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        metric = image.InceptionScore(feature=Same(), splits=10)
    metric.update(torch.from_numpy(fake_logits()))
    torch.manual_seed(0)
    mean, spread = (float(value) for value in metric.compute())
    torch.manual_seed(0)
    order = torch.randperm(1000).numpy()
    scores = [inception_score(part) for part in np.array_split(log_softmax(fake_logits(), axis=1)[order], 10)]
    assert mean == pytest.approx(np.mean(scores), rel=1e-5)
    assert spread == pytest.approx(np.std(scores, ddof=1), rel=1e-4)


@pytest.mark.parametrize("name", [name for name in CASES if name not in ("D_singular_N_lt_d", "H_large_mean")])
def test_kid_over_subsets_against_torch_fidelity(name):
    theirs = imported("torch_fidelity.metric_kid")
    real, fake = tensors(name)
    published = theirs.kid_features_to_metric(
        fake, real, kid_subsets=100, kid_subset_size=100, rng_seed=2020, verbose=False
    )
    mean, sd = CASES[name]["kid_subsets_100"]
    assert mean == pytest.approx(published["kernel_inception_distance_mean"], rel=1e-9)
    assert sd == pytest.approx(published["kernel_inception_distance_std"], rel=1e-9)


@pytest.mark.parametrize("name", ["A_small", "B_medium", "E_relu_dead_units", "F_integer_ties"])
def test_precision_and_recall_against_torch_fidelity(name):
    theirs = imported("torch_fidelity.metric_prc")
    real, fake = tensors(name)
    published = theirs.prc_features_to_metric(fake, real, prc_neighborhood=3, prc_batch_size=10000, verbose=False)
    ours = precision_recall(*case(name), k=3, inclusive=True)
    if name == "F_integer_ties":
        # The library computes distances from inner products. So on an integer grid, rounding errors decide ties.
        assert published["precision"] == pytest.approx(ours["precision"], abs=0.15)
        return
    assert published["precision"] == pytest.approx(ours["precision"], abs=1e-6)
    assert published["recall"] == pytest.approx(ours["recall"], abs=1e-6)


@pytest.mark.parametrize("name", ["A_small", "B_medium", "C_unequal", "E_relu_dead_units", "F_integer_ties"])
def test_density_and_coverage_against_prdc(name, capsys):
    theirs = imported("prdc")
    real, fake = case(name)
    published = theirs.compute_prdc(real_features=real, fake_features=fake, nearest_k=5)
    ours = precision_recall(real, fake, 5, inclusive=False) | density_coverage(real, fake, 5)
    assert ours == {key: pytest.approx(float(published[key]), rel=1e-12) for key in ours}


def test_one_nn_against_scikit_learn_and_what_it_does_with_ties():
    neighbours = imported("sklearn.neighbors")

    def theirs(real, fake):
        pooled, label = np.concatenate([real, fake]), np.repeat([0, 1], [len(real), len(fake)])
        search = neighbours.NearestNeighbors(n_neighbors=1, algorithm="brute").fit(pooled)
        return float((label[search.kneighbors(return_distance=False)[:, 0]] == label).mean())

    assert one_nn(*case("B_medium"))["one_nn"] == theirs(*case("B_medium"))
    # If several rows are equally near, the library takes the first as the neighbour. So its accuracy depends on the
    # order of rows.
    real, fake = case("F_integer_ties")
    ours = one_nn(real, fake)
    assert theirs(real, fake) != theirs(fake, real)
    assert ours["one_nn"] == one_nn(fake, real)["one_nn"] == pytest.approx(0.49)
    assert ours["one_nn_ties"] == 154


def test_mifid_of_torchmetrics_is_transposed_and_does_not_punish_copies():
    theirs = imported("torchmetrics.image.mifid")
    train = walk(1, 900, 16)
    fake = np.repeat(train[:3], 300, axis=0)  # three hundred copies of each of three training rows
    published = float(theirs._compute_cosine_distance(torch.from_numpy(train), torch.from_numpy(fake)))
    assert published == 1.0, "above its threshold: no penalty at all"
    unit = [points / np.linalg.norm(points, axis=1, keepdims=True) for points in (fake, train)]
    assert (1 - np.abs(unit[0] @ unit[1].T)).min(axis=1).mean() < 1e-12, "generated first: the paper's m"


@pytest.mark.parametrize("name", ["A_small", "C_unequal", "D_singular_N_lt_d"])
def test_wasserstein_against_pot(name):
    ot = imported("ot")
    real, fake = case(name)
    cost = np.linalg.norm(real[:, None] - fake[None], axis=2)
    assert wasserstein(*tensors(name)) == pytest.approx(ot.emd2([], [], cost, numItermax=10**7), rel=1e-10)
    assert wasserstein(*tensors(name)) == pytest.approx(CASES[name]["w1"], rel=1e-10)


def test_pot_stops_short_of_the_optimum_by_default():
    ot = imported("ot")
    real, fake = walk(1, 1200, 64), walk(2, 1200, 64)
    cost = np.linalg.norm(real[:, None] - fake[None], axis=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stopped = ot.emd2([], [], cost, numItermax=20_000)
    ours = wasserstein(torch.from_numpy(real), torch.from_numpy(fake))
    assert stopped > ours * (1 + 1e-9), "an upper bound where the iterations ran out"
    assert ours == pytest.approx(ot.emd2([], [], cost, numItermax=10**7), rel=1e-10)


@pytest.mark.parametrize("name", ["A_small", "C_unequal"])
@pytest.mark.parametrize("p", [1, 2])
def test_sliced_wasserstein_against_pot(name, p):
    ot = imported("ot")
    real, fake = case(name)
    directions = unit_vectors(64, real.shape[1], 5)
    theirs = ot.sliced_wasserstein_distance(real, fake, projections=directions.T.copy(), p=p)
    ours = float(projected(*tensors(name), directions, p).mean()) ** (1 / p)
    assert ours == pytest.approx(theirs, rel=1e-10)
