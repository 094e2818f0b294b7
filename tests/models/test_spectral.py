"""The layer with spectral norm equals Algorithm 1 of Miyato et al. 2018, also in its gradient and its state."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrizations, spectral_norm

from gan_bench.game.network import Network
from gan_bench.models._blocks import network
from gan_bench.models._init import initialise
from gan_bench.models._ready import ready
from gan_bench.models._spectral import Spectral


def filled(maker, iterations=1, seed=0):
    built = network(lambda: [Spectral(maker(), iterations)], "uniform_fan_in")
    initialise(built, np.random.default_rng(seed))
    return built[0]


def by_hand(weight, u, iterations):
    """(u, sigma) after `iterations` steps of the power method, in double precision.

    The vector v of sigma is computed from the returned u.
    """
    matrix = weight.detach().double().flatten(1).numpy()
    u = u.double().numpy()
    for _ in range(iterations):
        v = matrix.T @ u
        u = matrix @ (v / np.linalg.norm(v))
        u = u / np.linalg.norm(u)
    v = matrix.T @ u
    return u, float(u @ matrix @ (v / np.linalg.norm(v)))


@pytest.mark.parametrize("iterations", [1, 3])
@pytest.mark.parametrize("maker", [lambda: nn.Linear(9, 5), lambda: nn.Conv2d(3, 4, 4, 2, 1)], ids=["linear", "conv"])
def test_a_forward_in_training_form_is_algorithm_1(maker, iterations):
    layer = filled(maker, iterations)
    u, sigma = by_hand(layer.weight, layer.u.clone(), iterations)
    torch.testing.assert_close(layer.normalised(), (layer.weight / sigma), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(layer.u.numpy(), u, rtol=1e-4, atol=1e-6)


def test_the_layer_is_its_plain_form_with_the_divided_weight():
    for maker, shape in (
        (lambda: nn.Conv2d(3, 4, 4, 2, 1), (2, 3, 8, 8)),
        (lambda: nn.Conv2d(3, 4, 3, padding="same", bias=False), (2, 3, 5, 5)),
        (lambda: nn.Linear(9, 5), (2, 9)),
    ):
        layer, plain = filled(maker).eval(), maker()
        _, sigma = by_hand(layer.weight, layer.u, 0)
        with torch.no_grad():
            plain.weight.copy_(layer.weight / sigma)
            if plain.bias is not None:
                plain.bias.copy_(layer.bias)
        x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
        torch.testing.assert_close(layer(x), plain(x), rtol=1e-4, atol=1e-5)


def test_sigma_tends_to_the_largest_singular_value_from_below():
    layer = filled(lambda: nn.Linear(30, 20))
    top, found = torch.linalg.svdvals(layer.weight.detach())[0].item(), []
    for _ in range(300):
        found.append((layer.weight / layer.normalised()).mean().item())
    assert found[-1] == pytest.approx(top, rel=1e-5) and max(found) <= top * (1 + 1e-5)
    assert found[0] < 0.99 * top, "one iteration is not enough: a wrong start would go unseen"


def test_the_gradient_is_that_of_equation_12_and_none_enters_u():
    layer = filled(lambda: nn.Linear(6, 4, bias=False)).eval()
    direction = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    (found,) = torch.autograd.grad((layer.normalised() * direction).sum(), layer.weight)
    with torch.no_grad():
        v = F.normalize(layer.weight.T @ layer.u, dim=0)
        sigma = layer.u @ layer.weight @ v
        # Here d sigma / dW = u v^T, so the quotient rule subtracts a multiple of u v^T from the direction.
        expected = (direction - (direction * layer.weight / sigma).sum() * torch.outer(layer.u, v)) / sigma
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    training = filled(lambda: nn.Linear(6, 4, bias=False))
    assert not training.u.requires_grad
    training(torch.ones(2, 6)).sum().backward()
    assert not training.u.requires_grad and training.u.grad_fn is None


def test_the_output_does_not_depend_on_the_scale_of_the_weight():
    layer, x = filled(lambda: nn.Linear(6, 4)), torch.ones(2, 6)
    layer.eval()
    before = layer(x)
    with torch.no_grad():
        layer.weight.mul_(17)
    torch.testing.assert_close(layer(x), before)


def test_the_state_lives_in_the_tensors_given():
    module = nn.Sequential(filled(lambda: nn.Linear(6, 4)))
    own = module[0].u.clone()
    call = Network(module)
    parameters, given = dict(module.named_parameters()), {"0.u": own.clone()}
    x = torch.ones(2, 6)
    call(parameters, given, x)
    assert not torch.equal(given["0.u"], own) and torch.equal(module[0].u, own)
    moved = given["0.u"].clone()
    call(parameters, given, x, training=False)
    assert torch.equal(given["0.u"], moved)
    assert given["0.u"].norm().item() == pytest.approx(1, rel=1e-6)


def test_the_start_is_uniform_on_the_sphere_and_drawn_after_the_weights():
    layer = filled(lambda: nn.Linear(3, 2), seed=7)
    rng = np.random.default_rng(7)
    bound = 3**-0.5
    np.testing.assert_array_equal(layer.weight.detach(), rng.uniform(-bound, bound, (2, 3)).astype(np.float32))
    np.testing.assert_array_equal(layer.bias.detach(), rng.uniform(-bound, bound, 2).astype(np.float32))
    drawn = rng.standard_normal(2)
    np.testing.assert_array_equal(layer.u, (drawn / np.linalg.norm(drawn)).astype(np.float32))


@pytest.mark.parametrize("norm", [spectral_norm, parametrizations.spectral_norm])
def test_only_layers_with_spectral_norm_become_spectral_layers(norm):
    network = ready(nn.Sequential(norm(nn.Linear(4, 3)), parametrizations.weight_norm(nn.Linear(3, 2))))
    assert isinstance(network[0], Spectral)
    assert not isinstance(network[1], Spectral)
