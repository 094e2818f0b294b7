"""PixelCNN and PixelRNN: receptive fields, a likelihood that sums to 1, and sampling pixel by pixel."""

import itertools
import math

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from gan_bench.methods import Setup, _autoregressive, build

METHODS = ["pixelcnn", "pixelrnn"]
SMALL = {"width": 8, "layers": 3, "levels": 4}
UNUSED = {"model": None, "loss": None, "penalty": None, "d_optimizer": None}


@pytest.fixture
def program(run):
    """program(method, shape, **settings): the program of a small model with random weights of seed 0."""

    def made(method, shape, **settings):
        found = build(Setup(run({"name": method, **SMALL, **settings}, **UNUSED), shape))
        found.initialise(np.random.default_rng(0))
        return found

    return made


def logits_of(program, x):
    module = program.networks["generator"].module
    return program.networks["generator"](dict(module.named_parameters()), {}, x)


def tensors_of(program):
    return {name: tensor.detach() for name, tensor in program.networks["generator"].module.named_parameters()}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("channels", [1, 2])
def test_no_value_sees_itself_or_a_later_one_and_every_earlier_one_in_reach_is_seen(program, method, channels):
    made = program(method, (channels, 6, 7))
    x = torch.rand((1, channels, 6, 7), generator=torch.Generator().manual_seed(0)) * 2 - 1
    x.requires_grad_()
    logits = logits_of(made, x)
    for row, column in [(0, 0), (0, 3), (3, 3), (5, 6), (4, 0), (2, 5)]:
        for channel in range(channels):
            (gradient,) = torch.autograd.grad(logits[0, channel, row, column].square().sum(), x, retain_graph=True)
            seen = gradient[0].abs() > 0
            for other, r, c in itertools.product(range(channels), range(6), range(7)):
                before = (r, c) < (row, column) or ((r, c) == (row, column) and other < channel)
                assert before or not seen[other, r, c], f"{(row, column, channel)} sees {(r, c, other)}"
            # Three layers reach all of these pixels.
            near = [(r, c) for r in range(max(0, row - 2), row) for c in range(max(0, column - 1), min(7, column + 2))]
            near += [(row, c) for c in range(max(0, column - 2), column)]
            assert all(seen[other, r, c] for r, c in near for other in range(channels)), "no blind spot"
            assert all(seen[other, row, column] for other in range(channel))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("shape", "levels"), [((1, 2, 2), 3), ((2, 2, 1), 3), ((1, 1, 4), 2)])
def test_the_likelihood_of_all_images_sums_to_one(program, method, shape, levels):
    made = program(method, shape, levels=levels)
    every = torch.tensor(list(itertools.product(range(levels), repeat=math.prod(shape)))).reshape(-1, *shape)
    with torch.no_grad():
        logits = logits_of(made, _autoregressive.value_of(every, levels)).double()
        nats = _autoregressive.negative_log_likelihood(logits, every)
    assert torch.exp(-nats).sum().item() == pytest.approx(1, abs=1e-6)
    assert nats.std() > 1e-3, "the images do not all have one probability"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 5, 6)])
def test_sampling_pixel_by_pixel_follows_the_whole_network(program, method, shape):
    """Each sampled level is the first level whose cumulative probability reaches z.

    The probabilities come from one pass of the network over the whole sampled image.
    """
    made = program(method, shape)
    tensors = {name: tensor * 3 for name, tensor in tensors_of(made).items()}
    z = torch.from_numpy(made.draw(np.random.default_rng(1), 20))
    images = made.images(tensors, z)
    with torch.no_grad():
        logits = made.networks["generator"](tensors, {}, images).double()
    passed = torch.softmax(logits, dim=-1).cumsum(dim=-1)
    expected = (passed < z[..., None]).sum(dim=-1).clamp(max=3)
    found = _autoregressive.level_of(images, 4)
    close = (passed - z[..., None]).abs().amin(dim=-1) < 1e-5
    assert ((found == expected) | close).all() and len(torch.unique(found)) == 4


@pytest.mark.parametrize("method", METHODS)
def test_samples_have_the_law_of_the_model(program, method):
    made = program(method, (1, 1, 3), levels=2)
    tensors = {name: tensor * 4 for name, tensor in tensors_of(made).items()}
    every = torch.tensor(list(itertools.product(range(2), repeat=3))).reshape(-1, 1, 1, 3)
    with torch.no_grad():
        logits = made.networks["generator"](tensors, {}, _autoregressive.value_of(every, 2))
        p = torch.exp(-_autoregressive.negative_log_likelihood(logits, every)).numpy()
    z = torch.from_numpy(made.draw(np.random.default_rng(2), 40_000))
    found = _autoregressive.level_of(made.images(tensors, z), 2).reshape(-1, 3) @ torch.tensor([4, 2, 1])
    shares = np.bincount(found.numpy(), minlength=8) / len(found)
    assert np.abs(shares - p).max() < 5 * np.sqrt(0.25 / len(found))


@pytest.mark.parametrize("method", METHODS)
def test_training_saves_bits_on_digits(begun, stepped, method):
    digits = torch.from_numpy((load_digits().images * 15.9).astype("uint8"))[:, None]
    changes = {**UNUSED, "g_optimizer": {"name": "adam", "lr": 3e-3, "beta1": 0.9}, "batch_size": 32}
    program, state, plan = begun({"name": method, "width": 12, "layers": 2, "levels": 8}, **changes)
    state.sampler.n, bits = len(digits), []
    state.monitor.record = lambda _stream, stats: bits.append(stats[1].item())
    stepped(program, state, plan, 60, digits)
    assert bits[0] == pytest.approx(3, abs=0.3), "about log2(8) before training"
    assert np.mean(bits[-5:]) < 2.3


def test_levels_and_values_are_inverse_and_reach_black_and_white():
    for levels in (2, 8, 256):
        every = torch.arange(levels)
        values = _autoregressive.value_of(every, levels)
        assert (
            values[0] == -1
            and values[-1] == pytest.approx(1)
            and torch.equal(_autoregressive.level_of(values, levels), every)
        )
    assert _autoregressive.level_of(torch.tensor([0.1, -0.1]), 2).tolist() == [1, 0]
