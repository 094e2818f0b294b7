"""A command writes the schema and the reference page of studies. Both agree with the code's types and components."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from gan_bench import registry
from gan_bench.config.document.__main__ import write_documents
from gan_bench.config.document.reference_page import reference_text
from gan_bench.config.document.schema import study_schema
from gan_bench.config.grammar.component_settings import RESERVED, checked_settings
from gan_bench.config.grammar.yaml_source import read_yaml
from gan_bench.errors import UserError

STUDIES = sorted((Path(__file__).resolve().parents[2] / "config" / "studies").glob("*.yaml"))


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = study_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_documents_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    write_documents(tmp_path)
    assert json.loads((tmp_path / "schema.json").read_text()) == study_schema()
    assert (tmp_path / "reference.md").read_text() == reference_text()


def test_documents_are_not_under_version_control(root: Path) -> None:
    """Schema and reference page are generated from the code. So a new component needs only one new file."""
    assert {"config/schema.json", "config/reference.md"} <= set((root / ".gitignore").read_text().split())


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.stem)
def test_published_studies_follow_the_schema_and_name_it(file: Path, validator) -> None:
    text = file.read_text()
    assert text.splitlines()[0] == "# yaml-language-server: $schema=../schema.json"
    assert not list(validator.iter_errors(read_yaml(text, "study").data))


def test_what_the_schema_refuses_the_loader_refuses(small: dict, read: Callable, validator) -> None:
    """Every study that the schema refuses is also refused by the loader. The loader refuses more."""
    assert not list(validator.iter_errors(small))
    changes = [
        ("seeds", 0),
        ("seeds", [1, 1]),
        ("seeds", []),
        ("budget", {}),
        ("budget", {"g_steps": 1, "images": 1}),
        ("budget", {"g_steps": 0}),
        ("batch_size", 1),
        ("chunk", "4"),
        ("sede", 3),
        ("datasets", ["nowhere"]),
        ("datasets", ["image_folder"]),
        ("datasets", [{"name": "digits", "size": 9}]),
        ("datasets", [{"name": "digits", "label": "a b"}]),
        ("variants", []),
        ("variants", [{"model": "mlp", "loss": "minimax", "optimizer": {"name": "adam", "lr": 0}}]),
        ("variants", [{"model": "mlp", "loss": "minimax", "optimizer": {"name": "adam", "beta1": 1.5}}]),
        ("variants", [{"model": "mlp", "loss": ["minimax", "hing"], "optimizer": "adam"}]),
        ("variants", [{"model": {"name": "mlp", "d_widths": []}, "loss": "minimax", "optimizer": "adam"}]),
        ("variants", ["no_such_preset"]),
        ("variants", [{"preset": "own.py", "los": "minimax"}]),
        ("variants", [{"preset": "own.py", "loss": {}}]),
        ("variants", [{"preset": []}]),
        ("variants", [{"model": "mlp", "loss": "minimax", "optimizer": "adam", "tricks": ["flip"]}]),
        ("variants", [{"model": "mlp", "loss": "minimax", "optimizer": "adam", "tricks": [[], ["flip"]]}]),
        ("variants", [{"model": "mlp", "loss": "minimax", "optimizer": "adam", "ema": 1.0}]),
        ("variants", [{"model": {"latent_dim": 3}, "loss": "minimax", "optimizer": "adam"}]),
        ("overrides", [{"when": {"model": "mlp"}, "set": {"tricks": "flips"}}]),
        ("overrides", [{"when": {"model": "mlp"}, "set": {"ema": 0}}]),
        ("overrides", [{"when": {"model": "mlp"}}]),
        ("overrides", [{"when": {"model": "mlp"}, "set": {"loss": {}}}]),
        ("evaluation", {"split": "val"}),
        ("evaluation", {"metrics": []}),
        ("figures", ["none_such"]),
    ]
    for key, value in changes:
        changed = copy.deepcopy(small) | {key: value}
        assert list(validator.iter_errors(changed)), (key, value)
        with pytest.raises(UserError):
            read(changed)


def test_what_the_loader_takes_the_schema_takes(small: dict, read: Callable, validator) -> None:
    small |= {
        "seeds": [4, 2],
        "budget": {"epochs": 0.5},
        "evaluation": {"extractor": {"name": "random_conv", "width": 8}, "n_samples": None},
        "overrides": [
            {
                "when": {"loss": ["minimax"]},
                "set": {"g_optimizer": {"lr": 0.1}, "model": "mlp", "budget": {"images": 9}},
            }
        ],
    }
    small["variants"][0] |= {
        "loss": ["minimax", "least_squares"],
        "d_steps": [1, 2],
        "batch_size": 8,
        "datasets": "digits",
    }
    preset = str(Path(__file__).parent / "own/preset.py")
    small["variants"] += [
        preset,
        {"preset": [preset], "tricks": [[], ["norm"]], "ema": [None, 0.5], "optimizer": {"lr": 0.1}, "name": "b"},
        {"model": "mlp", "loss": "minimax", "optimizer": "adam", "tricks": "flips", "method": "adversarial"},
        {"model": "mlp", "loss": "minimax", "optimizer": "sgd", "tricks": [{"name": "flips", "p": 0.1}], "ema": 0.9},
    ]
    small["overrides"].append({"when": {"trick": "flips"}, "set": {"tricks": ["flips"], "ema": None}})
    read(small)
    assert not list(validator.iter_errors(small))
    own = {"name": "my.py", "anything": 3}
    assert not list(validator.iter_errors(small | {"datasets": ["my.py", own]}))


@pytest.mark.parametrize(
    "component",
    [component for axis in registry.AXES for component in registry.components(axis)],
    ids=lambda component: f"{component.axis}-{component.name}",
)
def test_declared_settings_and_defaults_obey_their_own_rules(component, validator) -> None:
    places = {"path", "weights"} & set(component.settings) if component.axis in ("data", "features") else set()
    required = dict.fromkeys(places, "anywhere")
    found = checked_settings(component, required)
    assert set(found) == set(component.settings)
    assert not set(found) & set(RESERVED)
    axis = {"$ref": f"#/$defs/{component.axis} component", "$defs": validator.schema["$defs"]}
    if component.axis == "variants":  # changes of a preset are in the same mapping as its name
        assert jsonschema.Draft202012Validator(axis).is_valid(component.name)
        return
    assert jsonschema.Draft202012Validator(axis).is_valid({"name": component.name, **found})


def test_the_reference_names_every_component_and_setting() -> None:
    text = reference_text()
    for axis in registry.AXES:
        for component in registry.components(axis):
            assert f"**{component.name}**" in text
            assert all(f"| `{name}` |" in text for name in component.settings)


def test_every_link_of_the_reference_leads_to_a_section_of_it() -> None:
    text = reference_text()
    titles = [line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#")]
    anchors = {re.sub(r"[^a-z0-9_-]", "", title.lower().replace(" ", "-")) for title in titles}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= anchors
