"""With `precision: bf16`, inputs of products are rounded. Results are near those of float32 and repeat bit for bit."""

import numpy as np
import pytest
import torch
from torch import nn

from gan_bench import paths, registry
from gan_bench.game import step
from gan_bench.game.network import Network, copy_of
from gan_bench.game.player import Player, descend
from gan_bench.models._spectral import Spectral
from gan_bench.registry import component, names
from gan_bench.train.run import train_run

REAL = torch.rand((16, 1, 16, 16), generator=torch.Generator().manual_seed(0)) * 2 - 1
START = torch.tensor(0.0)
DCGAN = {"name": "dcgan", "latent_dim": 4, "width": 8}
#: Distance from 1 to the next larger bfloat16 number. 1 + ULP / 2 is rounded to 1 (ties to even).
ULP = 2.0**-7


def side(images):
    return {"images": images, "draws": {}}


def steps(played, precision, **changes):
    """Stats of one D step and one G step, and the players after these steps."""
    game, players, state = played(size=16, **changes, **({} if precision == "float32" else {"precision": precision}))
    z = torch.from_numpy(game.layout.draw(np.random.default_rng(1), 16))
    numbers = game.penalty_draw(state.rngs["penalty"], 16, (1, 16, 16))
    draws = {name: torch.from_numpy(value) for name, value in numbers.items()}
    fake = step.generated_minibatch(game, players["generator"], z, {})
    d = step.discriminator_step(game, players["discriminator"], side(REAL), fake, draws, START)
    g = step.generator_step(game, players["generator"], players["discriminator"], z, side(REAL), {}, START)
    return torch.cat((d, g)), players, game


def linear(weight, precision):
    module = nn.Linear(len(weight), 1, bias=False)
    return Network(module, precision=precision), {"weight": torch.tensor([weight])}


def test_products_are_those_of_rounded_numbers_in_training_and_of_whole_ones_in_evaluation():
    x = torch.tensor([[3.0]])
    network, parameters = linear([1 + ULP / 2], "bf16")
    assert network(parameters, {}, x).item() == 3.0
    assert network(parameters, {}, x, training=False).item() == 3.0 * (1 + ULP / 2)
    assert linear([1.0], "float32")[0](parameters, {}, x).item() == 3.0 * (1 + ULP / 2)


def test_the_output_is_float32_and_so_is_the_gradient_of_a_parameter():
    network, parameters = linear([1.0, 2.0], "bf16")
    parameters["weight"].requires_grad_()
    output = network(parameters, {}, torch.ones(3, 2))
    (gradient,) = torch.autograd.grad(output.sum(), [parameters["weight"]])
    assert output.dtype == gradient.dtype == torch.float32
    assert gradient.tolist() == [[3.0, 3.0]]


def test_steps_smaller_than_bfloat16_can_show_are_not_lost():
    network, parameters = linear([1.0], "bf16")
    parameters["weight"].requires_grad_()
    player = Player(parameters, {}, torch.optim.SGD(list(parameters.values()), lr=1e-3))
    for _ in range(10):  # in bfloat16, 1 - 0.001 would be rounded back to 1
        output = network(parameters, {}, torch.ones(1, 1)).sum()
        descend(player, torch.autograd.grad(output, list(parameters.values())), {})
    assert parameters["weight"].item() == pytest.approx(0.99, abs=1e-6)


def test_the_penalty_of_a_linear_critic_is_the_closed_form_in_float32():
    found = {}
    penalty = registry.load("penalties", "gradient_penalty").penalty
    weight = [1.5, -2.0, 0.25]  # exact in bfloat16, so only the loss could be rounded
    for precision in ("float32", "bf16"):
        network, parameters = linear(weight, precision)
        own = parameters["weight"].requires_grad_()
        value = penalty(
            lambda x, network=network, parameters=parameters: network(parameters, {}, x.flatten(1))[:, 0],
            torch.ones(4, 1, 1, 3),
            torch.zeros(4, 1, 1, 3),
            {"epsilon": torch.linspace(0.1, 0.9, 4).reshape(4, 1, 1, 1)},
            {"weight": 10.0, "centre": 1.0},
        )
        found[precision] = value.item(), torch.autograd.grad(value, [own])[0]
    norm = float(np.linalg.norm(weight))
    exact = 20 * (norm - 1) * torch.tensor([weight]) / norm
    for value, _ in found.values():
        assert value == pytest.approx(10 * (norm - 1) ** 2, rel=1e-6)
    torch.testing.assert_close(found["float32"][1], exact)
    torch.testing.assert_close(found["bf16"][1], exact, rtol=ULP, atol=0)


def test_the_power_method_and_the_spectral_weight_stay_float32():
    layers = {}
    for enabled in (False, True):
        layer = Spectral(nn.Linear(6, 5, bias=False))
        with torch.no_grad():
            layer.weight.copy_(torch.randn((5, 6), generator=torch.Generator().manual_seed(0)))
        layer.start(np.random.default_rng(0))
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            output = layer(torch.ones(2, 6))
        layers[enabled] = layer.u.clone(), output
    assert torch.equal(layers[False][0], layers[True][0])
    assert (layers[False][1].dtype, layers[True][1].dtype) == (torch.float32, torch.bfloat16)


def test_running_means_are_float32_and_near_those_of_float32(played):
    buffers = {p: steps(played, p, model=DCGAN)[1]["generator"].buffers for p in ("float32", "bf16")}
    for name, own in buffers["bf16"].items():
        assert own.dtype == torch.float32
        torch.testing.assert_close(own, buffers["float32"][name], rtol=2 * ULP, atol=1e-4)


def test_pictures_are_those_of_the_float32_network_bit_for_bit(played):
    _, players, low = steps(played, "bf16", model=DCGAN)
    _, _, full = steps(played, "float32", model=DCGAN)
    g, z = players["generator"], torch.randn((5, 4), generator=torch.Generator().manual_seed(2))
    shown = [game.generator(g.parameters, copy_of(g.buffers), z, training=False) for game in (low, full)]
    assert torch.equal(*shown)
    assert not torch.equal(low.generator(g.parameters, copy_of(g.buffers), z), shown[0])


def _cases():
    for name in names("models"):
        declared = component("models", name)
        small = {key: value for key, value in {"latent_dim": 4, "width": 8}.items() if key in declared.settings}
        fits = 16 in (declared.facts["sizes"] or [16]) and 1 in (declared.facts["channels"] or [1])
        if fits and not declared.facts.get("conditional"):
            yield {"model": {"name": name, **small}}
    for name in names("penalties"):
        yield {"model": {**DCGAN, "d_norm": "layer"}, "penalty": name, "loss": "wasserstein"}
    for name in names("losses"):
        if not component("losses", name).facts.get("needs_output"):
            yield {"model": DCGAN, "loss": name}
    for trick in ("spectral_norm", "minibatch_stddev", "minibatch_discrimination", "norm", "pixel_shuffle"):
        yield {"model": DCGAN, "tricks": [trick]}


@pytest.mark.parametrize("changes", list(_cases()), ids=lambda c: "-".join(str(v) for v in _words(c)))
def test_a_step_of_every_component_is_near_that_of_float32_and_not_the_same(played, changes):
    found, players, game = steps(played, "bf16", **changes)
    expected, _, _ = steps(played, "float32", **changes)
    assert torch.isfinite(found).all()
    assert not torch.equal(found, expected)
    norms = torch.tensor([name.startswith("gn_") for names in step.stats_of(game).values() for name in names])
    torch.testing.assert_close(found[~norms], expected[~norms], rtol=0.06, atol=0.06)
    # If rounding changes the sign of a unit before its ReLU, the gradient changes more than the loss.
    torch.testing.assert_close(found[norms], expected[norms], rtol=0.15, atol=0.01)
    assert all(tensor.dtype == torch.float32 for p in players.values() for tensor in p.tensors.values())


def _words(changes):
    return [value["name"] if isinstance(value, dict) else value for value in changes.values()]


def contents(folder):
    return {name: (folder / name).read_bytes() for name in paths.REPEATABLE_FILES}


@pytest.mark.parametrize("method", ["adversarial", {"name": "unrolled", "steps": 1}], ids=["adversarial", "unrolled"])
def test_a_run_repeats_bit_for_bit_also_when_it_is_resumed_and_is_not_that_of_float32(settings, data, tmp_path, method):
    changes = {"method": method, "model": {"name": "dcgan", "latent_dim": 4, "width": 4, "d_norm": "layer"}}
    changes |= {"loss": "wasserstein", "penalty": "gradient_penalty", "ema": 0.9}
    run = settings(**changes, precision="bf16")
    assert train_run(run, data, tmp_path / "whole")["status"] == "ok"
    assert train_run(run, data, tmp_path / "cut", stop_after=5)["status"] == "stopped"
    assert train_run(run, data, tmp_path / "cut")["resumed_at_step"] == 5
    assert contents(tmp_path / "whole") == contents(tmp_path / "cut")
    train_run(settings(**changes), data, tmp_path / "float32")
    files = (tmp_path / name / paths.HISTORY for name in ("whole", "float32"))
    assert len({file.read_bytes() for file in files}) == 2
