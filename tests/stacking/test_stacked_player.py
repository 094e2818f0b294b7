"""Neighbouring runs of a stack share an optimizer if their settings are equal. Steps equal those of single runs."""

import pytest
import torch

from gan_bench.game.player import step_along
from gan_bench.stacking.player import StackedPlayer, fused_adam
from gan_bench.train import checkpoint

ADAM = {"name": "adam", "lr": 1e-3}


@pytest.fixture
def players(played, settings):
    """players(*rates): the players G of runs with these learning rates, and the settings of their optimizers."""

    def begun(*rates):
        own = [settings(seed=seed, g_optimizer={**ADAM, "lr": lr}) for seed, lr in enumerate(rates)]
        return [played(**{**run, "tricks": []})[1]["generator"] for run in own], [run["g_optimizer"] for run in own]

    return begun


def test_neighbours_with_equal_settings_share_an_optimizer(players):
    stacked = StackedPlayer(*players(0.1, 0.1, 0.2, 0.1))
    assert [list(update.runs) for update in stacked.updates] == [[0, 1], [2], [3]]
    assert [update.optimizer.param_groups[0]["lr"] for update in stacked.updates] == [0.1, 0.2, 0.1]


@pytest.mark.parametrize("rates", [(0.1, 0.1, 0.1), (0.1, 0.2, 0.2), (0.1, 0.2, 0.3)])
def test_steps_are_those_of_single_players(players, rates):
    alone, references = players(*rates)
    own, _ = players(*rates)
    stacked = StackedPlayer(own, references)
    generator = torch.Generator().manual_seed(0)
    gradients = [torch.empty_like(tensor) for tensor in stacked.parameters.values()]
    for _ in range(4):
        for gradient in gradients:
            gradient.copy_(torch.randn(gradient.shape, generator=generator))
        stacked.descend(gradients, stacked.buffers)
        for run, player in enumerate(alone):
            step_along(player.optimizer, list(player.parameters.values()), [g[run].clone() for g in gradients])
    for run, (one, other) in enumerate(zip(alone, own, strict=True)):
        stacked.give_back(run, other)
        (tensors, others) = {}, {}
        assert checkpoint._pack_optimizer(one, "g", tensors) == checkpoint._pack_optimizer(other, "g", others)
        tensors |= one.tensors
        others |= other.tensors
        assert tensors.keys() == others.keys()
        assert all(torch.equal(tensors[name], others[name]) for name in tensors)


def test_fused_adam_is_a_step_of_it_whatever_the_strides_of_a_gradient():
    weights = torch.randn(2, 8, 16, generator=torch.Generator().manual_seed(0))
    one, other = (
        torch.optim.Adam([own], lr=0.1, betas=(0.5, 0.9), fused=True) for own in (weights[0], weights[1].clone())
    )
    (a,), (b,) = one.param_groups[0]["params"], other.param_groups[0]["params"]
    b.copy_(a)
    gradient = torch.randn(16, 8, generator=torch.Generator().manual_seed(1)).t()
    step_along(one, [a], [gradient])
    step_along(other, [b], [gradient])
    direct = fused_adam(one, [a], [gradient])
    for _ in range(3):
        direct()
        step_along(other, [b], [gradient])
        assert torch.equal(a, b) and one.state[a]["step"] == other.state[b]["step"]
    assert torch.equal(one.state[a]["exp_avg_sq"], other.state[b]["exp_avg_sq"])


@pytest.mark.parametrize(
    "build",
    [
        lambda p: torch.optim.Adam(p, fused=False),
        lambda p: torch.optim.Adam(p, fused=True, amsgrad=True),
        lambda p: torch.optim.Adam(p, fused=True, maximize=True),
        lambda p: torch.optim.AdamW(p, fused=True),
        torch.optim.RMSprop,
        lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    ],
)
def test_any_other_optimizer_makes_its_own_steps(build):
    weight = torch.zeros(4)
    optimizer = build([weight])
    step_along(optimizer, [weight], [torch.ones(4)])
    assert fused_adam(optimizer, [weight], [torch.ones(4)]) is None
