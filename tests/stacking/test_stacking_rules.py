"""Rules decide which runs train together. For all other runs, they state the reason."""

import json

import pytest
from preset_data import data_set_of

from gan_bench.config.load import parse_study
from gan_bench.config.plan.grid import expand
from gan_bench.game.game import build_game
from gan_bench.game.rounds import optimizers_of
from gan_bench.registry import component, names
from gan_bench.stacking import rules
from gan_bench.stacking.rules import CONVOLUTIONS_PAY_FROM, LEAST_STEPS, METHOD, PAYS_FROM, why_alone, why_not_worth

SMALL = {"name": "mlp", "g_widths": [64, 64], "d_widths": [64, 64]}
STUDY = "datasets: [DATA]\nvariants: [{preset: PRESET}]\nseeds: 1\nbudget: {g_steps: 2}\n"


def game(settings, **changes):
    return build_game(settings(**changes), (1, 8, 8))


@pytest.mark.parametrize("preset", names("variants"))
def test_every_preset_stacks_or_says_why_not(preset):
    text = STUDY.replace("PRESET", preset).replace("DATA", json.dumps(data_set_of(preset)))
    settings = expand(parse_study(text, "one")).cells[0].settings
    method, reason = settings["method"]["name"], why_alone({**settings, "device": "cpu"})
    if method != METHOD:
        assert reason == f"method {method!r} has no stacked step"
    elif all(component("optimizers", ref["name"]).facts.get("elementwise") for ref in optimizers_of(settings).values()):
        assert reason is None
    else:
        assert "does not declare that it updates each number independently" in (reason or "")


def test_what_decides_bits_is_named(settings, tmp_path):
    assert why_alone(settings()) is None
    assert "divided" in (why_alone(settings(threads=2)) or "")
    assert "bf16" in (why_alone(settings(precision="bf16")) or "")
    assert "'cuda'" in (why_alone(settings(device="cuda")) or "")
    own = tmp_path / "own.py"
    source = component("optimizers", "sgd").file.read_text()
    own.write_text(source.replace('    "elementwise": True,\n', ""))
    assert f"{own}" in (why_alone(settings(d_optimizer=str(own))) or "")
    own.write_text(source)
    assert why_alone(settings(d_optimizer=str(own))) is None


def test_it_pays_for_long_runs_of_small_perceptrons(settings):
    small = game(settings, model=SMALL)
    assert why_not_worth(small, PAYS_FROM[0][1], LEAST_STEPS) is None
    assert f"{LEAST_STEPS - 1} steps" in (why_not_worth(small, 16, LEAST_STEPS - 1) or "")
    assert "parameters" in (why_not_worth(game(settings, model={"name": "mlp"}), 16, 5000) or "")


def test_small_convolutions_on_small_images_pay_with_more_runs(settings):
    small, large = ({"name": "dcgan", "width": width} for width in (8, 64))
    (_, least) = CONVOLUTIONS_PAY_FROM[0]
    assert why_not_worth(game(settings, model=small), least, 5000) is None
    assert f"only from {least} runs on" in (why_not_worth(game(settings, model=small), least - 1, 5000) or "")
    assert "with convolutions have" in (why_not_worth(game(settings, model=large), 16, 5000) or "")
    assert "run by run" in (why_not_worth(build_game(settings(model=small), (1, 28, 28)), 16, 5000) or "")


def test_larger_networks_may_take_more_runs(settings, monkeypatch):
    monkeypatch.setattr(rules, "PAYS_FROM", ((50_000, 2), (200_000, 3)))
    small = game(settings, model=SMALL)
    wide = game(settings, model={"name": "mlp", "g_widths": [128, 256], "d_widths": [256, 128]})
    assert why_not_worth(small, 2, 5000) is None and "1 runs" in (why_not_worth(small, 1, 10**6) or "")
    assert why_not_worth(wide, 3, 5000) is None and "only from 3 runs on" in (why_not_worth(wide, 2, 5000) or "")
