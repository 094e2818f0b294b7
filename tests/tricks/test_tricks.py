"""Every trick of the folder meets these requirements. A new file is tested without a new test."""

import inspect

import numpy as np
import pytest
import torch

from gan_bench.config.grammar.reference import resolve
from gan_bench.errors import UserError
from gan_bench.game.game import build_game
from gan_bench.registry import component, load, names

every_trick = pytest.mark.parametrize("name", names("tricks"))

ARGUMENTS = {
    "generator": ["row", "scene", "settings"],
    "discriminator": ["row", "scene", "settings"],
    "optimizers": ["g_ref", "d_ref", "settings"],
    "d_steps": ["step", "base", "settings"],
    "latent": ["rng", "n", "dim", "settings"],
    "code_width": ["settings"],
    "code": ["rng", "n", "settings"],
    "draw": ["rng", "batch", "shape", "settings"],
    "real": ["x", "draws", "settings"],
    "view": ["x", "draws", "progress", "settings"],
    "targets": ["t", "draws", "real", "settings"],
    "judge": ["d", "real", "fake", "settings"],
    "logits": ["logits", "settings"],
    "generator_loss": ["loss", "real", "fake", "settings"],
    "head_width": ["scene", "settings"],
    "auxiliary": ["head", "classes", "codes", "real", "settings"],
}
FLAGS = {
    *("needs_labels", "conditions", "d_sees_labels", "packs", "couples_batch", "uncouples_batch", "separable_loss"),
    *("excludes", "d_steps", "lipschitz", "deviations", "shares_latents", "mean_targets", "generator_minimises"),
}
#: Settings for tricks that have no effect with their default settings.
ACTIVE = {"norm": {"g": "layer", "d": "instance"}, "activation": {"g": "leaky_relu", "d": "relu"}}
MODELS = [
    {"name": "mlp", "latent_dim": 4, "g_widths": [12, 12], "d_widths": [12]},
    {"name": "dcgan", "latent_dim": 4, "width": 4},
]


def game_of(name, model, shape=(1, 16, 16), **changes):
    """A game with only the trick `name`, initialised from seed 0."""
    trick = resolve("tricks", {"name": name, **ACTIVE.get(name, {})})
    run = {"model": resolve("models", model), "loss": resolve("losses", "non_saturating"), "tricks": [trick]}
    run |= {"penalty": resolve("penalties", "none")}
    run |= {key: resolve(axis, changes[key]) for key, axis in (("loss", "losses"),) if key in changes}
    game = build_game(run, shape, 10)
    game.initialise(np.random.default_rng(0))
    return game


def parts(network):
    module = network.module
    return dict(module.named_parameters()), {name: b.clone() for name, b in module.named_buffers()}


def global_state():
    return np.random.get_state()[1].copy()  # noqa: NPY002 (that nobody draws from it is the point)


def played(game, batch=8, seed=0):
    """(images, logits, other outputs of D) of one pass of generated images through the game in training mode."""
    rng = np.random.default_rng(seed)
    z = torch.from_numpy(game.layout.draw(rng, batch))
    drawn = game.d_input.draw(rng, batch, game.shape)
    tensors = {
        trick: {key: torch.from_numpy(value) for key, value in arrays.items()} for trick, arrays in drawn.items()
    }
    images = game.generator(*parts(game.generator), z)
    side = {"images": images, **game.layout.classes_and_codes(z), "draws": tensors}
    seen = game.d_input.with_class_planes(game.d_input.transform(side, torch.tensor(0.5), real=True), side)
    return images, *game.split_output(game.discriminator(*parts(game.discriminator), seen))


@every_trick
def test_the_declaration_is_complete_and_functions_are_those_of_the_contract(name):
    declared, module = component("tricks", name), load("tricks", name)
    assert declared.paper and declared.summary and set(declared.facts) <= FLAGS and "deviations" in declared.facts
    own = {
        key for key, value in vars(module).items() if inspect.isfunction(value) and value.__module__ == module.__name__
    }
    for function in own - {key for key in own if key.startswith("_")}:
        assert list(inspect.signature(getattr(module, function)).parameters) == ARGUMENTS[function], function
    assert set(declared.facts.get("excludes", [])) <= set(names("tricks"))
    assert ("d_steps" in own) == bool(declared.facts.get("d_steps"))
    packs = declared.facts.get("packs")
    assert packs is None or packs in declared.settings


@every_trick
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["name"])
def test_a_game_with_it_gives_images_and_finite_logits(name, model):
    try:
        game = game_of(name, model)
    except UserError:
        assert model["name"] == "mlp", "a trick may find nothing to change in a perceptron"
        return
    images, logits, rest = played(game)
    assert images.shape == (8, 1, 16, 16) and images.abs().max() <= 1
    assert logits.shape == (8 // game.d_input.packs,) and logits.isfinite().all() and rest.isfinite().all()
    again = played(game_of(name, model))
    assert torch.equal(images, again[0]) and torch.equal(logits, again[1]), "a seed fixes every bit"


@every_trick
def test_neither_global_generator_is_drawn_from(name):
    before, torch_before = global_state(), torch.get_rng_state()
    played(game_of(name, MODELS[1]))
    assert np.array_equal(global_state(), before) and torch.equal(torch.get_rng_state(), torch_before)


@every_trick
def test_the_step_of_g_has_a_gradient_for_every_parameter_of_g(name):
    game = game_of(name, MODELS[1])
    _images, logits, _rest = played(game)
    parameters = list(parts(game.generator)[0].values())
    value = game.generator_loss(game.loss.at({}), None, logits)
    gradients = torch.autograd.grad(value, parameters, allow_unused=True)
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients)
    assert sum(gradient.abs().sum() for gradient in gradients) > 0


@every_trick
def test_stacked_runs_get_what_single_runs_get(name):
    games = [game_of(name, MODELS[1]) for _ in range(2)]
    game = games[0]
    for seed, one in enumerate(games):
        one.initialise(np.random.default_rng(seed))
    z = torch.from_numpy(game.layout.draw(np.random.default_rng(3), 8))
    images = torch.from_numpy(np.random.default_rng(4).uniform(-1, 1, (8, 1, 16, 16)).astype(np.float32))
    drawn = game.d_input.draw(np.random.default_rng(5), 8, game.shape)
    draws = {trick: {key: torch.from_numpy(value) for key, value in arrays.items()} for trick, arrays in drawn.items()}

    def values(params_g, buffers_g, params_d, buffers_d):
        made = game.generator(params_g, buffers_g, z)
        side = {"images": images, **game.layout.classes_and_codes(z), "draws": draws}
        seen = game.d_input.with_class_planes(game.d_input.transform(side, torch.tensor(0.5), real=True), side)
        return made, game.discriminator(params_d, buffers_d, seen)

    single = [values(*parts(one.generator), *parts(one.discriminator)) for one in games]
    stacked = [
        {key: torch.stack([parts(getattr(one, player))[i][key].detach() for one in games]) for key in parts(
            getattr(game, player))[i]}
        for player in ("generator", "discriminator") for i in (0, 1)
    ]  # fmt: skip
    found = torch.func.vmap(values)(*stacked)
    for i, (made, judged) in enumerate(single):
        torch.testing.assert_close(found[0][i], made, rtol=1e-3, atol=1e-4)
        torch.testing.assert_close(found[1][i], judged, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", [name for name in names("tricks") if component("tricks", name).facts.get("d_steps")])
def test_a_schedule_of_steps_needs_no_torch(name):
    import subprocess
    import sys

    code = f"import sys; from gan_bench.registry import load; load('tricks', {name!r}); print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
