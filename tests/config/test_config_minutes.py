"""A budget in minutes is converted to steps with measured speeds, which `gan-bench check` stores beside the study."""

import json

import pytest

from gan_bench.cli import main
from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import expand
from gan_bench.errors import UserError

STUDY = """
datasets: [digits]
variants: [{model: {name: mlp, g_widths: [8], d_widths: [8]}, loss: [non_saturating, hinge], optimizer: adam}]
seeds: 1
budget: {minutes: 1}
"""


def test_minutes_become_steps_that_stay(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.yaml").write_text(STUDY)
    with pytest.raises(UserError, match=r"own.yaml:5: budget: is in minutes, and a variant has not been timed yet"):
        load_study("own.yaml")
    assert main(["check", "own.yaml"]) == 0
    assert "own.speeds.json: speeds of 2 cells, measured on this machine" in capsys.readouterr().out
    speeds = json.loads((tmp_path / "own.speeds.json").read_text())["g_steps_per_minute"]
    budgets = sorted(cell.settings["budget"]["g_steps"] for cell in expand(load_study("own.yaml")).cells)
    assert budgets == sorted(int(1 * 0.85 * speed) for speed in speeds.values()) and len(speeds) == 2
    assert main(["check", "own.yaml"]) == 0
    shown = capsys.readouterr().out
    assert "measured on this machine;" not in shown
    assert len(set(budgets)) == 2 and "unequal budgets" not in shown, "equal minutes are an equal budget"
    variant = STUDY.replace("optimizer: adam}]", "optimizer: adam}, {preset: gan, budget: {g_steps: 9}}]")
    (tmp_path / "own.yaml").write_text(variant)
    assert main(["check", "own.yaml"]) == 0
    assert "unequal budgets (g_steps 9, minutes 1.0)" in capsys.readouterr().out, "a variant with its own budget"
    (tmp_path / "own.yaml").write_text(STUDY)
    device = expand(load_study("own.yaml"), device="cuda").cells
    assert sorted(cell.settings["budget"]["g_steps"] for cell in device) == budgets
    (tmp_path / "own.speeds.json").write_text("{}")
    with pytest.raises(UserError, match=r"own.speeds.json: damaged"):
        load_study("own.yaml")
