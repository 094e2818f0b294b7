"""A step of one player does not change the other player. Stacked runs get the gradients of single runs."""

import itertools

import pytest
import torch
from torch.nn.functional import softplus

from gan_bench.game import step
from gan_bench.game.network import copy_of
from gan_bench.registry import component, names

REAL = torch.rand((8, 1, 8, 8), generator=torch.Generator().manual_seed(0)) * 2 - 1
LARGE = torch.nn.functional.interpolate(REAL, scale_factor=2)
Z = torch.randn((8, 4), generator=torch.Generator().manual_seed(1))
#: A model for images of 16 x 16 pixels. For smaller images, its discriminator has no layer to normalise.
DCGAN = {"name": "dcgan", "latent_dim": 4, "width": 4, "d_norm": "batch"}


def drawn(game, state, shape=(1, 8, 8)):
    return {name: torch.from_numpy(value) for name, value in game.penalty_draw(state.rngs["penalty"], 8, shape).items()}


def side(images):
    return {"images": images, "draws": {}}


START = torch.tensor(0.0)


def d_step(game, players, real, z, draws):
    fake = step.generated_minibatch(game, players["generator"], z, {})
    return step.discriminator_step(game, players["discriminator"], side(real), fake, draws, START)


def g_step(game, players, z, real):
    return step.generator_step(game, players["generator"], players["discriminator"], z, side(real), {}, START)


def d_objective(game, params, buffers, real, fake, draws):
    return step.discriminator_objective(game, params, buffers, side(real), side(fake), draws, START)


def g_objective(game, params_g, buffers_g, params_d, buffers_d, z, real):
    return step.generator_objective(game, params_g, buffers_g, params_d, buffers_d, z, side(real), {}, START)


def copies(player):
    return {name: tensor.detach().clone() for name, tensor in {**player.parameters, **player.buffers}.items()}


def same(player, before):
    return all(torch.equal(tensor, before[name]) for name, tensor in copies(player).items())


def without_grad(player):
    return all(parameter.grad is None for parameter in player.parameters.values())


@pytest.mark.parametrize("model", [None, DCGAN], ids=["mlp", "dcgan"])
@pytest.mark.parametrize(("loss", "penalty"), list(itertools.product(names("losses"), names("penalties"))))
def test_each_step_changes_every_parameter_of_its_player_and_nothing_of_the_other(played, loss, penalty, model):
    if model and component("penalties", penalty).facts["per_sample_critic"]:
        model = {**model, "d_norm": "layer"}
    real, changes = (LARGE, {"model": model, "size": 16}) if model else (REAL, {})
    game, players, state = played(loss=loss, penalty=penalty, **changes)
    g, d = players["generator"], players["discriminator"]
    before_g, before_d = copies(g), copies(d)
    d_step(game, players, real, Z, drawn(game, state, real.shape[1:]))
    assert same(g, before_g) and without_grad(g) and without_grad(d)
    # The last bias of the critic shifts all logits equally. These losses ignore such a shift; hinge ignores it only if
    # all logits are within the margin.
    shifted = loss in ("wasserstein", "hinge", "relativistic")
    last = [name for name in d.parameters if name.endswith("bias")][-1:] if shifted else []
    assert all(
        name in last or not torch.equal(new, before_d[name]) for name, new in copies(d).items() if name != "loss.k"
    )
    before_d = copies(d)
    g_step(game, players, Z, real)
    assert same(d, before_d) and without_grad(g) and without_grad(d)
    assert not any(torch.equal(new, before_g[name]) for name, new in copies(g).items())


def test_both_the_adversarial_term_and_the_penalty_reach_the_discriminator(played):
    game, players, state = played(loss="wasserstein", penalty="gradient_penalty")
    d = players["discriminator"]
    parameters = list(d.parameters.values())
    draws, fake = drawn(game, state), -REAL

    def critic(x):
        return game.discriminator(d.parameters, copy_of(d.buffers), x)

    adversarial = torch.autograd.grad(critic(fake).mean() - critic(REAL).mean(), parameters, materialize_grads=True)
    penalty = torch.autograd.grad(game.penalty(critic, REAL, fake, draws), parameters, materialize_grads=True)
    objective, _ = d_objective(game, d.parameters, d.buffers, REAL, fake, draws)
    total = torch.autograd.grad(objective, parameters)
    assert all(term.abs().max() > 1e-4 for term in (adversarial[0], penalty[0]))
    for whole, one, other in zip(total, adversarial, penalty, strict=True):
        torch.testing.assert_close(whole, one + other)


def test_no_gradient_reaches_what_made_the_fakes(played):
    for penalty in ("none", "gradient_penalty"):
        game, players, state = played(penalty=penalty)
        d = players["discriminator"]
        fake = (-REAL).requires_grad_()
        objective, _ = d_objective(game, d.parameters, d.buffers, REAL, fake, drawn(game, state))
        (gradient,) = torch.autograd.grad(objective, fake, allow_unused=True)
        assert gradient is None


def test_the_stats_are_those_of_the_step(played):
    game, players, state = played(penalty="gradient_penalty")
    g, d = players["generator"], players["discriminator"]
    draws = drawn(game, state)
    fake = game.generator(g.parameters, copy_of(g.buffers), Z).detach()
    on_real, on_fake = (game.discriminator(d.parameters, {}, x) for x in (REAL, fake))
    penalty = game.penalty(lambda x: game.discriminator(d.parameters, {}, x), REAL, fake, draws)
    loss = softplus(-on_real).mean() + softplus(on_fake).mean() + penalty
    gradients = torch.autograd.grad(loss, list(d.parameters.values()))
    expected = {
        "d_loss_real": softplus(-on_real).mean(), "d_loss_fake": softplus(on_fake).mean(), "penalty": penalty,
        "d_real": on_real.sigmoid().mean(), "d_fake": on_fake.sigmoid().mean(),
        "lg_real_sd": on_real.std(correction=0), "lg_fake_sd": on_fake.std(correction=0),
        "d_acc": torch.cat((on_real > 0, on_fake <= 0)).float().mean(),
        "gn_d": torch.cat([gradient.flatten() for gradient in gradients]).norm(),
    }  # fmt: skip
    found = d_step(game, players, REAL, Z, draws)
    assert tuple(expected) == step.DISCRIMINATOR_STATS
    torch.testing.assert_close(found, torch.stack(list(expected.values())).detach())
    on_fake = game.discriminator(d.parameters, {}, game.generator(g.parameters, copy_of(g.buffers), Z))
    g_loss = softplus(-on_fake).mean()
    norm = torch.cat([v.flatten() for v in torch.autograd.grad(g_loss, list(g.parameters.values()))]).norm()
    found = g_step(game, players, Z, REAL)
    torch.testing.assert_close(found, torch.stack([g_loss, norm]).detach())


def test_raw_outputs_are_reported_raw(played):
    game, players, _state = played(loss="wasserstein")
    d = players["discriminator"]
    _, aux = d_objective(game, d.parameters, d.buffers, REAL, -REAL, {})
    reported = dict(zip(step.DISCRIMINATOR_STATS, aux.stats, strict=False))
    torch.testing.assert_close(reported["d_real"], -reported["d_loss_real"])
    torch.testing.assert_close(reported["d_fake"], reported["d_loss_fake"])
    assert reported["penalty"] == 0


@pytest.mark.parametrize(
    ("loss", "real", "fake", "accuracy"),
    [
        ("non_saturating", [1.0, -1.0, 2.0, 3.0], [-1.0, -2.0, 0.5, -0.1], 6 / 8),
        ("hinge", [0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0], 4 / 8),
        ("least_squares", [1.0, 0.6, 0.4, 2.0], [0.4, 0.6, -1.0, 0.0], 6 / 8),
        ({"name": "least_squares", "a": -1.0}, [1.0, 0.6, 0.4, 2.0], [0.4, 0.6, -1.0, 0.0], 6 / 8),
        # The threshold is the midpoint of the mean outputs, (10 + 6) / 2 = 8.
        ("wasserstein", [11.0, 9.0, 7.0, 13.0], [6.0, 9.0, 4.0, 5.0], 6 / 8),
        ("relativistic", [1.0, -1.0, -3.0, 3.0], [-4.0, -1.0, -6.0, -5.0], 6 / 8),
        ("non_saturating", [float("nan")] * 4, [float("inf")] * 4, 0.0),
    ],
)
def test_accuracy_is_the_share_on_the_right_side_of_the_loss_s_threshold(played, loss, real, fake, accuracy):
    game, _, _ = played(loss=loss)
    *_, found = step._output_stats(game, torch.tensor(real), torch.tensor(fake, requires_grad=True))
    assert found.tolist() == [accuracy] and not found.requires_grad


def test_weights_are_clipped_after_the_step_and_not_before(played):
    game, players, _state = played(
        penalty={"name": "weight_clipping", "clip": 0.01}, d_optimizer={"name": "adam", "lr": 0.1}
    )
    for _ in range(3):
        d_step(game, players, REAL, Z, {})
        largest = max(parameter.abs().max().item() for parameter in players["discriminator"].parameters.values())
        assert largest == pytest.approx(0.01)
    assert max(parameter.abs().max().item() for parameter in players["generator"].parameters.values()) > 0.01


def test_a_loss_that_compares_with_real_images_gets_their_logits(played, needy_loss):
    game, players, _state = played(loss=needy_loss)
    g, d = players["generator"], players["discriminator"]
    value, _ = g_objective(game, g.parameters, g.buffers, d.parameters, d.buffers, Z, REAL)
    fake = game.generator(g.parameters, copy_of(g.buffers), Z)
    on_real, on_fake = (game.discriminator(d.parameters, {}, x) for x in (REAL, fake))
    torch.testing.assert_close(value, softplus(on_real - on_fake).mean())


def test_running_means_move_in_the_own_step_alone_and_by_a_tenth(played):
    game, players, _state = played(size=16, model=DCGAN)
    _g, d = players["generator"], players["discriminator"]
    name = next(name for name in d.buffers if name.endswith("running_mean"))
    g_step(game, players, Z, LARGE)
    assert d.buffers[name].abs().max() == 0
    seen = []
    game.discriminator.module.get_submodule(name.rpartition(".")[0]).register_forward_pre_hook(
        lambda _, inputs: seen.append(inputs[0].detach().mean((0, 2, 3)))
    )
    d_step(game, players, LARGE, Z, {})
    torch.testing.assert_close(d.buffers[name], 0.1 * (0.9 * seen[0] + seen[1]))


@pytest.mark.parametrize(
    ("loss", "penalty", "model"),
    [
        ("non_saturating", "none", None),
        ("least_squares", "weight_clipping", None),
        ("wasserstein", "gradient_penalty", None),
        ("non_saturating", "none", DCGAN),
        ("wasserstein", "gradient_penalty", {**DCGAN, "d_norm": "layer"}),
    ],
)
def test_stacked_runs_get_the_gradients_of_single_runs(played, loss, penalty, model):
    one, changes = (LARGE, {"model": model, "size": 16}) if model else (REAL, {})
    runs = [played(seed=seed, loss=loss, penalty=penalty, **changes) for seed in range(3)]
    game = runs[0][0]
    real, z = torch.stack([one, -one, one / 2]), torch.stack([Z, -Z, Z / 2])
    fakes, draws = real.flip(0), [drawn(game, state) for _, _, state in runs]
    players = [(own["generator"], own["discriminator"]) for _, own, _ in runs]

    def stacked(dictionaries):
        return {name: torch.stack([one[name].detach() for one in dictionaries]) for name in dictionaries[0]}

    params_g, params_d = (stacked([pair[i].parameters for pair in players]) for i in (0, 1))
    buffers_g, buffers_d = (stacked([pair[i].buffers for pair in players]) for i in (0, 1))
    compute = torch.func.vmap(torch.func.grad_and_value(lambda *args: d_objective(game, *args), has_aux=True))
    d_result = compute(params_d, buffers_d, real, fakes, stacked(draws))
    compute = torch.func.vmap(torch.func.grad_and_value(lambda *args: g_objective(game, *args), has_aux=True))
    g_result = compute(params_g, buffers_g, params_d, buffers_d, z, real)
    for run, (g, d) in enumerate(players):
        single = d_objective(game, d.parameters, d.buffers, real[run], fakes[run], draws[run])
        compare(d_result, run, d, single)
        single = g_objective(game, g.parameters, g.buffers, d.parameters, d.buffers, z[run], real[run])
        compare(g_result, run, g, single)


def compare(result, run, player, single):
    (gradients, (value, aux)), (own_value, own_aux) = result, single
    own = torch.autograd.grad(own_value, list(player.parameters.values()))
    torch.testing.assert_close(value[run], own_value.detach())
    torch.testing.assert_close(aux.stats[run], own_aux.stats)
    for (name, gradient), expected in zip(gradients.items(), own, strict=True):
        torch.testing.assert_close(gradient[run], expected, rtol=1e-4, atol=1e-6, msg=name)
    for name, buffer in own_aux.buffers.items():
        torch.testing.assert_close(aux.buffers[name][run], buffer)


def test_the_norm_is_over_all_tensors_together_and_shows_what_is_not_finite():
    assert step.global_norm([torch.tensor([3.0]), torch.tensor([[4.0]])]).item() == 5.0
    for bad in (float("nan"), float("inf")):
        assert not torch.isfinite(step.global_norm([torch.ones(2), torch.tensor([bad, 1.0])]))
