"""Runs in a stack may differ only in the seed and in numerical settings, such as lr, of elementwise optimizers."""

import subprocess
import sys

import pytest

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.registry import component, names
from gan_bench.stacking.family import difference, stack_family

STUDY = """
datasets: [digits]
variants:
  - {preset: dcgan, name: usual}
  - {preset: dcgan, name: fast, g_optimizer: {name: adam, lr: 0.001, beta1: 0.9}}
  - {preset: dcgan, name: critic, d_optimizer: {name: adam, eps: 0.001}}
  - {preset: dcgan, name: other, d_optimizer: rmsprop}
  - {preset: dcgan, name: often, d_steps: 2}
seeds: 1
budget: {g_steps: 2}
"""


def test_cells_of_a_plan_fall_into_families():
    usual, fast, critic, other, often = (
        stack_family(cell.settings) for cell in expand(parse_study(STUDY, "one")).cells
    )
    assert usual == fast == critic
    assert len({usual, other, often}) == 3


def test_the_seed_is_no_part_of_it(settings):
    cell = {key: value for key, value in settings().items() if key != "seed"}
    assert stack_family(cell) == stack_family(settings(seed=3)) == stack_family(dict(reversed(settings().items())))


@pytest.mark.parametrize("player", ["g_optimizer", "d_optimizer"])
@pytest.mark.parametrize("optimizer", names("optimizers"))
def test_every_number_of_an_elementwise_optimizer_may_differ(settings, optimizer, player):
    declared = component("optimizers", optimizer)
    shares = bool(declared.facts.get("elementwise"))
    usual = settings(**{player: optimizer})
    for name in (name for name, setting in declared.settings.items() if setting.type == "float"):
        changed = {name: 0.9 * declared.settings[name].default or 0.125}
        other = settings(**{player: {"name": optimizer, **changed}})
        assert other != usual and (stack_family(other) == stack_family(usual)) == shares
        assert difference(usual, other) == (None if shares else f"{player}.{name}")


def test_truth_values_null_and_optimizers_that_mix_numbers_stay(settings):
    usual = settings()
    for key, value in (("amsgrad", True), ("amsgrad", 1), ("amsgrad", None), ("form", "nesterov")):
        other = {**usual, "d_optimizer": {**usual["d_optimizer"], key: value}}
        assert (stack_family(other) == stack_family(usual)) is (value == 1 and value is not True)


def test_an_optimizer_that_does_not_say_so_shares_nothing(settings, tmp_path):
    own = tmp_path / "own.py"
    source = component("optimizers", "sgd").file.read_text()
    own.write_text(source)
    slow, fast = ({**settings(), "g_optimizer": {"name": str(own), "lr": lr}} for lr in (0.1, 0.2))
    assert stack_family(slow) == stack_family(fast)
    own.write_text(source.replace('    "elementwise": True,\n', ""))
    assert stack_family(slow) != stack_family(fast) and difference(slow, fast) == "g_optimizer.lr"


def test_what_an_update_is_not_is_named(settings):
    usual = settings()
    assert difference(usual, settings(model={"name": "mlp", "latent_dim": 5})) in ("model.d_widths", "model.latent_dim")
    assert difference(usual, {**usual, "precision": "bf16"}) == "precision"
    assert difference(usual, settings(tricks=["two_time_scale"])) == "tricks"
    assert difference(settings(ema=None), settings(ema=0.9)) == "ema"


def test_cells_without_training_have_families():
    study = STUDY.split("variants", maxsplit=1)[0] + "variants: [{preset: noise}]\nseeds: 1\nbudget: {g_steps: 2}\n"
    (cell,) = expand(parse_study(study, "one")).cells
    assert cell.settings["g_optimizer"] is None and stack_family(cell.settings)


def test_it_imports_no_torch():
    code = "import sys, gan_bench.stacking.family; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
