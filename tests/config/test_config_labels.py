"""Labels of variants are as short as possible, and different for all variants of a study."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def labels(small: dict, plan: Callable) -> Callable[..., list[str]]:
    def made(*variants: dict[str, Any]) -> list[str]:
        defaults = {"model": "mlp", "loss": "minimax"}
        rest = [{**defaults, **({} if "g_optimizer" in v else {"optimizer": "sgd"}), **v} for v in variants]
        return [cell.variant for cell in plan({**small, "variants": rest}).cells]

    return made


def test_parts_that_differ_need_no_settings(labels: Callable) -> None:
    assert labels({"loss": ["minimax", "least_squares"], "penalty": ["none", "weight_clipping"]}) == [
        "mlp · minimax · sgd",
        "mlp · minimax · weight_clipping · sgd",
        "mlp · least_squares · sgd",
        "mlp · least_squares · weight_clipping · sgd",
    ]
    assert labels({"g_optimizer": "adam", "d_optimizer": "sgd"}) == ["mlp · minimax · adam/sgd"]


def test_method_and_tricks_are_part_of_a_label(labels: Callable) -> None:
    assert labels({"method": ["adversarial", "unrolled"], "tricks": [[], ["norm", "flips"]], "penalty": "r1"}) == [
        "mlp · minimax · r1 · sgd",
        "mlp · minimax · r1 · +flips+norm · sgd",
        "unrolled · mlp · minimax · r1 · sgd",
        "unrolled · mlp · minimax · r1 · +flips+norm · sgd",
    ]
    assert labels({"method": [{"name": "unrolled", "steps": k} for k in (1, 5)], "ema": [None, 0.9]}) == [
        "unrolled · mlp · minimax · sgd · ema=null · steps=1",
        "unrolled · mlp · minimax · sgd · ema=0.9 · steps=1",
        "unrolled · mlp · minimax · sgd · ema=null · steps=5",
        "unrolled · mlp · minimax · sgd · ema=0.9 · steps=5",
    ]
    assert labels({"name": "mine", "method": ["adversarial", "unrolled"], "tricks": [[], ["flips"]]}) == [
        "mine · adversarial · no tricks",
        "mine · adversarial · +flips",
        "mine · unrolled · no tricks",
        "mine · unrolled · +flips",
    ]


def test_settings_that_differ_are_shown(labels: Callable) -> None:
    rates = [{"name": "sgd", "lr": 0.05}, {"name": "sgd", "lr": 2e-4}]
    assert labels({"optimizer": rates}) == ["mlp · minimax · sgd · lr=0.05", "mlp · minimax · sgd · lr=0.0002"]
    assert labels({"d_steps": [1, 5]}) == ["mlp · minimax · sgd · d_steps=1", "mlp · minimax · sgd · d_steps=5"]
    assert labels({}, {"model": {"name": "mlp", "d_widths": [8, 4]}}, {"loss": "least_squares"}) == [
        "mlp · minimax · sgd · d_widths=[1024, 256]",
        "mlp · minimax · sgd · d_widths=[8, 4]",
        "mlp · least_squares · sgd",
    ]
    assert labels({}, {"budget": {"epochs": 2}}) == [
        "mlp · minimax · sgd · g_steps=10",
        "mlp · minimax · sgd · epochs=2.0",
    ]


def test_optimizers_that_differ_from_each_other_are_told_apart(labels: Callable) -> None:
    first, second = {"name": "sgd", "lr": 0.1}, {"name": "sgd", "lr": 0.2}
    assert labels({"g_optimizer": [first, second], "d_optimizer": [first, second]}) == [
        "mlp · minimax · sgd · d_optimizer_lr=0.1 · g_optimizer_lr=0.1",
        "mlp · minimax · sgd · d_optimizer_lr=0.2 · g_optimizer_lr=0.1",
        "mlp · minimax · sgd · d_optimizer_lr=0.1 · g_optimizer_lr=0.2",
        "mlp · minimax · sgd · d_optimizer_lr=0.2 · g_optimizer_lr=0.2",
    ]


def test_a_name_is_kept_and_extended_where_the_entry_is_a_product(labels: Callable) -> None:
    assert labels({"name": "wgan"}) == ["wgan"]
    assert labels({"name": "mine", "loss": ["minimax", {"name": "least_squares", "a": -1.0}]}) == [
        "mine · minimax",
        "mine · least_squares",
    ]
    assert labels({"name": "mine", "optimizer": ["adam", "sgd"], "batch_size": [8, 16]}) == [
        "mine · adam · batch_size=8",
        "mine · adam · batch_size=16",
        "mine · sgd · batch_size=8",
        "mine · sgd · batch_size=16",
    ]


def test_a_name_that_is_another_variant_s_label_is_extended(labels: Callable) -> None:
    found = labels({}, {"name": "mlp · minimax · sgd", "loss": "least_squares"})
    assert found == ["mlp · minimax · sgd · minimax", "mlp · minimax · sgd · least_squares"]


def test_a_name_may_stand_for_other_settings_on_another_data_set(
    small: dict, plan: Callable, mistakes: Callable
) -> None:
    def study(*variants: dict[str, Any]) -> dict[str, Any]:
        rest = [{"model": "mlp", "loss": "minimax", "optimizer": "sgd", **variant} for variant in variants]
        return {**small, "datasets": ["digits", "ring"], "variants": rest}

    first = {"name": "ours", "datasets": "digits"}
    cells = plan(study(first, {"name": "ours", "datasets": "ring", "batch_size": 8})).cells
    assert [(c.dataset, c.variant, c.settings["batch_size"]) for c in cells] == [
        ("digits", "ours", 64),
        ("ring", "ours", 8),
    ]
    two = plan(study(first, {"name": "ours", "datasets": "ring", "batch_size": [8, 16]})).cells
    assert [cell.variant for cell in two] == ["ours", "ours · batch_size=8", "ours · batch_size=16"]
    for other in (None, ["ring", "digits"]):
        (sentence,) = mistakes(study(first, {"name": "ours", "batch_size": 8} | ({"datasets": other} if other else {})))
        assert (
            "variants[1].name: 'ours' is the name of variants[0] too; give it another name or other data sets."
            in sentence
        )
