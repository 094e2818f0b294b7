"""Settings of one run are checked as strictly as a study, and completed. Complete settings stay unchanged."""

from typing import Any

import pytest

from gan_bench.config.load import load_study
from gan_bench.config.plan.grid import expand
from gan_bench.config.settings import validate_run_settings
from gan_bench.errors import UserError


@pytest.fixture
def run() -> dict[str, Any]:
    return {
        "dataset": "digits",
        "model": {"name": "mlp", "latent_dim": 8},
        "loss": "non_saturating",
        "g_optimizer": "adam",
        "d_optimizer": {"name": "sgd", "lr": 0.1},
        "budget": {"images": 6400},
        "seed": 3,
    }


def test_defaults_are_filled_in(run: dict) -> None:
    found = validate_run_settings(run)
    assert found["dataset"] == {"name": "digits", "size": 8, "test_fraction": 0.3}
    assert found["penalty"] == {"name": "none"}
    assert found["d_optimizer"] == {"name": "sgd", "lr": 0.1, "momentum": 0.0}
    assert (found["d_steps"], found["batch_size"], found["budget"]) == (1, 64, {"images": 6400})
    assert (found["log_points"], found["snapshots"], found["threads"], found["device"]) == (200, 12, 1, "cpu")
    assert validate_run_settings(found) == found


@pytest.mark.parametrize("study", ["demo", "mnist_quick", "my_folder"])
def test_what_a_study_makes_is_valid_and_complete(study: str) -> None:
    for cell in expand(load_study(study)).cells:
        settings = {**cell.settings, "seed": 0}
        assert validate_run_settings(settings) == settings


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"sed": 1}, "sed: unknown key 'sed'; did you mean 'seed'"),
        ({"seed": True}, "seed: true is not valid"),
        ({"seed": -1}, "seed: -1 is not valid; a value of at least 0"),
        ({"model": {"name": "mlp", "latent_dim": 8.0}}, "model.latent_dim: 8.0"),
        ({"model": {"name": "mlp", "width": 8}}, "model.width: unknown setting of mlp"),
        ({"loss": "hing"}, "loss: unknown losses component 'hing'"),
        ({"loss": "wasserstein"}, "penalty: loss 'wasserstein' with penalty 'none'"),
        ({"budget": {"g_steps": 1, "epochs": 1.0}}, "budget: has g_steps and epochs"),
        ({"budget": {"epochs": float("nan")}}, "budget.epochs"),
        ({"device": "gpu"}, "device: 'gpu' is not valid; one of 'cpu' or 'cuda'"),
        ({"dataset": ["digits"]}, "dataset"),
        ({"d_optimizer": None}, "d_optimizer: is empty"),
        ({"optimizer": "adam"}, "optimizer: unknown key"),
    ],
)
def test_mistakes_name_their_key(change: dict, part: str, run: dict) -> None:
    with pytest.raises(UserError) as caught:
        validate_run_settings({**run, **change})
    (sentence,) = caught.value.sentences
    assert sentence.startswith("settings: ") and part in sentence


def test_all_mistakes_at_once(run: dict) -> None:
    del run["seed"]
    with pytest.raises(UserError) as caught:
        validate_run_settings({**run, "d_steps": 0, "threads": "two"}, title="settings.json")
    assert len(caught.value.sentences) == 3
    assert all(sentence.startswith("settings.json: ") for sentence in caught.value.sentences)


@pytest.mark.parametrize("nothing", [None, [], "demo", 3])
def test_what_is_no_mapping(nothing: object) -> None:
    with pytest.raises(UserError, match="a mapping of a run's settings is needed"):
        validate_run_settings(nothing)
