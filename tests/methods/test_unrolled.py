"""Unrolled GAN: with 0 unrolled steps it is the plain game, and G's gradient is the gradient of the unrolled loss."""

import pytest
import torch

from gan_bench.errors import UserError
from gan_bench.game.game import build_game
from gan_bench.game.step import generator_objective
from gan_bench.methods.unrolled import unrolled_discriminator

START = torch.tensor(0.0)


def tensors(state):
    return {f"{player}.{name}": t for player, own in state.players.items() for name, t in own.tensors.items()}


def test_no_step_ahead_is_the_adversarial_game_bit_for_bit(begun, stepped):
    plain, ahead = begun("adversarial"), begun({"name": "unrolled", "steps": 0})
    stepped(*plain, 5)
    stepped(*ahead, 5)
    one, other = tensors(plain[1]), tensors(ahead[1])
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("optimizer", [{"name": "sgd", "lr": 0.3, "momentum": 0.5}, {"name": "rmsprop", "lr": 0.01},
                                       {"name": "adam", "lr": 0.02}], ids=lambda o: o["name"])  # fmt: skip
def test_the_gradient_is_that_of_the_loss_after_the_steps_ahead(run, begun, stepped, optimizer):
    """G's gradient equals central differences in double precision. The moments of D's optimizer are not zero."""
    changes = {"g_optimizer": optimizer, "model": {"name": "mlp", "latent_dim": 3, "g_widths": [5], "d_widths": [6]}}
    program, state, plan = begun({"name": "unrolled", "steps": 2}, **changes)
    stepped(program, state, plan, 3)
    game = build_game(run("adversarial", **changes), (1, 8, 8))
    g, d = state.players["generator"], state.players["discriminator"]
    for player in (g, d):
        player.parameters = {name: p.detach().double().requires_grad_() for name, p in player.parameters.items()}
        player.buffers = {name: b.double() for name, b in player.buffers.items()}
    old = list(d.optimizer.state.values())
    d.optimizer.state.clear()
    for parameter, moments in zip(d.parameters.values(), old, strict=True):
        d.optimizer.state[parameter] = {
            key: value.double() if isinstance(value, torch.Tensor) else value for key, value in moments.items()
        }
    generator = torch.Generator().manual_seed(1)
    real = {"images": torch.rand((6, 1, 8, 8), generator=generator, dtype=torch.float64) * 2 - 1, "draws": {}}
    z = torch.randn((6, 3), generator=generator, dtype=torch.float64)
    inputs = {"z": z, "real": real, "fake_draws": {}, "progress": START}

    def value():
        ahead, buffers = unrolled_discriminator(game, g, d, inputs, 2, {})
        return generator_objective(game, g.parameters, g.buffers, ahead, buffers, z, real, {}, START)[0]

    weight = next(iter(g.parameters.values()))
    (found,) = torch.autograd.grad(value(), weight)
    for place in [(0, 0), (2, 1), (4, 2)]:
        ends = []
        for sign in (1, -1):
            with torch.no_grad():
                weight[place] += sign * 1e-5
            ends.append(value().item())
            with torch.no_grad():
                weight[place] -= sign * 1e-5
        assert found[place].item() == pytest.approx((ends[0] - ends[1]) / 2e-5, rel=1e-4, abs=1e-9)
    frozen = generator_objective(game, g.parameters, g.buffers, d.parameters, d.buffers, z, real, {}, START)[0]
    (plain,) = torch.autograd.grad(frozen, weight)
    assert (found - plain).abs().max() > 1e-3 * plain.abs().max(), "looking ahead changes the gradient"


def test_the_step_is_the_optimizer_s_own(begun, stepped):
    """For the same gradients, the unrolled steps and the real optimizer give the same parameters."""
    from gan_bench.methods.unrolled import InnerOptimizer

    for name in ("adam", "rmsprop", {"name": "sgd", "momentum": 0.9}):
        program, state, plan = begun("adversarial", g_optimizer=name)
        stepped(program, state, plan, 2)
        d = state.players["discriminator"]
        inner, moved = InnerOptimizer(d), dict(d.parameters)
        for k in range(3):
            gradients = [torch.full_like(p, 0.1 * (k + 1)) for p in d.parameters.values()]
            moved = inner.step(moved, gradients)
            for parameter, gradient in zip(d.parameters.values(), gradients, strict=True):
                parameter.grad = gradient
            d.optimizer.step()
        for own, parameter in zip(moved.values(), d.parameters.values(), strict=True):
            torch.testing.assert_close(own, parameter, rtol=1e-5, atol=1e-7)


def test_looking_ahead_leaves_the_discriminator_alone_in_g_s_step(begun, stepped):
    sgd = {"g_optimizer": {"name": "sgd", "lr": 0.5}}
    plain, ahead = begun("adversarial", **sgd), begun({"name": "unrolled", "steps": 3}, **sgd)
    stepped(*plain, 1)
    stepped(*ahead, 1)
    one, other = tensors(plain[1]), tensors(ahead[1])
    same = {name: torch.equal(one[name], other[name]) for name in one}
    assert all(same[name] for name in one if name.startswith("discriminator."))
    assert not same["generator.0.weight"]


def test_a_penalty_that_acts_after_the_step_is_refused(begun):
    with pytest.raises(UserError, match="cannot look ahead through penalty 'weight_clipping'"):
        begun("unrolled", penalty="weight_clipping", loss="wasserstein")
