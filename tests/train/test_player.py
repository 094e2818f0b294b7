"""An optimizer step does not depend on the memory layout of the gradients."""

import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.game import step
from gan_bench.game.player import Player, descend
from gan_bench.registry import component, load, names

SHAPE = (6, 4, 3, 3)
REAL = torch.rand((8, 1, 16, 16), generator=torch.Generator().manual_seed(0)) * 2 - 1


def drawn(seed):
    return torch.randn(SHAPE, generator=torch.Generator().manual_seed(seed))


def other_layouts(values):
    yield values.transpose(0, 1).contiguous().transpose(0, 1)
    yield values.contiguous(memory_format=torch.channels_last)
    yield values.movedim(0, -1).contiguous().movedim(-1, 0)


@pytest.mark.parametrize("name", names("optimizers"))
@pytest.mark.parametrize("layout", range(3))
def test_the_step_does_not_depend_on_how_a_gradient_lies_in_memory(name, layout):
    found = []
    for turned in (False, True):
        parameters = {"weight": drawn(0).requires_grad_()}
        optimizer = load("optimizers", name).build(list(parameters.values()), resolve("optimizers", name))
        player = Player(parameters, {}, optimizer)
        for number in range(3):
            gradient = drawn(1 + number)
            given = list(other_layouts(gradient))[layout] if turned else gradient
            assert torch.equal(given, gradient) and (given.stride() != gradient.stride()) == turned
            norm = descend(player, [given], {})
            assert norm.item() == pytest.approx(gradient.norm().item())
        found.append(parameters["weight"].detach())
    assert torch.equal(*found)


@pytest.mark.parametrize(
    "penalty", [name for name in names("penalties") if not hasattr(load("penalties", name), "after_step")]
)
@pytest.mark.parametrize("model", ["wgan_gp_net", "dcgan"])
def test_adam_s_first_step_goes_against_the_sign_of_each_weight_s_own_gradient(played, model, penalty):
    norm = {"d_norm": "layer"} if "d_norm" in component("models", model).settings else {}
    rate = 1e-3
    changes = {"model": {"name": model, "latent_dim": 4, "width": 4, **norm}, "loss": "wasserstein", "penalty": penalty}
    game, players, state = played(size=16, **changes, d_optimizer={"name": "adam", "lr": rate})
    d, zero = players["discriminator"], torch.tensor(0.0)
    numbers = game.penalty_draw(state.rngs["penalty"], 8, (1, 16, 16))
    draws = {name: torch.from_numpy(value) for name, value in numbers.items()}
    z = torch.randn((8, 4), generator=torch.Generator().manual_seed(1))
    fake, real = step.generated_minibatch(game, players["generator"], z, {}), {"images": REAL, "draws": {}}
    before = {name: own.detach().clone() for name, own in d.parameters.items()}
    value, _ = step.discriminator_objective(game, d.parameters, d.buffers, real, fake, draws, zero)
    gradients = torch.autograd.grad(value, list(d.parameters.values()))
    step.discriminator_step(game, d, real, fake, draws, zero)
    for (name, own), gradient in zip(d.parameters.items(), gradients, strict=True):
        # At t = 1, the corrected moments of Adam (Kingma & Ba 2015, Algorithm 1) are g and g^2: the step is g / (|g| +
        # eps).
        moved = -rate * gradient / (gradient.abs() + 1e-8)
        torch.testing.assert_close(own.detach() - before[name], moved, rtol=0, atol=1e-2 * rate, msg=name)
