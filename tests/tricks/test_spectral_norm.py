"""The trick gives every layer of D a spectral norm. This bounds the slope of D, and all objectives can be trained."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.game import step
from gan_bench.game.game import build_game
from gan_bench.game.network import copy_of
from gan_bench.models import build
from gan_bench.models._blocks import rebuilt
from gan_bench.models._init import initialise
from gan_bench.models._spectral import Spectral
from gan_bench.tricks import Scene, spectral_norm

SCENE = Scene((1, 8, 8), 1, 4, 0)
MLP = {"name": "mlp", "latent_dim": 4, "g_widths": [6], "d_widths": [16, 8]}
DCGAN = {"name": "dcgan", "latent_dim": 4, "width": 2, "d_norm": "none"}
MODELS = [(MLP, 8), *((DCGAN, n) for n in (8, 28, 64)), ({"name": "sndcgan", "latent_dim": 4, "width": 2}, 28)]
ZERO = torch.tensor(0.0)


def changed(model, size, iterations=1):
    old = build(resolve("models", model), (1, size, size)).discriminator
    return old, rebuilt(old, lambda row: spectral_norm.discriminator(row, SCENE, {"iterations": iterations}))


@pytest.mark.parametrize(("model", "size"), MODELS)
def test_parameters_keep_their_names_and_shapes_and_each_layer_gains_u(model, size):
    old, new = changed(model, size)
    assert [(n, p.shape) for n, p in new.named_parameters()] == [(n, p.shape) for n, p in old.named_parameters()]
    places = [i for i, layer in enumerate(old) if isinstance(layer, nn.Conv2d | nn.Linear)]
    assert [i for i, layer in enumerate(new) if isinstance(layer, Spectral)] == places
    widths = [old[i].weight.shape[0] for i in places]
    assert [(name, len(b)) for name, b in new.named_buffers()] == [
        (f"{i}.u", n) for i, n in zip(places, widths, strict=True)
    ]
    initialise(new, np.random.default_rng(0))
    logits = new(torch.zeros(3, 1, size, size))
    assert logits.shape == (3,) and logits.isfinite().all()


@pytest.mark.parametrize("scale", [0.1, 30.0])
def test_the_critic_is_lipschitz_whatever_the_size_of_its_weights(scale):
    _, new = changed(MLP, 8, iterations=100)
    initialise(new, np.random.default_rng(0))
    with torch.no_grad():
        for name, parameter in new.named_parameters():
            parameter.mul_(scale if name.endswith("weight") else 0)
    x, y = torch.randn(2, 64, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    new(x)
    new.eval()
    slopes = (new(x) - new(y)).abs() / (x - y).flatten(1).norm(dim=1)
    assert slopes.max() <= 1 + 1e-4 and slopes.max() > 1e-3
    top = [torch.linalg.svdvals(layer.normalised().flatten(1).detach())[0] for layer in new if hasattr(layer, "u")]
    torch.testing.assert_close(torch.stack(top), torch.ones(3), rtol=1e-3, atol=0)


def game(penalty):
    run = {"model": resolve("models", DCGAN), "loss": resolve("losses", "non_saturating")}
    run |= {"penalty": resolve("penalties", penalty), "tricks": [resolve("tricks", "spectral_norm")]}
    return build_game(run, (1, 8, 8), 0)


def tensors(built, seed):
    built.initialise(np.random.default_rng(seed))
    module = built.discriminator.module
    pairs = (module.named_parameters(), module.named_buffers())
    return [{name: t.detach().clone() for name, t in pair} for pair in pairs]


def sides():
    real, fake = torch.randn(2, 6, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    return {"images": real, "draws": {}}, {"images": fake, "draws": {}}


def objective(built, penalty_draws):
    real, fake = sides()
    return torch.func.grad_and_value(
        lambda p, b: step.discriminator_objective(built, p, b, real, fake, penalty_draws, ZERO), has_aux=True
    )


def test_a_d_step_is_two_iterations_and_a_penalty_none():
    plain, penalised = game("none"), game("gradient_penalty")
    parameters, buffers = tensors(plain, 0)
    before = copy_of(buffers)
    _, (_, aux) = objective(plain, {})(parameters, buffers)
    draws = penalised.penalty_draw(np.random.default_rng(1), 6, (1, 8, 8))
    _, (_, with_penalty) = objective(penalised, {k: torch.from_numpy(v) for k, v in draws.items()})(parameters, buffers)
    for name, old in before.items():
        assert torch.equal(buffers[name], old), "what the step was given stays"
        matrix = parameters[name.replace(".u", ".weight")].flatten(1)
        u = old
        for _ in range(2):
            v = matrix.T @ u
            u = matrix @ (v / v.norm())
            u = u / u.norm()
        torch.testing.assert_close(aux.buffers[name], u)
        assert torch.equal(with_penalty.buffers[name], aux.buffers[name])


@pytest.mark.parametrize("penalty", ["none", "gradient_penalty"])
def test_stacked_runs_have_the_gradients_and_the_u_of_single_ones(penalty):
    built = game(penalty)
    single = [tensors(built, seed) for seed in (0, 1)]
    drawn = built.penalty_draw(np.random.default_rng(1), 6, (1, 8, 8))
    call = objective(built, {name: torch.from_numpy(array) for name, array in drawn.items()})
    stacked = [{name: torch.stack([one[i][name] for one in single]) for name in single[0][i]} for i in (0, 1)]
    found, (_, moved) = torch.func.vmap(call)(*stacked)
    for i, one in enumerate(single):
        gradients, (_, aux) = call(*one)
        for name, gradient in gradients.items():
            torch.testing.assert_close(found[name][i], gradient, rtol=1e-3, atol=1e-6)
        for name, u in aux.buffers.items():
            torch.testing.assert_close(moved.buffers[name][i], u)


def test_a_network_without_weights_is_refused():
    with pytest.raises(UserError, match="no convolution or linear layer"):
        spectral_norm.discriminator([nn.Flatten(1)], SCENE, {"iterations": 1})
