"""Tricks that change layers put the new layers in the right places. The new layers equal closed forms."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.game.game import build_game
from gan_bench.models._blocks import BatchNorm
from gan_bench.models._spectral import Spectral
from gan_bench.tricks.generator_dropout import Dropout
from gan_bench.tricks.generator_noise import NoiseLayer
from gan_bench.tricks.minibatch_discrimination import MinibatchDiscrimination
from gan_bench.tricks.minibatch_stddev import MinibatchStddev

DCGAN = {"name": "dcgan", "latent_dim": 4, "width": 4}
MLP = {"name": "mlp", "latent_dim": 4, "g_widths": [12, 12], "d_widths": [12]}


def game(*tricks, model=DCGAN, size=16, penalty="none"):
    run = {"model": resolve("models", model), "loss": resolve("losses", "non_saturating")}
    run |= {"penalty": resolve("penalties", penalty), "tricks": [resolve("tricks", trick) for trick in tricks]}
    built = build_game(run, (1, size, size), 10)
    built.initialise(np.random.default_rng(0))
    return built


def kinds(network):
    return [type(layer).__name__ for layer in network.module.children()]


def test_tanh_becomes_a_sigmoid_of_the_same_range():
    built = game("unit_range")
    last = list(built.generator.module.children())[-1]
    values = torch.tensor([-40.0, 0.0, 40.0])
    assert torch.allclose(last(values), torch.tensor([-1.0, 0.0, 1.0])) and "Tanh" not in kinds(built.generator)
    assert torch.allclose(last(values / 40), torch.tanh(values / 80))


def test_norms_are_exchanged_and_a_bias_takes_the_place_of_a_lost_shift():
    layers = kinds(game({"name": "norm", "g": "layer", "d": "none"}).generator)
    assert "BatchNorm" not in layers and layers.count("GroupNorm") == 2
    plain, bare = (game(*tricks).discriminator.module for tricks in ([], [{"name": "norm", "d": "none"}]))
    assert [type(layer) for layer in bare] == [type(layer) for layer in plain if not isinstance(layer, BatchNorm)]
    convolutions = [layer for layer in bare if isinstance(layer, nn.Conv2d)]
    assert convolutions[0].bias is None and convolutions[1].bias is not None
    own = game(model={**DCGAN, "d_norm": "none"}).discriminator.module
    assert sum(p.numel() for p in bare.parameters()) == sum(p.numel() for p in own.parameters())
    with pytest.raises(UserError, match="no normalisation to replace"):
        game({"name": "norm", "d": "layer"}, model=MLP)


def test_a_norm_that_judges_each_image_alone_allows_a_penalty():
    with pytest.raises(UserError, match="judges each image alone"):
        game(penalty="gradient_penalty")
    game({"name": "norm", "d": "layer"}, penalty="gradient_penalty")


def test_activations_are_exchanged_and_ends_stay():
    built = game({"name": "activation", "g": "leaky_relu", "d": "relu", "slope": 0.3})
    assert "ReLU" not in kinds(built.generator) and kinds(built.generator)[-1] == "Tanh"
    assert "LeakyReLU" not in kinds(built.discriminator)
    slopes = {layer.negative_slope for layer in built.generator.module if isinstance(layer, nn.LeakyReLU)}
    assert slopes == {0.3}


@pytest.mark.parametrize("size", [8, 28, 64])
def test_pooling_and_shuffling_keep_every_size(size):
    built = game("average_pooling", "pixel_shuffle", size=size)
    plain = game(size=size)
    z = torch.zeros(2, 4)
    images = built.generator.module(z)
    assert images.shape == (2, 1, size, size) and built.discriminator.module(images).shape == (2,)
    assert not any(isinstance(layer, nn.ConvTranspose2d) for layer in built.generator.module)
    assert not any(isinstance(layer, nn.Conv2d) and layer.stride != (1, 1) for layer in built.discriminator.module)
    for ours, theirs, ratio in (
        (built.discriminator, plain.discriminator, 9 / 16),
        (built.generator, plain.generator, 36 / 16),
    ):

        def count(network):
            maps = (nn.Conv2d, nn.ConvTranspose2d)
            return sum(layer.weight.numel() for layer in network.module if isinstance(layer, maps))

        assert count(ours) == pytest.approx(ratio * count(theirs))


def test_sigma_is_the_largest_singular_value():
    rng = np.random.default_rng(0)
    for layer in (nn.Conv2d(3, 5, 4, 2, 1), nn.Linear(20, 7)):
        spectral = Spectral(layer)
        with torch.no_grad():
            spectral.weight.copy_(torch.from_numpy(rng.normal(size=tuple(spectral.weight.shape))))
            spectral.bias.zero_()
        spectral.start(rng)
        assert spectral.u.norm().item() == pytest.approx(1)
        for _ in range(200):
            weight = spectral.normalised()
        top = torch.linalg.svdvals(weight.detach().flatten(1))[0].item()
        assert top == pytest.approx(1, abs=1e-5)
        before = spectral.u.clone()
        spectral.eval()
        spectral.normalised()
        assert torch.equal(spectral.u, before), "eval form leaves u"


def test_the_gradient_of_a_normalised_weight_has_no_part_along_it():
    """Equation 12 of the paper: with fixed u and v, a loss that is linear in W / sigma has no gradient along W."""
    rng = np.random.default_rng(1)
    spectral = Spectral(nn.Linear(6, 4, bias=False)).eval()
    with torch.no_grad():
        spectral.weight.copy_(torch.from_numpy(rng.normal(size=(4, 6))))
    spectral.start(rng)
    direction = torch.from_numpy(rng.normal(size=(4, 6))).float()
    (gradient,) = torch.autograd.grad((spectral.normalised() * direction).sum(), spectral.weight)
    assert (gradient * spectral.weight).sum().item() == pytest.approx(0, abs=1e-5)
    assert gradient.abs().max() > 1e-3


def test_spectral_norm_is_in_every_layer_and_the_initial_law_stays():
    built, plain = game("spectral_norm"), game()
    ours, theirs = ([p for _, p in one.discriminator.module.named_parameters()] for one in (built, plain))
    assert [p.shape for p in ours] == [p.shape for p in theirs] and torch.equal(ours[0], theirs[0])
    assert not any(isinstance(layer, nn.Conv2d | nn.Linear) for layer in built.discriminator.module)
    assert sum(name.endswith("u") for name, _ in built.discriminator.module.named_buffers()) == 3


def test_a_step_moves_u_and_keeps_the_critic_lipschitz():
    from gan_bench.game import step
    from gan_bench.game.player import Player

    built = game("spectral_norm", model={**DCGAN, "d_norm": "none"})
    module = built.discriminator.module
    parameters = {name: p.detach().requires_grad_() for name, p in module.named_parameters()}
    player = Player(parameters, dict(module.named_buffers()), torch.optim.Adam(list(parameters.values()), lr=0.01))
    first = {name: buffer.clone() for name, buffer in player.buffers.items()}
    real = {"images": torch.rand((8, 1, 16, 16), generator=torch.Generator().manual_seed(0)) * 2 - 1, "draws": {}}
    for _ in range(30):
        step.discriminator_step(built, player, real, {"images": -real["images"], "draws": {}}, {}, torch.tensor(0.0))
    names = [name for name, buffer in first.items() if name.endswith("u") and len(buffer) > 1]
    assert names and all(not torch.equal(player.buffers[name], first[name]) for name in names)
    x = real["images"].clone().requires_grad_()
    logits = built.discriminator(player.parameters, player.buffers, x, training=False)
    (gradient,) = torch.autograd.grad(logits.sum(), x)
    # A convolution with a 4 x 4 kernel and stride 2 reads each pixel four times. So if its matrix has norm 1, the
    # convolution has a norm of at most 2.
    assert gradient.flatten(1).norm(dim=1).max() < 2.0**2 + 0.5


def test_the_spread_of_the_minibatch_stands_beside_each_image():
    x = torch.tensor([[0.0, 1.0], [2.0, 1.0]])
    found = MinibatchStddev()(x)
    torch.testing.assert_close(found, torch.tensor([[0.0, 1.0, 0.5], [2.0, 1.0, 0.5]]), atol=1e-4, rtol=0)
    alike = torch.ones(3, 2, requires_grad=True)
    (gradient,) = torch.autograd.grad(MinibatchStddev()(alike).sum(), alike)
    assert gradient.isfinite().all()


def test_closeness_is_the_sum_over_the_others():
    layer = MinibatchDiscrimination(3, kernels=4, dim=2)
    layer.initialise(np.random.default_rng(0))
    x = torch.rand((5, 3), generator=torch.Generator().manual_seed(0))
    found = layer(x)
    rows = torch.einsum("if,fbc->ibc", x, layer.t)
    for i in range(5):
        for b in range(4):
            expected = sum(torch.exp(-(rows[i, b] - rows[j, b]).abs().sum()) for j in range(5) if j != i)
            assert found[i, 3 + b].item() == pytest.approx(expected.item(), rel=1e-5)
    assert layer.t.std().item() == pytest.approx(0.05, rel=0.5)


@pytest.mark.parametrize("trick", ["minibatch_discrimination", "minibatch_stddev"])
def test_a_logit_depends_on_the_rest_of_the_minibatch(trick):
    module = game(trick, model={**DCGAN, "d_norm": "none"}).discriminator.module
    x = torch.rand((4, 1, 16, 16), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        together, apart = module(x)[0], module(torch.cat((x[:1], x[:1].expand(3, 1, 16, 16))))[0]
    assert not torch.isclose(together, apart, atol=1e-7)


def test_dropout_keeps_the_mean_and_drops_its_share():
    layer = Dropout(0.3, at_sampling=False)
    x = torch.ones(100_000)
    assert torch.equal(layer(x), x), "without a draw it does nothing"
    layer.draw = torch.from_numpy(np.random.default_rng(0).standard_normal(100_000).astype(np.float32))
    out = layer(x)
    assert (out == 0).float().mean().item() == pytest.approx(0.3, abs=0.01)
    assert out.mean().item() == pytest.approx(1, abs=0.01)
    layer.eval()
    assert torch.equal(layer(x), x)
    layer.at_sampling = True
    assert torch.equal(layer(x), out)


def test_noise_is_added_with_its_deviation():
    layer = NoiseLayer(0.2, at_sampling=True).eval()
    layer.draw = torch.tensor([1.0, -2.0])
    torch.testing.assert_close(layer(torch.zeros(2)), torch.tensor([0.2, -0.4]))


@pytest.mark.parametrize("trick", ["generator_noise", "generator_dropout"])
def test_random_layers_draw_from_z_so_that_an_image_is_a_function_of_it(trick):
    on, off = (game({"name": trick, "at_sampling": value}, model=MLP, size=8) for value in (True, False))
    assert on.layout.random == 24 and on.layout.width == 28
    z = torch.from_numpy(on.layout.draw(np.random.default_rng(0), 6))
    other = z.clone()
    other[:, 4:] = -z[:, 4:]
    for built, changes in ((on, True), (off, False)):
        parts = {**dict(built.generator.module.named_parameters()), **dict(built.generator.module.named_buffers())}
        one, two, again = (built.generator(parts, {}, value, training=False) for value in (z, other, z))
        assert torch.equal(one, again) and torch.equal(one, two) != changes
        training = [built.generator(parts, dict(parts), value) for value in (z, other)]
        assert not torch.equal(*training)
