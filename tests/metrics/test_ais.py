from types import SimpleNamespace

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from gan_bench.config.grammar.reference import resolve
from gan_bench.data import open_data
from gan_bench.features import Features
from gan_bench.files import canonical_json
from gan_bench.methods import Setup, build
from gan_bench.metrics import MetricUndefined, Sets
from gan_bench.metrics._annealed import _moved, _State, annealed, betas_of
from gan_bench.metrics.ais import compute, decoder_of, law_of, pixel_noise
from gan_bench.metrics.evaluate import evaluate_run, evaluate_sets
from gan_bench.seeds import generator
from gan_bench.train.generate import Generator

RNG = np.random.default_rng


def linear(pixels, width, sigma, images=6, seed=0):
    """For images x = W z + b + noise: the function z -> log p(x | z), and the exact log p(x), (images,)."""
    rng = RNG(seed)
    w = rng.standard_normal((pixels, width)) * np.linspace(0.3, 1, width) / np.sqrt(width)
    b = rng.standard_normal(pixels)
    x = rng.standard_normal((images, width)) @ w.T + b + sigma * rng.standard_normal((images, pixels))
    exact = multivariate_normal(b, w @ w.T + sigma**2 * np.eye(pixels)).logpdf(x)
    w, b = torch.from_numpy(w).float(), torch.from_numpy(b).float()
    return pixel_noise(lambda z: z @ w.T + b, torch.from_numpy(x), sigma), exact


@pytest.mark.parametrize(
    ("pixels", "width", "sigma", "steps"), [(6, 3, 0.5, 60), (64, 4, 0.1, 300), (64, 16, 0.2, 300)]
)
def test_a_linear_decoder_has_its_exact_likelihood(pixels, width, sigma, steps):
    log_likelihood, exact = linear(pixels, width, sigma)
    result = annealed(log_likelihood, RNG(1), 6, 16, width, betas_of(steps), 5)
    weights = np.exp(result.log_weights.numpy() - exact[:, None])
    error = weights.std(axis=1, ddof=1) / 4
    assert (np.abs(weights.mean(axis=1) - 1) < 5 * error + 0.05).all()
    assert result.estimates.numpy().mean() == pytest.approx(exact.mean(), abs=0.5)
    assert -2.5 < (result.log_weights.numpy().mean(axis=1) - exact).mean() < 0.1
    assert result.log_weights.dtype == torch.float64
    assert result.acceptance.min() > 0.4 and result.acceptance.max() < 0.95


def test_weights_are_unbiased_and_their_logarithms_too_low():
    """With few steps the importance weights vary widely, but their mean is correct."""
    log_likelihood, exact = linear(3, 2, 0.6, images=40)
    ratios, logs = [], []
    for seed in range(3):
        result = annealed(log_likelihood, RNG(seed), 40, 400, 2, betas_of(3), 3)
        ratios.append(np.exp(result.log_weights.numpy() - exact[:, None]).mean(axis=1))
        logs.append((result.log_weights.numpy() - exact[:, None]).mean())
    ratios = np.concatenate(ratios)
    assert ratios.mean() == pytest.approx(1.0, abs=4 * ratios.std() / np.sqrt(len(ratios)))
    assert ratios.std() / np.sqrt(len(ratios)) < 0.02
    assert max(logs) < -0.02


def test_more_steps_and_more_chains_raise_the_bound():
    log_likelihood, exact = linear(64, 8, 0.1)
    gaps = [
        annealed(log_likelihood, RNG(1), 6, 8, 8, betas_of(steps), 5).estimates.numpy().mean() - exact.mean()
        for steps in (10, 40, 160)
    ]
    assert gaps[0] < gaps[1] < gaps[2] < 1.0
    single, many = (annealed(log_likelihood, RNG(1), 6, chains, 8, betas_of(40), 5) for chains in (1, 16))
    assert single.estimates.mean() < many.estimates.mean()


def test_what_needs_no_annealing_is_exact():
    # If the decoder ignores z, the estimate is exact for any sequence of temperatures.
    x = torch.linspace(-1, 1, 12).reshape(3, 4)
    result = annealed(pixel_noise(lambda z: 0 * z @ torch.ones(2, 4), x, 0.3), RNG(0), 3, 2, 2, betas_of(10))
    exact = multivariate_normal(np.zeros(4), 0.09 * np.eye(4)).logpdf(x.numpy())
    np.testing.assert_allclose(result.estimates, exact, rtol=1e-12)
    # If all temperatures are 0, the distribution stays the prior and no weight changes.
    identity = pixel_noise(lambda z: z, torch.zeros(3, 2), 0.3)
    assert not annealed(identity, RNG(0), 3, 2, 2, np.zeros(5)).log_weights.any()
    # With one step, the weights are the likelihoods of draws from the prior.
    single = annealed(identity, RNG(5), 3, 2, 2, betas_of(1))
    z = torch.from_numpy(RNG(5).standard_normal((3, 3, 2)))
    torch.testing.assert_close(single.log_weights, identity(z)[:, 1:])
    assert single.acceptance.isnan().all()


def test_transitions_lead_to_the_posterior_and_leave_it_as_it_is():
    """For an identity decoder, the distribution at temperature beta is normal with precision 1 + beta / sigma^2."""
    x, sigma, beta = torch.full((1, 2), 0.8), 0.5, 0.5
    log_likelihood, rng = pixel_noise(lambda z: z, x, sigma), RNG(0)
    state, variance = _State.at(log_likelihood, torch.full((1, 4000, 2), 3.0).double()), 1 / (1 + beta / sigma**2)
    for _ in range(30):
        state, chance = _moved(log_likelihood, state, beta, torch.tensor([0.9]), 4, rng)
    assert 0.5 < chance.mean() < 0.97
    assert state.z[0].mean(0).numpy() == pytest.approx(0.8 * variance * beta / sigma**2, abs=0.04)
    assert state.z[0].var(0).numpy() == pytest.approx(variance, rel=0.1)
    again = _State.at(log_likelihood, state.z)
    torch.testing.assert_close((state.value, state.slope), (again.value, again.slope))


def test_a_trajectory_that_leaves_the_numbers_is_not_taken():
    start = _State.at(lambda z: -z.pow(4).sum(-1), torch.ones(1, 3, 2).double())
    state, chance = _moved(lambda z: -z.pow(4).sum(-1), start, 1.0, torch.tensor([1e100]), 4, RNG(0))
    assert torch.equal(state.z, start.z) and torch.equal(state.slope, start.slope)
    assert not chance.any()


def test_the_same_generator_gives_the_same_weights():
    log_likelihood, _ = linear(6, 3, 0.5)
    first, again, other = (annealed(log_likelihood, RNG(s), 6, 2, 3, betas_of(8)) for s in (3, 3, 4))
    assert torch.equal(first.log_weights, again.log_weights)
    assert not torch.equal(first.log_weights, other.log_weights)


FEW = {"images": 3, "chains": 2, "steps": 10, "max_steps": 20, "leapfrog": 3}


def test_a_run_is_scored(make_run, reference, digits):
    data, run = open_data(digits), make_run()
    refs = [resolve("metrics", {"name": "ais", **FEW, "sigma": sigma}) for sigma in (0.3, 0.1)]
    results = [evaluate_run(run, reference, [ref], "test", 20, 0, data=data) for ref in refs]
    values = [{row["name"]: row["value"] for row in result["metrics"]} for result in results]
    assert list(values[0]) == [
        *("ais_log_likelihood", "ais_se", "ais_acceptance", "ais_lower", "ais_upper", "ais_steps"),
    ]
    assert values[0]["ais_steps"] in (10, 20)
    # The images of an untrained generator are far from the test images, so a smaller sigma lowers the likelihood.
    assert values[1]["ais_log_likelihood"] < values[0]["ais_log_likelihood"] < 0
    assert values[0]["ais_se"] > 0 and 0 < values[0]["ais_acceptance"] <= 1
    again = evaluate_run(run, reference, refs[:1], "test", 20, 0, data=data)
    assert canonical_json(again) == canonical_json(results[0])
    assert results[0]["floor"][0]["note"] == "the floor is not a run"


def untrained_generator(data=None, **settings):
    """An untrained generator of a small adversarial run with some settings replaced."""
    model = resolve("models", {"name": "mlp", "latent_dim": 4, "g_widths": [16], "d_widths": [4]})
    run = {"method": resolve("methods", "adversarial"), "model": model, "loss": resolve("losses", "minimax")}
    run |= {"penalty": resolve("penalties", "none"), "tricks": [], "threads": 1}
    run |= {"g_optimizer": resolve("optimizers", "adam"), "d_optimizer": resolve("optimizers", "adam")} | settings
    setup = Setup(run, (1, 8, 8), 10)
    program = build(setup)
    program.initialise(generator(0, "init"))
    if program.fit is not None:
        program.fit(data, generator(0, "fit"))
    module = program.networks["generator"].module
    tensors = {k: v.detach().clone() for k, v in [*module.named_parameters(), *module.named_buffers()]}
    return Generator(program, tensors, setup, "uint8")


@pytest.mark.parametrize("method", ["adversarial", "vae", "vae_gan", "gaussian_pca"])
def test_every_method_that_decodes_normal_noise_has_a_gradient(method, digits):
    loss = resolve("losses", "non_saturating")
    result = untrained_generator(open_data(digits), method=resolve("methods", method), loss=loss)
    law = law_of(result)
    assert law.uniform == 0
    width = law.width
    assert width == {"gaussian_pca": 64}.get(method, 4)
    z = torch.from_numpy(RNG(7).standard_normal((5, width), dtype=np.float32)).requires_grad_()
    images = decoder_of(result, width)(z)
    torch.testing.assert_close(images.detach(), result(z.detach()))
    assert torch.autograd.grad(images.sum(), z)[0].any()


def test_numbers_of_random_layers_are_normal_noise_too():
    result = untrained_generator(tricks=[resolve("tricks", "generator_noise")])
    law = law_of(result)
    assert law.width > 4 and law.uniform == 0
    assert decoder_of(result, law.width)


@pytest.mark.parametrize("layers", [[], ["generator_noise"]], ids=["alone", "beside random layers"])
def test_uniform_latents_are_made_of_normal_ones(layers):
    result = untrained_generator(tricks=[resolve("tricks", name) for name in ["latent_law", *layers]])
    law = law_of(result)
    assert law.uniform == 4 and (law.width > 4) == bool(layers)
    normal = torch.from_numpy(RNG(0).standard_normal((20_000, law.width)))
    latents = law.to_latents(normal)
    quantiles = torch.quantile(latents[:, 0], torch.linspace(0.1, 0.9, 9, dtype=torch.float64))
    torch.testing.assert_close(quantiles, torch.linspace(-0.8, 0.8, 9, dtype=torch.float64), atol=0.03, rtol=0)
    assert torch.equal(latents[:, 4:], normal[:, 4:])
    assert decoder_of(result, law.width)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"tricks": ["labels"]}, "takes a class"),
        ({"tricks": ["mutual_information"]}, "neither normal nor uniform"),
        ({"tricks": [{"name": "latent_law", "law": "spherical"}]}, "neither normal nor uniform"),
        ({"method": "pixelcnn"}, "neither normal nor uniform"),
        ({"method": "noise"}, "neither normal nor uniform"),
        ({"method": "mean_image"}, "neither normal nor uniform"),
        ({"method": "memoriser"}, "neither normal nor uniform"),
    ],
    ids=str,
)
def test_other_latents_have_no_value(settings, why, digits):
    if "tricks" in settings:
        settings = {"tricks": [resolve("tricks", trick) for trick in settings["tricks"]]}
    else:
        settings = {"method": resolve("methods", settings["method"])}
    data = open_data(digits)
    sets = Sets(None, None, run=SimpleNamespace(generator=untrained_generator(data, **settings), data=data))
    with pytest.raises(MetricUndefined, match=why):
        compute(sets, FEW | {"sigma": 0.1, "seed": 0}, RNG(0))


def test_a_program_whose_images_have_no_gradient_has_no_value(digits):
    result = untrained_generator(open_data(digits), method=resolve("methods", "gaussian_pca"))
    stepped = SimpleNamespace(**{**vars(result.program), "images": lambda t, z: z.sign().reshape(-1, 1, 8, 8).detach()})
    with pytest.raises(MetricUndefined, match="method 'gaussian_pca' have no gradient"):
        decoder_of(Generator(stepped, result.tensors, result.setup, "uint8"), 64)


def test_files_have_no_value():
    rows = evaluate_sets(
        *[Features(np.zeros((3, 2), np.float32))] * 2,
        [resolve("metrics", "ais")],
        seed=0,
        extractor_label="toy",
        split=None,
    )
    assert {row["note"] for row in rows} == {"needs a run of this suite; none given"}
