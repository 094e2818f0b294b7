"""An override changes the settings it names, in the runs that `when` selects. A wrong override gives a message."""

from collections.abc import Callable
from typing import Any

import pytest

from gan_bench.config.plan.grid import Plan


@pytest.fixture
def wide() -> dict[str, Any]:
    """A study of two data sets with a product of two losses and two optimizers, and a named variant."""
    return {
        "datasets": ["digits", {"name": "sunflowers", "label": "flowers"}],
        "variants": [
            {"model": "mlp", "loss": ["minimax", "least_squares"], "optimizer": ["adam", "sgd"]},
            {"name": "mixed", "model": "dcgan", "loss": "minimax", "g_optimizer": "adam", "d_optimizer": "sgd"},
        ],
        "seeds": 1,
        "budget": {"g_steps": 10},
    }


@pytest.fixture
def met(plan: Callable[..., Plan], wide: dict) -> Callable[[dict], list[str]]:
    """A function that returns the labels "dataset | variant" of the cells to which `when` applies."""

    def labels(when: dict[str, Any]) -> list[str]:
        cells = plan({**wide, "overrides": [{"when": when, "set": {"batch_size": 7}}]}).cells
        return [f"{c.dataset} | {c.variant}" for c in cells if c.settings["batch_size"] == 7]

    return labels


def test_when_meets_runs_that_agree_with_every_key(met: Callable) -> None:
    assert len(met({"dataset": "digits"})) == 5
    assert len(met({"dataset": ["digits", "flowers"]})) == 10
    assert met({"dataset": "flowers", "model": "mlp", "loss": "minimax"}) == [
        "flowers | mlp · minimax · adam",
        "flowers | mlp · minimax · sgd",
    ]
    assert met({"variant": "mixed", "dataset": "digits"}) == ["digits | mixed"]
    assert met({"variant": "mlp · minimax · adam"}) == [
        "digits | mlp · minimax · adam",
        "flowers | mlp · minimax · adam",
    ]
    assert len(met({"optimizer": "sgd"})) == 2 * 3, "either network's optimizer"
    assert len(met({"penalty": "none"})) == 10


def test_a_mapping_without_name_is_merged_and_one_with_a_name_replaces(wide: dict, plan: Callable) -> None:
    wide["variants"][0]["optimizer"] = [{"name": "adam", "lr": 0.1, "beta1": 0.2}]
    wide["overrides"] = [
        {"when": {"dataset": "digits", "model": "mlp"}, "set": {"optimizer": {"lr": 0.3}, "model": {"latent_dim": 8}}},
        {"when": {"dataset": "flowers", "model": "mlp"}, "set": {"optimizer": {"name": "adam", "lr": 0.3}}},
    ]
    cells = [cell for cell in plan(wide).cells if cell.variant != "mixed"]
    for cell in cells:
        adam = cell.settings["g_optimizer"]
        assert adam == cell.settings["d_optimizer"]
        assert (adam["lr"], adam["beta1"]) == ((0.3, 0.2) if cell.dataset == "digits" else (0.3, 0.5))
        assert cell.settings["model"]["latent_dim"] == (8 if cell.dataset == "digits" else 100)
        assert cell.settings["model"]["d_widths"] == [1024, 256]


def test_later_overrides_win_and_when_looks_at_the_runs_as_written(wide: dict, plan: Callable) -> None:
    wide["overrides"] = [
        {"when": {"loss": "minimax"}, "set": {"loss": "non_saturating", "batch_size": 8, "d_steps": 3}},
        {"when": {"loss": "minimax", "dataset": "digits"}, "set": {"batch_size": 16, "budget": {"epochs": 1}}},
    ]
    for cell in plan(wide).cells:
        loss, batch, steps = cell.settings["loss"]["name"], cell.settings["batch_size"], cell.settings["d_steps"]
        if "least_squares" in cell.variant:
            assert (loss, batch, steps) == ("least_squares", 64, 1)
        else:
            assert (loss, batch, steps) == ("non_saturating", 16 if cell.dataset == "digits" else 8, 3)
            assert cell.settings["budget"] == ({"epochs": 1.0} if cell.dataset == "digits" else {"g_steps": 10})


def test_one_optimizer_can_be_set_apart_beside_both(wide: dict, plan: Callable) -> None:
    change = {"g_optimizer": {"lr": 0.5}, "optimizer": {"name": "rmsprop", "lr": 0.1}}
    wide["overrides"] = [{"when": {"variant": "mixed"}, "set": change}]
    cell = next(cell for cell in plan(wide).cells if cell.variant == "mixed")
    assert cell.settings["g_optimizer"] == {"name": "rmsprop", "lr": 0.5, "alpha": 0.99, "eps": 1e-8}
    assert cell.settings["d_optimizer"]["lr"] == 0.1


def test_run_keys_of_an_override(wide: dict, plan: Callable) -> None:
    wide["overrides"] = [{"when": {"dataset": "digits"}, "set": {"log_points": 5, "snapshots": 4, "threads": 2}}]
    settings = plan(wide).cells[0].settings
    assert (settings["log_points"], settings["snapshots"], settings["threads"]) == (5, 4, 2)


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ({"when": {}, "set": {"d_steps": 2}}, ["overrides[0].when: is empty"]),
        ({"when": {"model": "mlp"}, "set": {}}, ["overrides[0].set: is empty"]),
        ({"when": {"model": "mlp"}}, ["overrides[0].set: is missing"]),
        ({"when": {"dataset": "digit"}, "set": {"d_steps": 2}}, ["overrides[0].when.dataset", "did you mean 'digits'"]),
        ({"when": {"dataset": "sunflowers"}, "set": {"d_steps": 2}}, ["overrides[0].when.dataset", "flowers"]),
        ({"when": {"loss": "wasserstein"}, "set": {"d_steps": 2}}, ["when.loss: unknown loss of this study"]),
        ({"when": {"variant": "mixd"}, "set": {"d_steps": 2}}, ["when.variant", "did you mean 'mixed'"]),
        ({"when": {"model": "dcgan", "loss": "least_squares"}, "set": {"d_steps": 2}}, ["matches no run"]),
        ({"when": {"seed": 1}, "set": {"d_steps": 2}}, ["when.seed: unknown key"]),
        ({"when": {"model": "mlp"}, "set": {"seeds": 2}}, ["set.seeds: unknown key"]),
        ({"when": {"model": "mlp"}, "set": {"d_steps": 0}}, ["set.d_steps: 0"]),
        ({"when": {"model": "mlp"}, "set": {"model": {"width": 8}}}, ["set.model.width: unknown setting of mlp"]),
        ({"when": {"model": "mlp"}, "set": {"optimizer": {"lr": -1.0}}}, ["set.optimizer.lr: -1.0", "above 0"]),
        ({"when": {"model": "mlp"}, "set": {"optimizer": {"momentum": 0.5}}}, ["unknown setting of adam: 'momentum'"]),
        ({"when": {"model": "mlp"}, "set": {"loss": "hing"}}, ["set.loss: unknown losses component 'hing'"]),
        ({"when": {"model": "mlp"}, "set": {"loss": {}}}, ["set.loss"]),
        ({"when": {"model": "mlp"}, "set": {"loss": {"name": "minimax", "a": 1}}}, ["set.loss.a: unknown setting"]),
        (
            {"when": {"model": "mlp"}, "set": {"budget": {"g_steps": 1, "images": 1}}},
            ["set.budget: has g_steps and images"],
        ),
        ({"when": {"model": "dcgan"}, "set": {"loss": "wasserstein"}}, ["variants[1].penalty", "after overrides[0]"]),
        ({"when": {"model": "mlp"}, "set": {"loss": "minimax"}}, ["variants[0]: lists the same settings twice"]),
    ],
)
def test_mistakes(override: dict, parts: list[str], wide: dict, mistakes: Callable) -> None:
    sentences = mistakes({**wide, "overrides": [override]})
    assert all(any(part in sentence for sentence in sentences) for part in parts), sentences


def test_a_wrong_override_does_not_hide_mistakes_elsewhere(wide: dict, mistakes: Callable) -> None:
    wide["overrides"] = [{"when": {"model": "mlp"}, "set": {"d_steps": 0}}]
    wide["variants"][0]["name"] = "mixed"
    wide["datasets"].append({"name": "mnist", "label": "digits"})
    sentences = " ".join(mistakes(wide))
    assert "d_steps: 0" in sentences and "is the name of variants[0] too" in sentences
    assert "is the label of datasets[0] too" in sentences
