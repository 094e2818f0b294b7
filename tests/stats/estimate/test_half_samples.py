import numpy as np

from gan_bench.stats.estimate.half_samples import compare


def _halves(samples: np.ndarray, real: np.ndarray, rng: np.random.Generator, replicates: int = 100) -> np.ndarray:
    """`_values` of random halves of `samples` (models, n) and `real` (n,), as an array (replicates, models)."""
    half = len(real) // 2
    rows = []
    for _ in range(replicates):
        part = real[rng.permutation(len(real))[:half]]
        rows.append([(row[rng.permutation(len(row))[:half]].mean() - part.mean()) for row in samples])
    return np.array(rows)


def _values(samples: np.ndarray, real: np.ndarray) -> np.ndarray:
    return samples.mean(axis=1) - real.mean()


def test_intervals_hold_the_values_of_other_samples_and_equal_models_are_rarely_called_apart():
    rng = np.random.default_rng(0)
    covered, excluded, trials = 0, 0, 200
    for _ in range(trials):
        real, samples = rng.normal(size=60), rng.normal(size=(3, 60))
        values = _values(samples, real)
        compared = compare(values, _halves(samples, real, rng))
        other = rng.normal(size=60).mean() - rng.normal(size=60).mean()
        covered += int(np.abs(values[0] - other) <= compared.half[0])
        excluded += int(not compared.top.all())
    assert 0.90 <= covered / trials <= 0.98
    assert excluded / trials <= 0.09


def test_the_shared_part_of_the_spread_is_lost_in_differences():
    """All models are compared with the same real samples, which vary ten times as much as the models' samples.

    So the value of each model is uncertain, but the order of the models is not.
    """
    rng = np.random.default_rng(1)
    real, samples = rng.normal(0, 10, 200), rng.normal(0, 1, (2, 200)) + np.array([[0.0], [1.0]])
    compared = compare(_values(samples, real), _halves(samples, real, rng))
    assert compared.half.min() > 1.0 and compared.top.tolist() == [True, False]
    assert compared.difference[0] == compared.half_difference[0] == 0
