"""Every model of the folder meets these requirements. A new file is tested without a new test."""

import copy
import itertools
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.func import functional_call, stack_module_state, vmap

from gan_bench import seeds
from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.models import Pair, build, check_shape, couples_batch, initialise_pair
from gan_bench.registry import component, names

#: Small values for the settings that determine the size of a network.
SMALL = {"width": 4, "latent_dim": 12, "g_widths": [9, 16, 16], "d_widths": [16, 8]}
SMALL |= {"g_width": 16, "d_width": 8, "hidden": 8}


SMALL_MLP = {key: SMALL[key] for key in ("latent_dim", "g_widths", "d_widths")}


def _cases():
    """Every unconditional model of images: at each of its sizes, and at one size with each choice of each setting.

    If a model takes images of any size, the sizes are 8 and 20 pixels.
    """
    for name in names("models"):
        declared = component("models", name)
        if declared.facts.get("conditional") or declared.facts["sizes"] == [1]:
            continue  # tested in test_papers.py
        small = {key: value for key, value in SMALL.items() if key in declared.settings}
        sizes, all_channels = declared.facts["sizes"] or [8, 20], declared.facts["channels"] or [1, 3]
        for size, channels in zip(sizes, itertools.cycle(all_channels), strict=False):
            yield pytest.param({"name": name, **small}, (channels, size, size), id=f"{name}-{size}")
        size = 16 if 16 in sizes else sizes[-1]
        shape = (all_channels[0], size, size)
        for key, setting in declared.settings.items():
            for choice in setting.choices:
                yield pytest.param({"name": name, **small, key: choice}, shape, id=f"{name}-{key}-{choice}")
    yield pytest.param({"name": "mlp", **SMALL_MLP}, (2, 5, 7), id="mlp-oblong")


every_model = pytest.mark.parametrize(("given", "shape"), list(_cases()))


def made(given, shape, seed=0) -> Pair:
    pair = build(resolve("models", given), shape)
    initialise_pair(pair, seeds.generator(seed, "init"))
    return pair


def normal(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape, dtype=np.float32))


@pytest.mark.parametrize("name", names("models"))
def test_the_declaration_is_complete(name):
    declared = component("models", name)
    assert declared.paper and set(declared.facts) >= {"deviations", "sizes", "channels", "critic_batch_coupled"}
    for key, values in declared.facts["critic_batch_coupled"].items():
        assert set(values) <= set(declared.settings[key].choices)


@every_model
def test_shapes_types_and_ranges(given, shape):
    pair = made(given, shape)
    images = pair.generator(normal(6, pair.latent_dim))
    assert images.shape == (6, *shape) and images.dtype == torch.float32
    assert images.abs().max() <= 1 and images.std() > 1e-6
    logits = pair.discriminator(images)
    assert logits.shape == (6,) and logits.isfinite().all()
    assert pair.discriminator.eval()(images[:1]).shape == (1,)
    assert all(tensor.is_floating_point() for m in (pair.generator, pair.discriminator) for tensor in m.buffers())


@every_model
def test_the_output_is_a_logit_without_a_sigmoid_and_the_image_a_tanh(given, shape):
    if component("models", given["name"]).facts.get("output") == "reconstruction":
        return  # the output is a reconstruction error, which is not proportional to the weights of the last layer
    pair = made(given, shape)
    last = [parameter for parameter in pair.discriminator.parameters() if parameter.ndim > 1][-1]
    with torch.no_grad():
        images = pair.generator(normal(6, pair.latent_dim))
        before = pair.discriminator(images)
        last.mul_(1e4)
        after = pair.discriminator(images)
        # If the weights of the last layer are multiplied by 1e4, so are the differences of logits. So no sigmoid
        # follows.
        torch.testing.assert_close(after - after.mean(), 1e4 * (before - before.mean()), rtol=1e-2, atol=1e-2)
        for parameter in pair.generator.parameters():
            parameter.mul_(50)
        extreme = pair.generator(normal(6, pair.latent_dim))
    assert extreme.max() == 1 and extreme.min() == -1


@every_model
def test_gradients_reach_every_parameter(given, shape):
    pair = made(given, shape)
    pair.discriminator(pair.generator(normal(6, pair.latent_dim))).square().sum().backward()
    for network in (pair.generator, pair.discriminator):
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None and parameter.grad.isfinite().all(), name
            # A batch norm removes the bias before it, so the gradient of this bias is 0 up to rounding.
            assert parameter.ndim == 1 or parameter.grad.abs().max() > 0, name


@every_model
def test_the_seed_decides_every_parameter_and_nothing_else_is_drawn(given, shape):
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = made(given, shape), made(given, shape), made(given, shape, seed=1)
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002
    for which in ("generator", "discriminator"):
        states = [getattr(pair, which).state_dict() for pair in (first, again, other)]
        assert all(torch.equal(states[0][key], states[1][key]) for key in states[0])
        matrices = [key for key in states[0] if states[0][key].ndim > 1]
        assert matrices and not any(torch.equal(states[0][key], states[2][key]) for key in matrices)


@every_model
def test_in_eval_form_an_image_does_not_depend_on_its_batch(given, shape):
    pair = made(given, shape)
    z = normal(5, pair.latent_dim)
    with torch.no_grad():
        pair.discriminator(pair.generator(z))
        pair.generator.eval(), pair.discriminator.eval()
        images = pair.generator(z)
        others = torch.cat([z[:1], 10 * normal(4, pair.latent_dim, seed=1)])
        torch.testing.assert_close(pair.generator(others)[0], images[0], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(pair.generator(z[:1])[0], images[0], rtol=1e-5, atol=1e-6)
        logits = pair.discriminator(images)
        torch.testing.assert_close(pair.discriminator(images[:1])[0], logits[0], rtol=1e-5, atol=1e-6)


@every_model
def test_a_critic_that_sees_its_batch_says_so(given, shape):
    ref = resolve("models", given)
    critic = made(given, shape).discriminator
    images = normal(5, *shape).tanh()
    others = torch.cat([images[:1], normal(4, *shape, seed=1).tanh() * 0.1])
    with torch.no_grad():
        before, after = critic(images)[0], critic(others)[0]
    coupled = not torch.allclose(before, after, rtol=1e-4, atol=1e-7)
    assert couples_batch(ref) or not coupled
    # For images of 8 pixels, a discriminator can be without normalised layers. Then no images are coupled.
    assert coupled or not couples_batch(ref) or shape[1] == 8


@every_model
def test_stacked_replicates_under_vmap_are_the_single_networks(given, shape):
    pairs = [made(given, shape, seed) for seed in range(3)]
    z = normal(3, 6, pairs[0].latent_dim)
    images = torch.stack([pair.generator(part) for pair, part in zip(copy.deepcopy(pairs), z, strict=True)]).detach()
    for which, inputs in (("generator", z), ("discriminator", images)):
        networks = [getattr(pair, which) for pair in pairs]
        parameters, buffers = stack_module_state(networks)
        buffers = {name: buffer.clone() for name, buffer in buffers.items()}

        def call(parameters, buffers, x, network=networks[0]):
            return functional_call(network, (parameters, buffers), (x,))

        stacked = vmap(call)(parameters, buffers, inputs)
        single = torch.stack([network(x) for network, x in zip(networks, inputs, strict=True)])
        torch.testing.assert_close(stacked, single, rtol=1e-4, atol=1e-5)
        for number, network in enumerate(networks):
            for name, buffer in network.named_buffers():
                torch.testing.assert_close(buffers[name][number], buffer, rtol=1e-5, atol=1e-6)
                assert not torch.equal(buffer, torch.full_like(buffer, float("var" in name))), "it was updated"


def test_a_shape_that_a_model_does_not_take_is_refused():
    ref = resolve("models", "dcgan")
    with pytest.raises(
        UserError, match=r"'dcgan' takes square images of 8, 16, 28, 32 or 64 pixels; these are 20 x 20"
    ):
        build(ref, (1, 20, 20))
    with pytest.raises(UserError, match="28 x 32"):
        check_shape(ref, (1, 28, 32))


def test_channels_of_a_users_model_are_checked_and_so_is_what_it_returns(tmp_path):
    file = tmp_path / "own.py"
    file.write_text(
        '"""Own."""\nFACTS = {"paper": "own", "settings": {}, "deviations": [], "sizes": None, "channels": [3]}\n'
        "def build(shape, settings):\n    return 1\n"
    )
    ref = resolve("models", str(file))
    with pytest.raises(UserError, match="takes images of 3 channels; these have 1"):
        build(ref, (1, 8, 8))
    with pytest.raises(UserError, match=r"must return a gan_bench\.models\.Pair"):
        build(ref, (3, 8, 8))


@pytest.mark.parametrize("axis", ["models", "losses", "penalties", "optimizers"])
def test_the_contract_of_an_axis_is_read_without_torch(axis):
    code = f"import sys, gan_bench.{axis}; print('torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
