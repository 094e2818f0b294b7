"""Every penalty of the folder meets these requirements. A new file is tested without a new test."""

import inspect

import numpy as np
import pytest
import torch
from torch.func import functional_call, grad_and_value, stack_module_state, vmap

from gan_bench import seeds
from gan_bench.config.grammar.reference import resolve
from gan_bench.models import build, initialise_pair
from gan_bench.registry import component, load, names

every_penalty = pytest.mark.parametrize("name", names("penalties"))
with_a_term = pytest.mark.parametrize(
    "name", [n for n in names("penalties") if hasattr(load("penalties", n), "penalty")]
)

ARGUMENTS = {
    "draw": ["rng", "batch", "shape", "settings"],
    "penalty": ["critic", "real", "fake", "draws", "settings"],
    "after_step": ["parameters", "settings"],
}
#: Settings of models whose critics judge each image alone: one perceptron, two convolutional networks.
CRITICS = [
    {"name": "mlp", "g_widths": [8], "d_widths": [8, 6], "latent_dim": 4},
    {"name": "dcgan", "width": 3, "d_norm": "layer", "latent_dim": 4},
    {"name": "dcgan", "width": 3, "d_norm": "instance", "latent_dim": 4},
]


def draws_of(name, ref, seed, batch, shape=(1, 16, 16)):
    """The random numbers that a penalty draws for one step, as tensors."""
    found = getattr(load("penalties", name), "draw", lambda *_: {})(np.random.default_rng(seed), batch, shape, ref)
    return {key: torch.from_numpy(value) for key, value in found.items()}


def images(seed, *shape):
    return torch.from_numpy(np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32))


@every_penalty
def test_the_declaration_is_complete(name):
    declared = component("penalties", name)
    assert declared.paper and isinstance(declared.facts["per_sample_critic"], bool)
    found = load("penalties", name)
    for function, arguments in ARGUMENTS.items():
        if hasattr(found, function):
            assert list(inspect.signature(getattr(found, function)).parameters) == arguments


@every_penalty
def test_draws_are_float32_for_each_image_and_come_from_the_generator(name):
    ref = resolve("penalties", name)
    first, again, other = (draws_of(name, ref, seed, 5) for seed in (0, 0, 1))
    for key, value in first.items():
        assert value.dtype == torch.float32 and value.shape[0] == 5
        assert torch.equal(value, again[key]) and not torch.equal(value, other[key])


@with_a_term
@pytest.mark.parametrize("given", CRITICS, ids=lambda given: given["name"] + given.get("d_norm", ""))
def test_grad_and_vmap_over_stacked_critics_give_what_autograd_gives(name, given):
    ref, module = resolve("penalties", name), load("penalties", name)
    pairs = [build(resolve("models", given), (1, 16, 16)) for _ in range(3)]
    for seed, pair in enumerate(pairs):
        initialise_pair(pair, seeds.generator(seed, "init"))
    critics = [pair.discriminator for pair in pairs]
    real, fake = images(0, 3, 6, 1, 16, 16), images(1, 3, 6, 1, 16, 16)
    draws = [draws_of(name, ref, seed, 6) for seed in range(3)]

    def term(parameters, real, fake, draws):
        return module.penalty(lambda x: functional_call(critics[0], parameters, (x,)), real, fake, draws, ref)

    parameters, _ = stack_module_state(critics)
    stacked_draws = {key: torch.stack([draw[key] for draw in draws]) for key in draws[0]}
    gradients, values = vmap(grad_and_value(term))(parameters, real, fake, stacked_draws)
    for i, critic in enumerate(critics):
        value = module.penalty(critic, real[i], fake[i], draws[i], ref)
        assert value.shape == () and value.isfinite()
        torch.testing.assert_close(values[i], value, rtol=1e-4, atol=1e-5)
        value.backward()
        for key, parameter in critic.named_parameters():
            # Some biases do not affect the gradient of D's output with respect to the image. The penalty gives them no
            # gradient.
            expected = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            torch.testing.assert_close(gradients[key][i], expected, rtol=1e-3, atol=1e-4)


@with_a_term
def test_no_gradient_reaches_the_images(name):
    ref, module = resolve("penalties", name), load("penalties", name)
    weight = images(2, 16).requires_grad_()
    real, fake = images(0, 4, 1, 4, 4).requires_grad_(), images(1, 4, 1, 4, 4).requires_grad_()
    value = module.penalty(
        lambda x: x.flatten(1).square() @ weight, real, fake, draws_of(name, ref, 0, 4, (1, 4, 4)), ref
    )
    found = torch.autograd.grad(value, [weight, real, fake], allow_unused=True)
    assert found[0].abs().max() > 0 and found[1] is None and found[2] is None
