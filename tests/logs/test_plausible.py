"""Bounds of the values of each loss function, explanations of logs outside them, and the inferred loss function."""

import numpy as np
import pytest

from gan_bench.logs.family import infer_family
from gan_bench.logs.plausible import LEAST_SUM, check_loss, check_outputs, one_network

LEVEL = 2 * np.log(2)


def noise(rows: int, sd: float, seed: int) -> np.ndarray:
    return sd * np.random.Generator(np.random.PCG64(seed)).standard_normal(rows)


def losses(family: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Losses of D and G, (1000,) each, computed from random logits with the formulas of a loss function.

    Each row is a mean over several images.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    real, fake = rng.normal(1, 1, (1000, 16)), rng.normal(-1, 1, (1000, 16))
    softplus = np.logaddexp
    formulas = {
        "non_saturating": (softplus(0, -real) + softplus(0, fake), softplus(0, -fake)),
        "minimax": (softplus(0, -real) + softplus(0, fake), -softplus(0, fake)),
        "least_squares": ((real - 1) ** 2 + fake**2, (fake - 1) ** 2),
        "hinge": (np.maximum(0, 1 - real) + np.maximum(0, 1 + fake), -fake),
        "relativistic": (softplus(0, fake - real), softplus(0, real - fake)),
        "wasserstein": (fake - real, -fake),
    }
    return tuple(loss.mean(axis=1) for loss in formulas[family])  # type: ignore[return-value]


@pytest.mark.parametrize("family", sorted(LEAST_SUM))
@pytest.mark.parametrize("seed", range(3))
def test_losses_of_a_family_never_break_its_bound(family: str, seed: int) -> None:
    d, g = losses(family, seed)
    assert (d + g >= LEAST_SUM[family] - 1e-9).all()
    assert check_loss(d, g, family, None, None).possible


@pytest.mark.parametrize("family", ["non_saturating", "least_squares", "hinge"])
def test_each_bound_is_reached(family: str) -> None:
    logit = {"non_saturating": 0.0, "least_squares": 0.5, "hinge": -1.0}[family]
    real = {"non_saturating": 50.0, "least_squares": 1.0, "hinge": 1.0}[family]
    d = {"non_saturating": np.logaddexp(0, -real) + np.logaddexp(0, logit), "least_squares": logit**2, "hinge": 0.0}
    g = {"non_saturating": np.logaddexp(0, -logit), "least_squares": (logit - 1) ** 2, "hinge": -logit}
    assert d[family] + g[family] == pytest.approx(LEAST_SUM[family], abs=1e-9)


@pytest.mark.parametrize(
    ("change", "suggestion"),
    [
        (lambda d, g: (d / 9, g / 9), "a loss contains other terms"),
        (lambda d, g: (d * 0 + LEVEL / 2, g * 0 + 0.45), "mean of its halves"),
        (lambda d, g: (-d, -g), "change both signs"),
    ],
)
def test_a_broken_bound_is_explained(change, suggestion: str) -> None:
    result = check_loss(*change(*losses("non_saturating")), "non_saturating", LEVEL, "non_saturating")
    assert not result.possible and any(suggestion in words for words in result.suggestions), result


def test_swapped_columns_and_another_loss_are_suggested() -> None:
    d, g = losses("minimax")
    swapped = check_loss(g, d, "minimax", LEVEL, None)
    assert "d_loss is negative in 100%" in swapped.problem and "swapped" in swapped.suggestions[0]
    wasserstein = check_loss(*losses("wasserstein"), "non_saturating", LEVEL, "wasserstein")
    assert "it is another loss: wasserstein" in wasserstein.suggestions


def test_terms_inside_that_break_no_bound_are_asked_about() -> None:
    d, g = losses("hinge")
    result = check_loss(d + 4, g, "hinge", 2.0, None)
    assert result.possible and "penalty or a class loss" in result.suggestions[0]
    assert check_loss(d, g, "hinge", 2.0, None).suggestions == ()


@pytest.mark.parametrize("family", ["non_saturating", "least_squares", "hinge", "wasserstein", "minimax"])
def test_the_family_is_inferred_with_a_probability(family: str) -> None:
    d, g = losses(family)
    if family == "least_squares":
        d, g = d * 0 + 0.4 + noise(1000, 0.02, 1), g * 0 + 0.3 + noise(1000, 0.02, 2)
    if family == "hinge":
        g = g - 1.2  # during a training, D's outputs on generated images take both signs
    likely = infer_family(d, g)
    assert next(iter(likely)) == family and sum(likely.values()) == pytest.approx(1, abs=0.01)
    assert infer_family(np.array([np.nan]), np.array([1.0])) == {}


def test_training_and_validation_loss_of_one_network_are_no_game() -> None:
    fall = 0.2 + np.exp(-np.arange(200) / 40)
    train, validation = fall * np.exp(noise(200, 0.02, 1)), 1.05 * fall * np.exp(noise(200, 0.02, 2))
    assert "not the log of a D and a G" in one_network(train, validation)
    for family in ("non_saturating", "least_squares", "hinge", "wasserstein", "minimax"):
        assert one_network(*losses(family)) == ""
    assert one_network(fall, 3 - fall) == "" and one_network(fall[:5], fall[:5]) == ""


def test_outputs_of_d_reveal_swapped_columns_and_means_of_halves() -> None:
    rng = np.random.Generator(np.random.PCG64(0))
    real, fake = rng.normal(-0.2, 1, (300, 16)), rng.normal(2, 1, (300, 16))
    d = (np.logaddexp(0, -real) + np.logaddexp(0, fake)).mean(axis=1)
    g = np.logaddexp(0, -fake).mean(axis=1)
    outputs = tuple((1 / (1 + np.exp(-logits))).mean(axis=1) for logits in (real, fake))
    assert check_outputs(d, g, *outputs).possible
    assert "swapped" in check_outputs(g, d, *outputs).suggestions[0]
    assert "mean of its halves" in check_outputs(d / 2, g, *outputs).suggestions[0]
    assert check_outputs(g, d, real.mean(axis=1), fake.mean(axis=1)).possible  # logits are not compared
