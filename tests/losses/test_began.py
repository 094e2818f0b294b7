"""BEGAN: the objectives of section 3.4 of the paper, and the control variable k that holds the balance of D and G."""

import pytest
import torch

from gan_bench.losses import began

SETTINGS = {"gamma": 0.5, "lambda_k": 0.1}
#: Outputs of D, which are negative reconstruction errors. The mean error is 2 for real and 3 for generated images.
REAL, FAKE = -torch.tensor([1.0, 3.0]), -torch.tensor([2.0, 4.0])


def state(k):
    return {"k": torch.tensor(k)}


def test_the_objectives_are_those_of_the_paper():
    halves = began.discriminator(REAL, FAKE, SETTINGS, state(0.3))
    assert [half.item() for half in halves] == pytest.approx([2.0, -0.3 * 3.0])
    assert began.generator(None, FAKE, SETTINGS, state(0.3)).item() == 3.0


def test_k_moves_by_the_imbalance_and_stays_between_0_and_1():
    # gamma L(x) - L(G) = 1 - 3 = -2
    assert began.update(state(0.5), REAL, FAKE, SETTINGS)["k"].item() == pytest.approx(0.3)
    assert began.update(state(0.1), REAL, FAKE, SETTINGS)["k"].item() == 0.0
    assert began.update(state(0.95), REAL, FAKE / 10, SETTINGS)["k"].item() == 1.0


def test_k_rests_where_the_ratio_of_errors_is_gamma():
    assert began.update(state(0.4), REAL, REAL * 0.5, SETTINGS)["k"].item() == pytest.approx(0.4)


def test_convergence_is_the_error_plus_the_imbalance():
    assert began.convergence(REAL, FAKE, SETTINGS).item() == pytest.approx(2 + 2)
