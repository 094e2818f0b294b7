"""A preset is given by name or by file, and a study can change it. An invalid preset gives a message."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from preset_data import data_set_of

from gan_bench import registry
from gan_bench.config.plan.cells import cell_id
from gan_bench.config.settings import validate_run_settings

OWN = Path(__file__).parent / "own"
PRESET, STILL, CODER = (str(OWN / f"{name}.py") for name in ("preset", "still", "coder"))

WRITTEN_OUT = {
    "model": {"name": "mlp", "latent_dim": 8},
    "loss": "least_squares",
    "tricks": ["flips", {"name": "input_noise", "sd": 0.2}],
    "g_optimizer": {"name": "adam", "lr": 1e-3},
    "d_optimizer": "sgd",
    "batch_size": 32,
    "ema": 0.9,
}


@pytest.fixture
def cells(small: dict, plan: Callable) -> Callable[..., list[Any]]:
    """Cells of the small study with these items of `variants`."""
    return lambda *variants, **changes: plan({**small, **changes, "variants": list(variants)}).cells


def test_a_preset_is_what_it_sets(cells: Callable) -> None:
    (named,), (written,) = cells(PRESET), cells(WRITTEN_OUT)
    assert named.settings == written.settings and named.id == written.id
    assert (named.variant, written.variant) == ("preset", "mlp · least_squares · +flips+input_noise · adam/sgd")
    assert cells({"preset": PRESET})[0].to_json() == named.to_json()
    assert (
        named.settings["batch_size"] == 32 and cells({"preset": PRESET, "batch_size": 8})[0].settings["batch_size"] == 8
    )


def test_a_file_is_looked_up_beside_the_study(small: dict, plan: Callable) -> None:
    small["variants"] = ["preset.py", {"preset": "preset.py", "loss": "minimax"}]
    assert [cell.variant for cell in plan(small, folder=OWN).cells] == ["preset", "preset · minimax"]


def test_changes_merge_into_the_preset_or_replace_its_parts(cells: Callable) -> None:
    before = cells(PRESET)[0].settings

    def after(**change: Any) -> dict[str, Any]:
        settings = cells({"preset": PRESET, **change})[0].settings
        return {key: value for key, value in settings.items() if value != before[key]}

    assert after(model={"g_widths": [8]}) == {"model": {**before["model"], "g_widths": [8]}}
    assert after(model="mlp") == {"model": {**before["model"], "latent_dim": 100}}
    assert after(optimizer={"lr": 0.5}) == {
        "g_optimizer": {**before["g_optimizer"], "lr": 0.5},
        "d_optimizer": {**before["d_optimizer"], "lr": 0.5},
    }
    both = after(g_optimizer={"lr": 0.1}, optimizer="sgd")
    assert both["g_optimizer"] == {"name": "sgd", "lr": 0.1, "momentum": 0.0} and "d_optimizer" not in both
    assert after(tricks=[]) == {"tricks": []}
    assert [ref["name"] for ref in after(tricks="label_smoothing")["tricks"]] == ["label_smoothing"]
    assert after(ema=None, d_steps=3) == {"ema": None, "d_steps": 3}
    assert after(budget={"epochs": 1}) == {"budget": {"epochs": 1.0}}


def test_lists_multiply_over_presets_and_changes(cells: Callable, tmp_path: Path) -> None:
    found = cells(
        {"preset": PRESET, "loss": ["minimax", "least_squares"], "tricks": [[], ["flips"], ["flips", "norm"]]}
    )
    assert [cell.variant for cell in found] == [
        "preset · minimax · no tricks",
        "preset · minimax · +flips",
        "preset · minimax · +flips+norm",
        "preset · no tricks",
        "preset · +flips",
        "preset · +flips+norm",
    ]
    assert len({cell.id for cell in found}) == 6
    (tmp_path / "other.py").write_text(Path(PRESET).read_text().replace("0.9,", "0.8,"))
    found = cells({"preset": [PRESET, str(tmp_path / "other.py")], "d_steps": [1, 2]})
    assert [(cell.variant, cell.settings["ema"]) for cell in found] == [
        ("preset · d_steps=1", 0.9),
        ("preset · d_steps=2", 0.9),
        ("other · d_steps=1", 0.8),
        ("other · d_steps=2", 0.8),
    ]


def test_equal_labels_are_told_apart_by_settings(cells: Callable) -> None:
    found = cells(
        PRESET, {"preset": PRESET, "ema": [None, 0.5]}, {"preset": PRESET, "tricks": ["flips", "input_noise"]}
    )
    assert [cell.variant for cell in found] == [
        "preset · ema=0.9 · sd=0.2",
        "preset · ema=null · sd=0.2",
        "preset · ema=0.5 · sd=0.2",
        "preset · ema=0.9 · sd=0.1",
    ]
    assert cells({"preset": PRESET, "name": "mine", "loss": "minimax"})[0].variant == "mine"


def test_an_override_calls_a_preset_by_its_name(small: dict, plan: Callable) -> None:
    small["variants"] = [PRESET, {"preset": PRESET, "loss": "minimax"}, *small["variants"]]
    small["overrides"] = [{"when": {"variant": "preset"}, "set": {"batch_size": 6}}]
    assert [cell.settings["batch_size"] for cell in plan(small).cells] == [6, 6, 64]


def test_the_method_of_a_preset_can_be_changed_and_drops_what_it_does_not_read(cells: Callable) -> None:
    (cell,) = cells({"preset": PRESET, "method": {"name": CODER, "depth": 3}})
    settings = cell.settings
    assert cell.variant == "preset · coder · adam" and cell.id.startswith("coder-mlp-adam-")
    assert settings["method"]["depth"] == 3 and settings["model"]["latent_dim"] == 8
    assert settings["loss"] is settings["penalty"] is settings["d_optimizer"] is settings["d_steps"] is None
    assert settings["ema"] is None and settings["tricks"] == []


@pytest.mark.parametrize(
    ("item", "parts"),
    [
        ("dcgann", ["variants[0]: unknown variants component 'dcgann'"]),
        ("none.py", ["variants[0]: variants: no component file 'none.py'"]),
        ({"preset": "dcgann"}, ["variants[0].preset: unknown variants component"]),
        ({"preset": 3}, ["variants[0].preset: 3 is not valid; the name of a preset"]),
        ({"preset": []}, ["variants[0].preset: []", "at least 1"]),
        ({"preset": PRESET, "los": "minimax"}, ["variants[0].los: unknown key 'los'; did you mean 'loss'"]),
        ({"preset": PRESET, "loss": {"w": 1}}, ["variants[0].loss.w: unknown setting of least_squares"]),
        ({"preset": PRESET, "optimizer": {"beta1": 0.1}}, ["variants[0].optimizer.beta1: unknown setting of sgd"]),
        ({"preset": PRESET, "loss": "hing"}, ["variants[0].loss: unknown losses component 'hing'"]),
        ({"preset": PRESET, "ema": 1.0}, ["variants[0].ema: 1.0", "below 1"]),
        (
            {"preset": PRESET, "method": STILL, "loss": "minimax"},
            ["variants[0].loss: preset 'preset': method 'still' has no use for loss; take it out."],
        ),
        ({"preset": PRESET, "method": {"steps": 3}}, ["variants[0].method.steps: unknown setting of adversarial"]),
        ({"prest": PRESET}, ["variants[0].prest: unknown key 'prest'; did you mean 'preset'"]),
    ],
)
def test_mistakes(item: Any, parts: list[str], small: dict, mistakes: Callable) -> None:
    sentences = mistakes({**small, "variants": [item]})
    assert all(any(part in sentence for sentence in sentences) for part in parts), sentences


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ('"loss": "least_squares"', '"loss": "hing"', "preset 'own.py': loss: unknown losses component"),
        ('"loss": "least_squares",', "", "loss: is missing"),
        ('"ema": 0.9', '"ema": [0.9, 0.5]', "ema: lists several values"),
        ('"ema": 0.9', '"budget": {"epochs": 1}', "must have 'set', a dictionary; valid keys:"),
        ('"set":', '"sets":', "must have 'set'"),
        ('"sd": 0.2', '"sd": -0.2', "preset 'own.py': tricks[0].sd: -0.2"),
    ],
)
def test_presets_that_are_not_well_made(
    old: str, new: str, part: str, small: dict, mistakes: Callable, tmp_path: Path
) -> None:
    text = Path(PRESET).read_text()
    assert old in text
    (tmp_path / "own.py").write_text(text.replace(old, new))
    (sentence,) = mistakes({**small, "variants": ["own.py"]}, folder=tmp_path)
    assert re.match(r"tiny\.yaml:\d+: variants\[0\]: preset", sentence) and part in sentence


def test_components_of_a_preset_lie_beside_it(small: dict, plan: Callable, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(Path(PRESET).read_text().replace('"flips"', '"turn.py"'))
    (tmp_path / "turn.py").write_text((registry.PACKAGE / "tricks/flips.py").read_text())
    (cell,) = plan({**small, "variants": [str(tmp_path / "own.py")]}).cells
    trick = cell.settings["tricks"][1]
    assert trick["name"] == str(tmp_path / "turn.py") and len(trick["digest"]) == 64
    assert cell.variant == "own"
    moved = copy.deepcopy(cell.settings)
    moved["tricks"][1]["name"] = "elsewhere/turn.py"
    assert cell_id(moved) == cell.id


def test_a_preset_that_cannot_run_on_a_data_set_names_both(small: dict, mistakes: Callable, tmp_path: Path) -> None:
    text = Path(PRESET).read_text().replace('[{"name": "input_noise", "sd": 0.2}, "flips"]', '["labels"]')
    (tmp_path / "own.py").write_text(text)
    small |= {"datasets": ["digits", {"name": "sunflowers", "label": "flowers"}], "variants": ["own.py"]}
    (sentence,) = mistakes(small, folder=tmp_path)
    assert "trick 'labels' with dataset 'sunflowers'" in sentence and "preset 'own' on data set 'flowers'" in sentence


@pytest.mark.parametrize("name", registry.names("variants"))
def test_every_preset_makes_a_run_that_is_valid_by_itself(name: str, small: dict, plan: Callable) -> None:
    small |= {"datasets": [data_set_of(name)], "variants": [name]}
    for cell in plan(small).cells:
        assert cell.variant == name
        assert validate_run_settings({**cell.settings, "seed": 0}) == {**cell.settings, "seed": 0}
