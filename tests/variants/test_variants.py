"""Every preset (a named GAN variant) has all settings, networks of the expected sizes, and makes a training step."""

import json
import re

import pytest
import torch
from preset_data import data_set_of, shape_of

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.game.latent import one_hot
from gan_bench.methods import Setup
from gan_bench.registry import component, names
from gan_bench.train.loop import TrainingData, iterate
from gan_bench.train.monitor import SIGNALS
from gan_bench.train.schedule import schedule
from gan_bench.train.signals import Signals
from gan_bench.train.spread import rows_of
from gan_bench.train.state import start
from gan_bench.variants import GROUPS

LABELS = torch.arange(300) % 10

#: Preset -> (parameters of the generator, parameters of the discriminator or encoder), for ten classes and images of 28
#: x 28 pixels with one channel, if the model accepts such images. None: the number is not tested. tests/models derives
#: the sizes of all models. The sizes here show which model a preset uses, and how many parameters are added for classes
#: and codes.
SIZES = {
    "gan": (2_503_984 + 4 * 1200, 1_231_441),
    "gan_minimax": (2_503_984 + 4 * 1200, 1_231_441),
    "sunflower_mlp": (1_510_032, 1_066_497),
    "cgan": (759_680 + 10 * 6272, 138_624 + 10 * 16 * 64),
    "dcgan": (759_680, 138_624),
    "lsgan": (759_680, 138_624),
    "lsgan_pm": (759_680, 138_624),
    "wgan": (759_680, 138_624),
    "wgan_gp": (1_554_177, 1_030_145),
    "hinge": (759_680, 138_624),
    "sngan": (3_811_201, 2_931_137),
    "dragan": (759_680, 138_496),
    "r1": (1_738_112, 138_496),
    "rpgan_r1r2": (759_680, 138_496),
    "pacgan": (759_680, 139_648),
    "acgan": (759_680 + 10 * 6272, 138_624 + 10 * 6272),
    "infogan": (6_642_241 + 10 * 1024, 6_559_169 + 12 * 1025),
    "began": (None, None),
    "unrolled": (1_510_032 + 156 * 128, 1_066_497),
    "vae": (6_642_241, None),
    "vae_sigma": (6_642_242, None),
    "vae_gan": (759_680, 138_624),
}


def cell(name):
    """Complete settings of a preset, as in a study of labelled images."""
    text = f"datasets: [{json.dumps(data_set_of(name))}]\nvariants: [{name}]\nseeds: 1\nbudget: {{g_steps: 4}}\n"
    return {**expand(parse_study(text, "one")).cells[0].settings, "seed": 0}


def images_of(name):
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (300, *shape_of(name)), generator=generator, dtype=torch.uint8)


def begun(name):
    settings = cell(name)
    plan = schedule(settings, 300)
    return *start(Setup(settings, shape_of(name), 10), 300, plan, torch.device("cpu")), plan


@pytest.mark.parametrize("name", names("variants"))
def test_a_preset_names_its_source_and_what_it_does_otherwise(name):
    declared = component("variants", name)
    facts = declared.facts
    assert declared.summary.endswith(".") and declared.paper and facts["equation"] and isinstance(facts["set"], dict)
    assert all(sentence.endswith(".") for sentence in facts["deviations"])
    method = facts["set"].get("method", "adversarial")
    assert cell(name)["method"]["name"] == (method["name"] if isinstance(method, dict) else method)


@pytest.mark.parametrize(
    "name", [name for name in names("variants") if component("variants", name).facts["group"] != "calibration"]
)
def test_a_preset_takes_a_step_that_changes_every_network(name):
    program, state, plan = begun(name)
    before = {
        player: {key: t.detach().clone() for key, t in own.parameters.items()} for player, own in state.players.items()
    }
    # The warm-up of a hundred D steps is left out here. tests/tricks/test_objectives.py tests it.
    if plan.d_done is not None:
        plan = schedule({**cell(name), "tricks": []}, 300)
        state.monitor.windows = {key: torch.zeros((50, w.shape[1])) for key, w in state.monitor.windows.items()}
    iterate(program, state, plan, TrainingData(images_of(name), LABELS))
    for player, own in state.players.items():
        changed = [not torch.equal(t, before[player][key]) for key, t in own.parameters.items()]
        assert all(t.isfinite().all() for t in own.parameters.values()) and sum(changed) > 0.5 * len(changed), player
    made = program.images(state.generator, torch.from_numpy(program.draw(state.rngs["evaluation"], 2)))
    assert made.shape == (2, *shape_of(name)) and made.isfinite().all()


@pytest.mark.parametrize("name", sorted(set(SIZES) - {"pixelcnn", "pixelrnn"}))
def test_a_preset_has_its_signals(name):
    program, state, _ = begun(name)
    real = images_of(name)[:4].float() / 127.5 - 1
    classes = None if program.class_columns is None else one_hot(LABELS[:4].numpy(), 10)
    found = Signals(real, classes, rows_of(real)).measure(program, state.players, state.rngs["signals"], 0.0)
    missing = {key for key, value in found.items() if value != value}
    assert missing == ({"cov_batch"} if "discriminator" in state.players else {"cov_batch", *SIGNALS[5:]})


@pytest.mark.parametrize("name", sorted(SIZES))
def test_the_networks_of_a_preset_have_the_pinned_sizes(name):
    program, _, _ = begun(name)
    counts = {key: sum(p.numel() for p in network.module.parameters()) for key, network in program.networks.items()}
    found = (counts["generator"], counts.get("discriminator"))
    for own, pinned in zip(found, SIZES[name], strict=True):
        assert pinned is None or own == pinned


def test_penalties_on_single_images_stand_beside_critics_that_judge_single_images():
    """Some published code has batch norm in a WGAN-GP critic, which is an error."""
    from gan_bench.models import couples_batch

    for name in names("variants"):
        settings = cell(name)
        if settings["penalty"] and component("penalties", settings["penalty"]["name"]).facts["per_sample_critic"]:
            assert not couples_batch(settings["model"]), name


def test_batch_norm_moves_its_means_by_a_tenth_and_has_a_small_epsilon():
    """A widely copied suite calls BatchNorm(channels, 0.8). The 0.8 is meant as a momentum, but sets epsilon."""
    from gan_bench.models._blocks import BatchNorm

    for name in ("dcgan", "infogan", "sngan", "wgan", "unrolled"):
        program, _, _ = begun(name)
        norms = [layer for network in program.networks.values() for layer in network.module.modules()
                 if isinstance(layer, BatchNorm)]  # fmt: skip
        assert norms and all((layer.eps, layer.momentum) == (1e-5, 0.1) for layer in norms)


def test_a_conditional_gan_is_trained_with_its_cross_entropy():
    """A file called cgan in published code uses the squared error as loss. This is a mistake."""
    assert cell("cgan")["loss"]["name"] == "non_saturating"


def test_the_warm_up_of_wgan_is_in_its_preset():
    plan = schedule({**cell("wgan"), "budget": {"g_steps": 30}}, 300)
    assert [plan.d_steps_at(step) for step in (0, 24, 25)] == [100, 100, 5]


def test_presets_that_the_readme_shows_are_in_its_groups(root):
    section = (root / "README.md").read_text().split("## A study")[1].split("## What you get")[0]
    rows = [re.findall(r"`(\w+)`", row) for row in section.splitlines() if row.startswith("| ") and "`" in row]
    for shown, group in zip(rows, GROUPS, strict=True):
        assert shown and {component("variants", name).facts["group"] for name in shown} == {group}


def test_the_sunflower_experiment_starts_as_its_framework_does():
    """An earlier preset had the learning rate 0.1, separate latents for both players, and PyTorch's initial weights.

    The standard deviation of these weights in G's first layer is 0.06.
    """
    settings = cell("sunflower_mlp")
    assert settings["g_optimizer"] == settings["d_optimizer"] and settings["g_optimizer"]["lr"] == 0.01
    program, state, _ = begun("sunflower_mlp")
    weights = state.players["generator"].parameters
    first = next(tensor for tensor in weights.values() if tensor.ndim == 2)
    assert abs(float(first.detach().std()) - 0.01) < 0.001
    biases = [tensor for name, tensor in weights.items() if name.endswith("bias")]
    assert biases and all(not tensor.detach().any() for tensor in biases)
    assert program.game.shares_latents


def test_the_first_gan_has_normal_latents():
    """The authors' code draws latents from a normal distribution. Earlier presets had U(-1, 1)."""
    for name in ("gan", "gan_minimax"):
        assert cell(name)["tricks"] == []


def test_infogan_and_unrolled_have_their_authors_numbers():
    """InfoGAN once had normal latents and the weight 0.1 for continuous codes; unrolled had minibatches of 128."""
    tricks = {trick["name"]: trick for trick in cell("infogan")["tricks"]}
    assert tricks["latent_law"]["law"] == "uniform" and tricks["mutual_information"]["continuous_weight"] == 1.0
    unrolled = cell("unrolled")
    assert unrolled["batch_size"] == 512 and unrolled["model"]["latent_dim"] == 256
