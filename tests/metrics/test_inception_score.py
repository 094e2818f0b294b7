import numpy as np
import pytest
from golden_inputs import GOLDEN, fake_logits, legacy
from scipy.special import log_softmax

from gan_bench.features import Features
from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics.inception_score import compute, inception_score

LOG_PROBS = log_softmax(fake_logits(), axis=1)
EXPECTED = GOLDEN["logits"]


def scores(log_probs, seed=0):
    points = Features(np.zeros((len(log_probs), 1), np.float32), log_probs)
    return compute(Sets(points, points), {}, np.random.default_rng(seed))


def certain(labels, classes):
    with np.errstate(divide="ignore"):
        return np.log(np.eye(classes)[labels])


def test_golden_one_split():
    assert inception_score(LOG_PROBS) == pytest.approx(EXPECTED["one_split"], rel=1e-12)
    assert scores(LOG_PROBS)["inception_score"] == inception_score(LOG_PROBS)


@pytest.mark.parametrize("key", ["ten_splits_in_order", "ten_splits_shuffled_2020"])
def test_golden_ten_splits(key):
    order = np.arange(1000) if key == "ten_splits_in_order" else legacy(2020).permutation(1000)

    class Rng:
        """A replacement for the random generator. It returns the order of images that gives the published number."""

        def permutation(self, count):
            return order[:count]

    points = Features(np.zeros((1000, 1), np.float32), LOG_PROBS)
    result = compute(Sets(points, points), {}, Rng())
    assert [result["inception_score_10"], result["inception_score_10_sd"]] == pytest.approx(EXPECTED[key], rel=1e-12)


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_bounds_are_reached(classes):
    balanced = np.arange(10 * classes) % classes
    assert inception_score(np.full((50, classes), -np.log(classes))) == pytest.approx(1.0)
    assert inception_score(certain(balanced, classes)) == pytest.approx(classes)
    assert inception_score(certain(np.zeros(20, int), classes)) == pytest.approx(1.0)


def test_equals_the_exponential_of_entropies():
    # E KL(p(y|x) || p(y)) = H(p(y)) - E H(p(y|x))
    p = np.exp(LOG_PROBS)
    marginal = p.mean(axis=0)
    information = -(marginal @ np.log(marginal)) + (p * LOG_PROBS).sum(axis=1).mean()
    assert inception_score(LOG_PROBS) == pytest.approx(np.exp(information), rel=1e-12)


def test_underflow_is_a_probability_of_zero_not_nan():
    logits = np.where(np.eye(10)[np.arange(200) % 10] > 0, 1000.0, -1000.0)
    assert inception_score(log_softmax(logits, axis=1)) == pytest.approx(10.0)


def test_splits_follow_the_generator_and_nothing_else():
    first, again, other = scores(LOG_PROBS, 1), scores(LOG_PROBS, 1), scores(LOG_PROBS, 2)
    assert first == again
    assert first["inception_score_10"] != other["inception_score_10"]
    assert first["inception_score"] == other["inception_score"]
    # Each split has a tenth of the images, which biases its score low.
    assert first["inception_score_10"] < first["inception_score"]


def test_a_count_that_ten_does_not_divide():
    assert np.isfinite(list(scores(LOG_PROBS[:107]).values())).all()


def test_undefined_below_one_image_for_each_class_in_each_split():
    assert isinstance(scores(LOG_PROBS[:100])["inception_score_10"], float)
    few = scores(LOG_PROBS[:99])
    assert str(few["inception_score_10"]) == "10 splits of 10 classes need 100 images; there are 99"
    assert isinstance(few["inception_score"], float), "the score of one split does not need them"


def test_undefined_without_probabilities():
    points = Features(np.zeros((100, 1), np.float32))
    with pytest.raises(MetricUndefined, match="no class probabilities"):
        compute(Sets(points, points), {}, np.random.default_rng(0))
