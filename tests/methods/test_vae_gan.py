"""Each network of the VAE-GAN minimises only its own loss."""

import pytest
import torch

from gan_bench.errors import UserError
from gan_bench.methods import Setup, build

X = torch.rand((8, 1, 8, 8), generator=torch.Generator().manual_seed(0)) * 2 - 1
NOISE, PRIOR = torch.randn((2, 8, 4), generator=torch.Generator().manual_seed(1))


@pytest.fixture
def begin(run, begun):
    """(program, players) of a small run."""

    def made(**changes):
        program, state, _ = begun("vae_gan", penalty=None, **changes)
        return program, state.players

    return made


def losses(program, players):
    buffers = {name: {k: v.clone() for k, v in own.buffers.items()} for name, own in players.items()}
    return program.objectives(players, buffers, X, NOISE, PRIOR)


def test_the_losses_are_those_of_algorithm_1(begin):
    from torch.nn.functional import softplus

    program, players = begin()
    found, d_stats, g_stats = losses(program, players)
    e, g, d = (players[name] for name in ("encoder", "generator", "discriminator"))
    mean, log_variance = program.encoder(e.parameters, {}, X).chunk(2, dim=1)
    z = torch.cat((mean + torch.exp(log_variance / 2) * NOISE, PRIOR))
    made = torch.tanh(program.decoder(g.parameters, {k: v.clone() for k, v in g.buffers.items()}, z))
    (on_real, f_real), (on_made, f_made) = (program.discriminator(d.parameters, {}, x) for x in (X, made))
    kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean()
    likelihood = 0.5 * ((f_made[:8] - f_real) ** 2).sum(1).mean()
    torch.testing.assert_close(found["encoder"], kl + likelihood)
    torch.testing.assert_close(found["generator"], 0.01 * likelihood + softplus(-on_made).mean())
    torch.testing.assert_close(found["discriminator"], softplus(-on_real).mean() + softplus(on_made).mean())
    assert f_made.shape == (16, 12) and len(d_stats) == 8
    torch.testing.assert_close(g_stats, torch.stack([softplus(-on_made).mean(), likelihood, kl]).detach())


def test_each_step_goes_down_its_own_gradient_alone(begun, stepped, run):
    """With plain SGD, the change of each network is minus the learning rate times the gradient of its loss."""
    sgd = {"name": "sgd", "lr": 0.1}
    program, state, plan = begun("vae_gan", penalty=None, g_optimizer=sgd)
    players = state.players
    rng, sampler = state.rngs["noise"].bit_generator.state, state.rngs["data"].bit_generator.state
    from gan_bench.data.scaling import to_unit
    from gan_bench.game.latent import draw_latents

    rows = torch.from_numpy(state.sampler.next())
    state.rngs["data"].bit_generator.state, state.sampler.pending = sampler, state.sampler.pending[:0]
    images = torch.randint(0, 256, (40, 1, 8, 8), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    noise, prior = (torch.from_numpy(draw_latents(state.rngs["noise"], 8, 4)) for _ in range(2))
    state.rngs["noise"].bit_generator.state = rng
    buffers = {name: {k: v.clone() for k, v in own.buffers.items()} for name, own in players.items()}
    found, _, _ = program.objectives(players, buffers, to_unit(images[rows]), noise, prior)
    expected = {
        name: [
            (p - 0.1 * grad).detach()
            for p, grad in zip(
                own.parameters.values(),
                torch.autograd.grad(found[name], list(own.parameters.values()), retain_graph=True),
                strict=True,
            )
        ]
        for name, own in players.items()
    }
    stepped(program, state, plan, 1, images)
    for name, own in players.items():
        for parameter, value in zip(own.parameters.values(), expected[name], strict=True):
            torch.testing.assert_close(parameter.detach(), value, msg=lambda text, name=name: f"{name}: {text}")


def test_a_layer_that_the_discriminator_lacks_is_named(run):
    settings = run({"name": "vae_gan", "layer": 2}, penalty=None)
    with pytest.raises(UserError, match="layer is 2; valid: 1 to 1"):
        build(Setup(settings, (1, 8, 8)))


def test_a_loss_that_pairs_images_is_refused(run):
    with pytest.raises(UserError, match="cannot use the loss 'relativistic'"):
        build(Setup(run("vae_gan", loss="relativistic", penalty=None), (1, 8, 8)))


def test_a_discriminator_that_calls_everything_generated_is_right_half_of_the_time(begin):
    """D sees twice as many generated images as real ones, so the accuracy over all images together would be 0.667."""
    program, players = begin()
    head = [tensor for tensor in players["discriminator"].parameters.values() if tensor.shape in {(1,), (1, 1)}]
    buffers = {name: {k: v.clone() for k, v in player.buffers.items()} for name, player in players.items()}
    with torch.no_grad():
        (head[-1] if head else list(players["discriminator"].parameters.values())[-1]).sub_(1000.0)
    _, d_stats, _ = program.objectives(players, buffers, X, NOISE, PRIOR)
    assert d_stats[-1] == 0.5
