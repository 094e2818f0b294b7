"""A key, a name or a document in the wrong place: the message says which place or name is right."""

import pytest

from gan_bench.config.load import load_study, parse_study
from gan_bench.config.settings import validate_run_settings
from gan_bench.errors import UserError
from gan_bench.registry import component

MISPLACED = """
datasets: [digits]
variants:
  - {model: mlp, loss: hinge, optimizer: adam, lr: 0.1}
  - {model: mlp, loss: hinge, optimizer: adam, seeds: 3}
seeds: 2
metrics: [one_nn]
loss: hinge
budget: {g_steps: 4, batch_size: 3}
"""


def test_a_key_at_the_wrong_level_names_its_place():
    with pytest.raises(UserError) as raised:
        parse_study(MISPLACED, "small")
    sentences = dict(zip(("lr", "seeds", "metrics", "loss", "batch_size"), raised.value.sentences, strict=False))
    assert "`lr` is a setting of a component: `optimizer: {name: adam, lr: ...}`" in sentences["lr"]
    assert "`seeds` belongs at the top of the study" in sentences["seeds"]
    assert "unknown key 'metrics'; `metrics` belongs under `evaluation`. Valid: batch_size" in sentences["metrics"]
    assert "`loss` belongs in an item of `variants`" in sentences["loss"]
    assert "`batch_size` belongs at the top of the study" in sentences["batch_size"]


@pytest.mark.parametrize(
    ("axis", "name", "words"),
    [
        ("losses", "lsgan", "its name here is 'least_squares'"),
        ("variants", "mlp", "'mlp' is one of the models"),
        ("models", "MLP", "did you mean 'mlp'"),
    ],
)
def test_another_name_of_a_component_answers_with_the_one_here(axis, name, words):
    with pytest.raises(UserError, match=words):
        component(axis, name)


def test_a_document_of_another_kind_is_named(tmp_path):
    plan = {"study": "demo", "cells": [], "datasets": {}, "evaluation": {}}
    with pytest.raises(UserError, match="a plan given for settings; settings are settings"):
        validate_run_settings(plan, title="given.json")
    settings = "{dataset: digits, method: adversarial, model: mlp, seed: 1}"
    with pytest.raises(UserError, match="settings given for a study; a study is a YAML file"):
        parse_study(settings, "small")
    (tmp_path / "plan.json").touch()
    with pytest.raises(UserError, match="this is a folder of results; give the study's file or its name"):
        load_study(tmp_path)
