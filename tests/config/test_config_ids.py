"""The id of a run depends only on its settings."""

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from gan_bench.config.grammar.yaml_source import read_yaml
from gan_bench.config.load import load_study
from gan_bench.config.plan.cells import cell_id, dataset_id
from gan_bench.config.plan.grid import Plan, expand
from gan_bench.files import canonical_json

MakePlan = Callable[..., Plan]


def test_an_id_is_names_and_the_digest_of_the_canonical_settings(small: dict, plan: MakePlan) -> None:
    cell = plan(small).cells[0]
    text = json.dumps(cell.settings, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    assert cell.id == f"dcgan-non_saturating-adam-{digest}"
    ref = cell.settings["dataset"]
    text = json.dumps(ref, sort_keys=True, separators=(",", ":"))
    assert dataset_id(ref) == f"digits-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def test_penalty_and_second_optimizer_are_named_where_they_are_there(small: dict, plan: MakePlan) -> None:
    variant = small["variants"][0]
    variant |= {"penalty": "weight_clipping", "g_optimizer": "adam", "d_optimizer": "sgd"}
    del variant["optimizer"]
    assert plan(small).cells[0].id.startswith("dcgan-non_saturating-weight_clipping-adam-sgd-")
    variant["d_optimizer"] = {"name": "adam", "lr": 0.1}
    assert plan(small).cells[0].id.startswith("dcgan-non_saturating-weight_clipping-adam-")
    variant |= {"method": "unrolled", "penalty": "none", "tricks": ["flips"], "ema": 0.9}
    named = plan(small).cells[0].id
    assert named.startswith("unrolled-dcgan-non_saturating-adam-") and named.count("-") == 4
    for change in (
        {"tricks": []},
        {"ema": 0.99},
        {"tricks": [{"name": "flips", "p": 0.1}]},
        {"method": {"name": "unrolled", "steps": 2}},
    ):
        assert plan({**small, "variants": [{**variant, **change}]}).cells[0].id != named


def _reordered(value: Any) -> Any:
    """The same data with the keys of every mapping in the opposite order."""
    if isinstance(value, dict):
        return {key: _reordered(value[key]) for key in reversed(value)}
    return [_reordered(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("study", ["demo", "mnist_quick", "my_folder"])
def test_key_order_does_not_change_the_plan(study: str, root, plan: MakePlan) -> None:
    data = read_yaml((root / f"config/studies/{study}.yaml").read_text(), "study").data
    first, second = plan(data).to_json(), plan(_reordered(data)).to_json()
    assert canonical_json(first) == canonical_json(second)
    assert json.dumps(first) == json.dumps(second)


def test_name_of_the_study_description_and_other_variants_do_not_change_ids(small: dict, plan: MakePlan) -> None:
    cell = plan(small).cells[0]
    other = copy.deepcopy(small)
    other |= {"description": "else", "seeds": [7], "chunk": 1, "figures": [], "evaluation": {"metrics": ["one_nn"]}}
    other["datasets"] = ["sunflowers", {"name": "digits", "label": "zahlen"}]
    other["variants"].insert(0, {"model": "mlp", "loss": "minimax", "optimizer": "sgd"})
    other["overrides"] = [{"when": {"dataset": "sunflowers"}, "set": {"batch_size": 8}}]
    found = plan(other, name="elsewhere")
    assert [c.id for c in found.cells if c.dataset == "zahlen"][1] == cell.id
    assert found.datasets["zahlen"]["id"] == plan(small).datasets["digits"]["id"]


def test_writing_a_default_or_an_equal_number_changes_nothing(small: dict, plan: MakePlan) -> None:
    same = copy.deepcopy(small)
    same["variants"][0] |= {"d_steps": 1, "batch_size": 64, "model": {"name": "dcgan", "width": 16, "latent_dim": 100}}
    same["variants"][0]["optimizer"] = {"name": "adam", "lr": 2e-4, "beta1": 0.5}
    assert plan(same).cells[0].id == plan(small).cells[0].id
    small["variants"][0]["optimizer"] = {"name": "sgd", "lr": 1}
    same["variants"][0]["optimizer"] = {"name": "sgd", "lr": 1.0}
    assert plan(same).cells[0].id == plan(small).cells[0].id
    small["budget"], same["budget"] = {"epochs": 3}, {"epochs": 3.0}
    assert plan(same).cells[0].id == plan(small).cells[0].id
    small["variants"][0]["loss"] = {"name": "least_squares", "a": 0.0}
    same["variants"][0]["loss"] = {"name": "least_squares", "a": -0.0}
    assert plan(same).cells[0].id == plan(small).cells[0].id


def _leaves(value: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for key, item in value.items():
        found += _leaves(item, (*path, key)) if isinstance(item, dict) else [(*path, key)]
    return found


def test_every_setting_is_part_of_the_id(small: dict, plan: MakePlan) -> None:
    settings = plan(small).cells[0].settings
    ids = {cell_id(settings)}
    leaves = _leaves(settings)
    for path in leaves:
        changed = copy.deepcopy(settings)
        place = changed
        for key in path[:-1]:
            place = place[key]
        old = place[path[-1]]
        place[path[-1]] = old + 1 if isinstance(old, int | float) else f"{old}x"
        ids.add(cell_id(changed))
    assert len(ids) == len(leaves) + 1 > 20


def test_the_device_is_part_of_the_settings(small: dict, read: Callable) -> None:
    study = read(small)
    assert expand(study).cells[0].settings["device"] == "cpu"
    assert expand(study, device="cuda").cells[0].settings["device"] == "cuda"
    assert expand(study, device="cuda").cells[0].id != expand(study).cells[0].id


def test_ids_do_not_depend_on_the_process() -> None:
    import subprocess
    import sys

    code = (
        "from gan_bench.config.load import load_study; from gan_bench.config.plan.grid import expand;"
        "print(expand(load_study('demo')).to_json()['config_digest'])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": s}
        )
        for s in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout == expand(load_study("demo")).to_json()["config_digest"] + "\n"
